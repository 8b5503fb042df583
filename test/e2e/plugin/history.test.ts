// What is remembered of real releases, and what the next one changes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, untilPhase, untilStatus } from '../controller/release.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { installedPlugin } from './installed-plugin.ts';

const QUICK = { interval: '1s', threshold: 1, stepWeights: [50], drainSeconds: 0 };

interface Printed {
  readonly canary: string;
  readonly releases: readonly {
    readonly ordinal?: number;
    readonly revision: string;
    readonly result: string;
    readonly images: readonly string[];
    readonly isPromoted: boolean;
  }[];
}

describe('the history of a canary', { skip: sandboxOnly('its pods have an image that only the sandbox has') }, () => {
  const namespace = testNamespace('history');
  const plugin = installedPlugin();
  const inNamespace = ['-n', namespace];
  const name = 'podinfo';
  let server: Transport;
  const change = (image: string) =>
    kubectl(...inNamespace, 'set', 'image', `deployment/${name}`, `nothing=scale.test/${image}`);
  const diff = (args: readonly string[] = [], env: Record<string, string> = {}) =>
    plugin.run(['diff', name, ...args, ...inNamespace], { env });
  before(async () => {
    server = await apiServer();
    await apply(scaleDeployment(namespace, name, 1), canaryOf(namespace, { analysis: QUICK }, name));
    await untilPhase(server, namespace, name, 'Initialized');
  });
  after(() => server.close());

  it('is that of before the first release, from which nothing differs', async () => {
    const [titles = '', line = '', ...more] = (await plugin.ok('history', name, ...inNamespace)).trimEnd().split('\n');
    assert.match(titles, /^# +REVISION +RESULT +STARTED +DURATION +IMAGES +BY +REASON$/);
    assert.match(line, /^1 +[0-9a-f]{10} +Initialized +\S+ +<none> +nothing +<none> +<none>$/);
    assert.deepEqual(more, []);
    assert.deepEqual(await diff(), { exitCode: 0, stdout: '', stderr: '' });
  });

  it('has a release under way on top, whose change diff shows', async () => {
    const slow = { ...QUICK, interval: '1h' };
    await apply(canaryOf(namespace, { analysis: slow }, name));
    await change('second');
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
    const lines = (await plugin.ok('history', name, '--no-headers', ...inNamespace)).trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^2 +[0-9a-f]{10} +Progressing +\S+ +\d+s +second +\S+ +StepInterval$/);
    assert.equal(lines.length, 2);
    const { exitCode, stdout, stderr } = await diff();
    assert.deepEqual([exitCode, stderr], [1, '']);
    const [from = '', to = '', ...changes] = stdout.trimEnd().split('\n');
    assert.match(from, /^--- podinfo, revision [0-9a-f]{10}, promoted$/);
    assert.match(to, /^\+\+\+ podinfo, revision [0-9a-f]{10}, target$/);
    const changed = changes.filter((line) => /^[-+]/.test(line));
    assert.deepEqual(changed, ['-  - image: scale.test/nothing', '+  - image: scale.test/second']);
    const coloured = await diff(['--color=always']);
    assert.ok(coloured.stdout.includes('\u001B[32m+  - image: scale.test/second\u001B[39m\n'));
  });

  it('remembers how a release ended, and what it was of', async () => {
    await apply(canaryOf(namespace, { analysis: QUICK }, name));
    await untilPhase(server, namespace, name, 'Succeeded');
    const { canary, releases } = JSON.parse(await plugin.ok('history', name, '-o', 'json', ...inNamespace)) as Printed;
    assert.equal(canary, name);
    assert.deepEqual(
      releases.map(({ ordinal, result, images, isPromoted }) => ({ ordinal, result, images, isPromoted })),
      [
        { ordinal: 2, result: 'Succeeded', images: ['scale.test/second'], isPromoted: true },
        { ordinal: 1, result: '', images: ['scale.test/nothing'], isPromoted: false },
      ],
    );
    const revision = releases[0]?.revision ?? '';
    for (const asked of ['2', revision, revision.slice(0, 10)]) {
      const detail = await plugin.ok('history', name, '--revision', asked, ...inNamespace);
      assert.match(
        detail,
        new RegExp(`^Revision: +${revision}, number 2, on the primary\nResult: +Succeeded, Promoted\n`),
      );
      assert.match(detail, /^Pod template:\n {2}metadata:\n[^]*\n {4}- image: scale\.test\/second\n/m);
    }
  });

  it('is what diff goes back in, with a program of the user’s own if there is one', async () => {
    const { exitCode, stdout } = await diff(['--revision', '1']);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^\+\+\+ podinfo, revision [0-9a-f]{10}, number 1$/m);
    assert.match(stdout, /^-  - image: scale.test\/second\n\+  - image: scale.test\/nothing$/m);
    assert.deepEqual(await diff(['--revision', '2']), { exitCode: 0, stdout: '', stderr: '' });
    const external = await diff(['--revision=1'], { KUBECTL_EXTERNAL_DIFF: 'diff -u -N' });
    assert.equal(external.exitCode, 1);
    assert.match(external.stdout, /^--- \S+\/promoted.yaml\t.*\n\+\+\+ \S+\/kept.yaml\t/);
  });

  it('and what there is not is told in one line, with more than 1 from diff', async () => {
    const env = { KUBECTL_EXTERNAL_DIFF: '/none' };
    const none = await diff(['--revision=1'], env);
    assert.deepEqual([none.exitCode, none.stdout], [2, '']);
    assert.match(none.stderr, /^error: KUBECTL_EXTERNAL_DIFF cannot be run: [^\n]*ENOENT\n$/);
    const unknown = await diff(['--revision=9']);
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.stderr, /^error: there is no revision 9: there are 1 \([0-9a-f]{10}\), 2 \([0-9a-f]{10}\)\n$/);
    const missing = await plugin.run(['diff', 'none', ...inNamespace]);
    const said = 'Error from server (NotFound): canaries.flagger.app "none" not found\n';
    assert.deepEqual(missing, { exitCode: 2, stdout: '', stderr: said });
    const history = await plugin.run(['history', 'none', ...inNamespace]);
    assert.deepEqual(history, { exitCode: 1, stdout: '', stderr: said });
  });
});
