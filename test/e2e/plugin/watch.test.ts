import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import stringWidth from 'string-width';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { assertInOrder, canaryOf, initializedCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { installedPlugin } from './installed-plugin.ts';
import { onATerminal } from './on-a-terminal.ts';

const QUICK = { interval: '1s', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };
/** It is not over before somebody has begun to watch. */
const GATED = { ...QUICK, webhooks: [{ name: 'qa', type: 'confirm-promotion' }] };
const SLOW = { ...QUICK, interval: '1h' };
const ENTER = '\u001B[?1049h';
const LEAVE = '\u001B[?1049l';
const SHOW_CURSOR = '\u001B[?25h';

describe('kubectl canary watch', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('watch');
  const plugin = installedPlugin();
  const here = ['-n', namespace];
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  const initialized = (name: string, analysis: object) => initializedCanary(server, namespace, name, { analysis });
  const change = (name: string, image = 'scale.test/second') =>
    kubectl(...here, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
  const onTerminal = (name: string, columns: number, rows: number) =>
    onATerminal(['kubectl', 'canary', 'watch', name, ...here], { columns, rows, env: { PATH: plugin.path() } });

  it('tells off a terminal each change in a line with its time, until the revision is promoted', async () => {
    const name = 'logged';
    await initialized(name, GATED);
    await change(name);
    const env = { PATH: plugin.path() };
    const watch = execa('kubectl', ['canary', 'watch', name, '--v=6', ...here], { env, reject: false });
    await once(watch.stdout, 'data');
    await plugin.ok('approve', 'qa', name, ...here);
    const { exitCode, stdout, stderr } = await watch;
    assert.equal(exitCode, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    const start = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z logged /;
    for (const line of lines) assert.match(line, start);
    assert.ok(!stdout.includes('\u001B'));
    const told = lines.map((line) => line.replace(start, ''));
    assertInOrder(told, [
      /^weight .*\b50%/,
      /^phase Promoting/,
      /^phase Succeeded/,
      /^waits for a new revision of Deployment\/logged/,
    ]);
    assert.equal(new Set(lines).size, lines.length);
    // Each list and each watch is told once; watches that are broken off at the end are told with status 0.
    const requests = stderr.trimEnd().split('\n');
    assert.ok(requests.length <= 4 + 4 + 4, stderr);
    assert.ok(requests.filter((line) => line.includes(' GET 200 ')).length <= 4 + 4, stderr);
  });

  it('shows on a terminal a screen, at most five times a second, and the end on the usual one', async () => {
    const name = 'shown';
    await initialized(name, GATED);
    await change(name);
    const begun = performance.now();
    const terminal = onTerminal(name, 100, 40);
    await terminal.until(() => terminal.frames().length > 2, 'painted again and again');
    await plugin.ok('approve', 'qa', name, ...here);
    assert.equal(await terminal.exitCode(), 0, terminal.text());
    const seconds = (performance.now() - begun) / 1000;
    const text = terminal.text();
    assert.equal(text.split(ENTER).length, 2);
    assert.equal(text.split(LEAVE).length, 2);
    const [, after_ = ''] = text.split(LEAVE);
    assert.match(after_, /^Canary +.*shown.* in /);
    assert.match(after_, /Succeeded/);
    const frames = terminal.frames();
    assert.ok(frames.length >= 3, `only ${frames.length} frames`);
    // A busy machine may read them late, and so closer together than they were painted; but no more of them.
    assert.ok(frames.length <= 5 * seconds + 1, `${frames.length} frames in ${seconds} s`);
  });

  it('fits the terminal, follows its size, and gives it back with Ctrl-C', async () => {
    const name = 'resized';
    await initialized(name, SLOW);
    await change(name);
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 10, 'at weight 10');
    const terminal = onTerminal(name, 90, 30);
    const last = () => sizeOf(terminal.frames().at(-2) ?? '');
    await terminal.until(() => last().rows === 30, 'a frame of 30 rows');
    assert.ok(last().columns <= 90);
    terminal.resize(44, 12);
    await terminal.until(() => last().rows === 12, 'a frame of 12 rows');
    assert.ok(last().columns <= 44, JSON.stringify(last()));
    const seen = terminal.frames().length;
    await terminal.until(() => terminal.frames().length > seen + 2, 'painted while nothing but the time changes');
    terminal.interrupt();
    assert.equal(await terminal.exitCode(), 130);
    const text = terminal.text();
    assert.ok(text.lastIndexOf(LEAVE) > text.lastIndexOf(ENTER));
    assert.ok(text.lastIndexOf(SHOW_CURSOR) > text.lastIndexOf('\u001B[?25l'));
    assert.ok(!text.slice(text.lastIndexOf(LEAVE)).includes('\u001B[H'));
  });
});

describe('kubectl canary events --watch', {
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('events');
  const plugin = installedPlugin();

  it('has what was told, and goes on with what is told until Ctrl-C', async () => {
    const server = await apiServer();
    const name = 'told';
    await apply(scaleDeployment(namespace, name, 1), canaryOf(namespace, { analysis: SLOW }, name));
    await untilPhase(server, namespace, name, 'Initialized');
    server.close();
    const command = ['kubectl', 'canary', 'events', name, '--watch', '-n', namespace];
    const terminal = onATerminal(command, { columns: 120, rows: 40, env: { PATH: plugin.path() } });
    await terminal.until((is) => /Initialize +Canary told\.\S+ is initialized/.test(is.text()), 'what was told');
    await kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, 'nothing=scale.test/second');
    await terminal.until((is) => /Advance +Advance told\.\S+ canary weight 10/.test(is.text()), 'what is told');
    terminal.interrupt();
    assert.equal(await terminal.exitCode(), 130);
    assert.equal(terminal.text().match(/LAST +TYPE/g)?.length, 1, terminal.text());
  });
});

/** What a frame takes of the screen. */
function sizeOf(frame: string): { readonly rows: number; readonly columns: number } {
  // oxlint-disable-next-line no-control-regex
  const lines = frame.replaceAll(/\u001B\[[?\d]*[HKhlJ]/g, '').split('\r\n');
  return { rows: lines.length, columns: Math.max(...lines.map((line) => stringWidth(line))) };
}
