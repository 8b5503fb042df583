import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What README.md, CONTRIBUTING.md and the sandbox's README tell a newcomer to type, typed. */
describe('the documented commands', () => {
  let state = '';
  // Sandboxes of its own, so that a developer's "default" one is left alone.
  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'documented-'));
  });
  after(async () => {
    await type('test/sandbox/sandbox', ['down', '--all']);
    await rm(state, { recursive: true });
  });

  const type = (program: string, args: string[], input = '') =>
    execa(program, args, {
      cwd: ROOT,
      env: { XDG_STATE_HOME: state, SHELL: '/bin/sh' },
      input,
      all: true,
      timeout: 600_000,
      reject: false,
    });

  async function succeeds(program: string, args: string[], input = ''): Promise<string> {
    const { all, exitCode } = await type(program, args, input);
    assert.equal(exitCode, 0, all);
    return all;
  }

  const sandbox = (...args: string[]) => succeeds('test/sandbox/sandbox', args);

  // Each has a sandbox of its own.
  describe('that mostly wait', { concurrency: true }, () => {
    it('make demo promotes a good version and rolls a bad one back', async () => {
      const output = await succeeds('make', ['demo']);
      assert.match(output, /Succeeded after \d+ s/);
      assert.match(output, /Failed after \d+ s: 2 checks have failed; right-answers [\d.]+ < 95/);
      assert.match(output, / 60 % +\d\d\.\d % +\d+/);
      assert.match(output, /Requests that failed because of the rollout: 0 of \d{3,}/);
      assert.match(output, /Users who met the bad version: [1-9]\d* of 500/);
    });

    it('make bench measures the sandbox', async () => {
      // The other benchmarks take minutes.
      const output = await succeeds('make', ['bench', 'BENCH=sandbox pods']);
      assert.match(output, /resident, kube-apiserver +\d+ MB/);
      assert.match(output, /500 pods without processes Ready +\d+\.\d s/);
    });

    // Its other part, of 200 canaries, is tried with fewer of them in test/e2e/soak.
    it('make soak tries to get two leaders', async () => {
      const output = await succeeds('make', ['soak', 'SOAK=leader', 'MINUTES=0.6']);
      assert.match(output, /\d+ writes of (?:[2-9]|\d\d) holders/);
      assert.match(output, /nothing was wrong/);
    });
  });

  it('build, up, ps, exec, shell and down work as the README has them', async () => {
    assert.match(await sandbox('build'), /^all built: /);
    await sandbox('up');
    assert.match(await sandbox('ps'), /^default +ready/m);
    assert.match(
      await sandbox('exec', '--', 'kubectl', 'get', 'pods', '-A'),
      /projectcontour +envoy-\S+ +1\/1 +Running/,
    );
    const inside =
      'kubectl get nodes; curl -sS http://prometheus.monitoring:9090/-/ready; hey -n 5 -c 1 http://prometheus.monitoring:9090/\n';
    const output = await succeeds('test/sandbox/sandbox', ['shell'], inside);
    assert.match(output, /sandbox +Ready/);
    assert.match(output, /Prometheus Server is Ready/);
    assert.match(output, /Status code distribution/);
  });

  it('make install installs the definitions, and an example is a canary then', async () => {
    assert.match(await sandbox('exec', '--', 'make', 'install'), /canaries\.flagger\.app created/);
    await sandbox('exec', '--', 'kubectl', 'wait', '--for=condition=Established', 'crd/canaries.flagger.app');
    await sandbox('exec', '--', 'kubectl', 'create', 'namespace', 'test');
    await sandbox('exec', '--', 'kubectl', 'apply', '-f', 'examples/contour/canary.yaml');
    assert.match(await sandbox('exec', '--', 'kubectl', '-n', 'test', 'get', 'canaries'), /^podinfo +podinfo/m);
  });

  it('make deploy installs the webhook and the controller as well, and make undeploy removes all of it', async () => {
    const output = await sandbox('exec', '--', 'make', 'deploy');
    for (const name of ['webhook', 'controller']) {
      assert.match(output, new RegExp(`deployment "canary-${name}" successfully rolled out`));
    }
    await sandbox('exec', '--', 'make', 'undeploy');
    assert.equal(
      await sandbox('exec', '--', 'kubectl', 'get', 'crd', '-o', 'name', '-l', 'app.kubernetes.io/part-of'),
      '',
    );
  });

  it('make demo CLUSTER=current says what has to be there before it can run on a cluster of one’s own', async () => {
    const { all, exitCode } = await type('test/sandbox/sandbox', ['exec', '--', 'make', 'demo', 'CLUSTER=current']);
    assert.notEqual(exitCode, 0, all);
    assert.match(all, /error: kubectl-canary is not installed in this cluster: run make deploy first/);
  });

  it('make test-e2e CLUSTER=current runs what can run on a cluster of one’s own, and says what cannot', async () => {
    const files = ['control-plane', 'workload', 'pods'].map((name) => `test/e2e/sandbox/${name}.test.ts`).join(' ');
    const output = await sandbox('exec', '--', 'make', 'test-e2e', 'CLUSTER=current', `FILES=${files}`);
    assert.match(output, /workload\.test\.ts: answers at its Service.*\(not on the current cluster: .*\)/);
    assert.match(output, /^[1-9]\d* passed, 0 failed, [1-9]\d* skipped$/m);
    await sandbox('down');
    assert.doesNotMatch(await sandbox('ps'), /default/);
  });

  it('make test-safety plays as many random releases as it is told to', async () => {
    const output = await succeeds('make', ['test-safety', 'SCHEDULES=20', 'SEED=7']);
    assert.match(output, /decide\(\), in 20 schedules/);
    assert.match(output, /^1 passed, 0 failed$/m);
    const { all, exitCode } = await type('make', ['test-safety', 'SCHEDULES=many']);
    assert.notEqual(exitCode, 0);
    assert.match(all, /SCHEDULES is a whole number from 1 on, not many/);
  });

  it('make help lists the targets, and a target that has nothing to do yet says so', async () => {
    const help = await succeeds('make', ['help']);
    const targets = [
      'build',
      'check',
      'lint',
      'fmt',
      'typecheck',
      'generate',
      'generated',
      'test',
      'test-unit',
      'test-safety',
      'test-disturbed',
      'test-e2e',
      'bench',
      'soak',
      'demo',
      'sandbox',
    ];
    for (const target of [...targets, 'install', 'deploy', 'undeploy', 'clean']) {
      assert.match(help, new RegExp(`^  ${target} `, 'm'));
    }
  });
});
