// Waiting for releases with pods that are ready at once, and what it exits with.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, initializedCanary, readCanary, untilStatus } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

const QUICK = { interval: '1s', threshold: 1, stepWeights: [10, 50], drainSeconds: 0 };
const SLOW = { ...QUICK, interval: '1h' };
const GATED = { ...QUICK, webhooks: [{ name: 'qa', type: 'confirm-promotion' }] };
const NO_HOOK = { name: 'nobody', type: 'rollout', url: 'http://127.0.0.1:1/' };

describe('kubectl canary wait', {
  concurrency: 2,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('wait');
  const plugin = installedPlugin();
  const inNamespace = ['-n', namespace];
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  const initialized = (name: string, analysis: object) => initializedCanary(server, namespace, name, { analysis });

  const change = (name: string, image: string) =>
    kubectl(...inNamespace, 'set', 'image', `deployment/${name}`, `nothing=scale.test/${image}`);
  const ask = (canary: string, action: string, revision: string, more: object = {}) =>
    apply({
      ...{
        apiVersion: 'flagger.app/v1beta1',
        kind: 'CanaryAction',
        metadata: { name: `${canary}-${action}`, namespace },
      },
      spec: { canary, action, revision, ...more },
    });
  const wait = (...args: readonly string[]) => plugin.run(['wait', ...args, ...inNamespace]);

  /** A wait that goes on, and what it has said so far. */
  function waiting(...args: readonly string[]): { child: ChildProcess; said: { out: string; err: string } } {
    const child = spawn('kubectl', ['canary', 'wait', ...args, ...inNamespace], {
      env: { ...process.env, PATH: plugin.path() },
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.err += chunk));
    return { child, said };
  }

  async function exitOf({ child }: { readonly child: ChildProcess }): Promise<number | null> {
    if (child.exitCode === null) await once(child, 'close');
    return child.exitCode;
  }

  it('tells each change, and returns with the promotion of what was just changed', async () => {
    const name = 'promoted';
    await initialized(name, QUICK);
    // The controller sees the change, and does not begin with it: all that the status has is of before.
    const suspend = (suspended: boolean) =>
      kubectl(
        ...inNamespace,
        'patch',
        'canary',
        name,
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { suspend: suspended } }),
      );
    await suspend(true);
    await change(name, 'second');
    const held = await wait(name);
    assert.deepEqual(
      [held.exitCode, held.stdout],
      [5, 'canary.flagger.app/promoted suspended: spec.suspend is true\n'],
    );
    const going = waiting(name, '--past-gates', '--timeout=120s');
    await eventually(
      async () => assert.match(going.said.err, /has not (begun with|seen) the last change of the/),
      30_000,
    );
    assert.equal(going.child.exitCode, null);
    const { status: { lastAppliedSpec: first } = {} } = await readCanary(server, namespace, name);
    await suspend(false);
    assert.equal(await exitOf(going), 0, going.said.err);
    const { status: { lastAppliedSpec: second = '' } = {} } = await readCanary(server, namespace, name);
    assert.notEqual(second, first);
    assert.equal(going.said.out, `canary.flagger.app/${name} promoted: revision ${second.slice(0, 10)}\n`);
    assert.match(going.said.err, /^canary.flagger.app\/promoted: Progressing, step 1\/2, weight 10, .*$/m);
    assert.match(going.said.err, /^canary.flagger.app\/promoted: Promoting\b.*$/m);
    const again = await wait(name, '--for=promoted', '--revision', second.slice(0, 10));
    assert.deepEqual([again.exitCode, again.stdout], [0, going.said.out]);
  });

  it('exits with 4 when the release fails', async () => {
    const name = 'failed';
    await initialized(name, { ...QUICK, webhooks: [NO_HOOK] });
    await change(name, 'second');
    const { exitCode, stdout } = await wait(name, '--timeout=120s');
    assert.match(stdout, /^canary.flagger.app\/failed failed: ThresholdReached: [^\n]+\n$/);
    assert.equal(exitCode, 4);
    const finished = await wait(name, '--for=finished');
    assert.deepEqual([finished.exitCode, finished.stdout], [0, stdout]);
  });

  it('exits with 5 at a gate, and goes on past it where it is told to', async () => {
    const name = 'gated';
    await initialized(name, GATED);
    await change(name, 'second');
    const { exitCode, stdout } = await wait(name, '--timeout=120s');
    const gate = 'canary.flagger.app/gated at gate qa, which a person has to approve\n';
    assert.deepEqual([exitCode, stdout], [5, gate]);
    const atGate = await wait(name, '--for=gate=qa');
    assert.deepEqual([atGate.exitCode, atGate.stdout], [0, 'canary.flagger.app/gated at gate qa\n']);
    const going = waiting(name, '--past-gates', '--timeout=120s');
    await eventually(async () => assert.match(going.said.err, /Approval qa$/m), 30_000);
    const { status } = await readCanary(server, namespace, name);
    await ask(name, 'approve', status?.lastAppliedSpec ?? '', { gate: 'qa' });
    assert.equal(await exitOf(going), 0, going.said.err);
    assert.match(going.said.out, /^canary.flagger.app\/gated promoted: /);
  });

  it('exits with 124 when the time is over, and with 130 on Ctrl-C', async () => {
    const name = 'slow';
    await initialized(name, SLOW);
    await change(name, 'second');
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 10, 'at weight 10');
    const { exitCode, stdout, stderr } = await wait(name, '--timeout=1s');
    assert.deepEqual([exitCode, stdout], [124, '']);
    assert.match(
      stderr,
      /^error: timed out after 1s: canary.flagger.app\/slow is not promoted: Progressing, step 1\/2, .*$/m,
    );
    const weight = await wait(name, '--for=weight=10');
    assert.deepEqual([weight.exitCode, weight.stdout], [0, 'canary.flagger.app/slow at weight 10\n']);
    const interrupted = waiting(name);
    await eventually(async () => assert.match(interrupted.said.err, /Progressing/), 30_000);
    interrupted.child.kill('SIGINT');
    assert.equal(await exitOf(interrupted), 130);
    assert.doesNotMatch(interrupted.said.err, /error/);
  });

  it('of one revision is not satisfied by a newer one', async () => {
    const name = 'pinned';
    await initialized(name, SLOW);
    await change(name, 'second');
    const atTen = ({ actualWeight }: CanaryStatus) => actualWeight === 10;
    const { lastAppliedSpec: second = '' } = await untilStatus(server, namespace, name, atTen, 'at weight 10');
    const pinned = waiting(name, '--revision', second);
    await eventually(async () => assert.match(pinned.said.err, /step 1\/2/), 30_000);
    await change(name, 'third');
    assert.equal(await exitOf(pinned), 4, pinned.said.err);
    assert.match(
      pinned.said.out,
      new RegExp(`^canary.flagger.app/pinned superseded: revision ${second.slice(0, 10)}[:, ]`),
    );
    const isThird = (status: CanaryStatus) => atTen(status) && status.lastAppliedSpec !== second;
    await untilStatus(server, namespace, name, isThird, 'at weight 10 again');
    const { status } = await readCanary(server, namespace, name);
    await ask(name, 'pause', status?.lastAppliedSpec ?? '');
    const paused = await wait(name, '--for=paused', '--timeout=60s');
    assert.equal(paused.exitCode, 0);
    assert.match(paused.stdout, /^canary.flagger.app\/pinned paused by \S+\n$/);
    const person = await wait(name);
    assert.equal(person.exitCode, 5);
    assert.match(person.stdout, /paused by \S+, until a person resumes it\n$/);
  });

  it('waits for several, and exits with the worst of what they came to', async () => {
    for (const name of ['one', 'two']) {
      const canary = canaryOf(namespace, {}, name) as { metadata: object };
      await apply({ ...canary, metadata: { ...canary.metadata, labels: { wait: 'several' } } });
    }
    const both = waiting('-l', 'wait=several', '--for=deleted');
    await eventually(async () => assert.equal(both.said.err.trim().split('\n').length, 2), 30_000);
    await kubectl(...inNamespace, 'delete', 'canary', 'one', 'two', '--wait=false');
    assert.equal(await exitOf(both), 0);
    assert.deepEqual(both.said.out.trim().split('\n').toSorted(), [
      'canary.flagger.app/one deleted',
      'canary.flagger.app/two deleted',
    ]);
    const gone = await wait('one', 'none', '--for=deleted');
    assert.deepEqual(gone, { exitCode: 0, stdout: '', stderr: '' });
    const missing = await wait('none');
    const stderr = 'Error from server (NotFound): canaries.flagger.app "none" not found\n';
    assert.deepEqual(missing, { exitCode: 1, stdout: '', stderr });
    const nobody = await wait('-l', 'wait=nobody');
    assert.deepEqual(nobody, { exitCode: 1, stdout: '', stderr: 'error: no matching canaries found\n' });
  });

  it('ends at once where the canary may not be watched', async () => {
    await apply(canaryOf(namespace, {}, 'unwatched'));
    await kubectl(...inNamespace, 'create', 'role', 'lister', '--verb=get,list', '--resource=canaries.flagger.app');
    await kubectl(...inNamespace, 'create', 'rolebinding', 'lister', '--role=lister', '--user=lister');
    const { exitCode, stdout, stderr } = await wait('unwatched', '--timeout=90s', '--as=lister');
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^Error from server \(Forbidden\): .*cannot watch resource.*$/m);
    assert.doesNotMatch(stderr, /timed out/);
  });

  it('says what it cannot wait for', async () => {
    for (const [args, message] of [
      [[], 'name a canary, or give --selector or --all'],
      [['podinfo', '--all'], 'name canaries or give --all, not both'],
      [['podinfo', '--for=promotion'], '--for=promotion cannot be waited for: there are promoted, failed, '],
      [['podinfo', '--revision=x'], '--revision=x is not one: write it as kubectl canary history shows it'],
      [['--all', '--revision=abcdef'], 'a revision is of one canary: name that one'],
    ] as const) {
      const { exitCode, stderr } = await wait(...args);
      assert.equal(exitCode, 2);
      assert.ok(stderr.startsWith(`error: ${message}`), stderr);
    }
  });
});
