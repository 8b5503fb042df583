import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { VERSION } from '../../../api/version.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { rightManifests } from '../../crd/right.ts';
import { wrongManifests } from '../../crd/wrong-manifests.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, untilPhase } from '../controller/release.ts';
import {
  CROSSOVER_CANARY,
  ERROR_RATE_TEMPLATE,
  FIRST_CANARY,
  FIRST_ROLLOUT,
  LATENCY_TEMPLATE,
  SERVICE_CANARY,
} from '../controller/seed-manifests.ts';
import { apply, kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { installedPlugin } from './installed-plugin.ts';

interface Line {
  readonly name: string;
  readonly verdict: string;
  readonly text: string;
  readonly fix?: string;
}

describe('kubectl canary plan, lint, check and version', {
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('prepare');
  const plugin = installedPlugin();
  const canary = () =>
    canaryOf(namespace, {
      analysis: {
        ...{ interval: '1h', threshold: 5, stepWeight: 10, maxWeight: 50 },
        metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' }],
        webhooks: [{ name: 'go', type: 'confirm-promotion' }],
      },
    });
  let server: Transport;
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-prepare-'));
    server = await apiServer();
    await apply(scaleDeployment(namespace, 'podinfo', 1), canary());
    await untilPhase(server, namespace, 'podinfo', 'Initialized');
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const inNamespace = ['-n', namespace];
  const check = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await plugin.run(['check', '-o', 'json', ...args]);
    return { exitCode, stderr, lines: (JSON.parse(stdout) as { readonly checks: readonly Line[] }).checks };
  };

  it('plan says the same of a canary in the cluster and of its manifest', async () => {
    const ours = await plugin.ok('plan', 'podinfo', ...inNamespace);
    assert.match(ours, /^podinfo in namespace \S+: Deployment\/podinfo by weight, 5 steps of 1h0m0s\n/);
    assert.match(ours, /^promote +5h0m0s +50% +- +- +gate go \(kubectl canary approve go podinfo\)$/m);
    const input = stringify(canary());
    const { exitCode, stdout, stderr } = await plugin.run(['plan', '-f', '-'], { input });
    assert.deepEqual([exitCode, stdout, stderr], [0, ours, '']);
    const json = await plugin.run(['plan', '-f', '-', '-o', 'json'], { input });
    assert.deepEqual(
      JSON.parse(await plugin.ok('plan', 'podinfo', '-o', 'json', ...inNamespace)),
      JSON.parse(json.stdout),
    );
  });

  it('plan says of what is wrong what lint says, and of what is not there what get says', async () => {
    const input = stringify(canary()).replace('threshold:', 'treshold:');
    const wrong = await plugin.run(['plan', '-f', '-'], { input });
    const linted = await plugin.run(['lint', '-f', '-'], { input });
    assert.deepEqual([wrong.exitCode, wrong.stdout, wrong.stderr], [1, '', linted.stdout]);
    const missing = await plugin.run(['plan', 'nothing', ...inNamespace]);
    assert.equal(missing.exitCode, 1);
    assert.equal(missing.stderr, 'Error from server (NotFound): canaries.flagger.app "nothing" not found\n');
    assert.equal((await plugin.run(['plan'])).exitCode, 2);
  });

  it('lint needs no cluster, and refuses each manifest that apply refuses', { timeout: 120_000 }, async () => {
    const elsewhere = { env: { KUBECONFIG: '/nowhere' } };
    const texts = wrongManifests.map(({ manifest }) => stringify(manifest));
    await Promise.all(texts.map((text, index) => writeFile(join(folder, `wrong-${index}.yaml`), text)));
    const { exitCode, stdout, stderr } = await plugin.run(['lint', '-f', folder, '-o', 'json'], elsewhere);
    assert.equal(exitCode, 1);
    const { findings } = JSON.parse(stdout) as {
      readonly findings: readonly { readonly file: string; readonly path: string; readonly severity: string }[];
    };
    for (const [index, { why, path }] of wrongManifests.entries()) {
      const found = findings.filter(({ file }) => file === join(folder, `wrong-${index}.yaml`));
      assert.ok(
        found.some((finding) => finding.severity === 'error' && finding.path === path),
        `${why}: ${JSON.stringify(found)}`,
      );
    }
    assert.match(stderr, new RegExp(`^${wrongManifests.length} objects in ${wrongManifests.length} files: `));
  });

  it('lint has nothing against what apply takes', async () => {
    const input = rightManifests
      .map(({ manifest }, index) =>
        stringify({ ...manifest, metadata: { ...manifest.metadata, namespace: `n${index}` } }),
      )
      .join('---\n');
    const { exitCode, stdout } = await plugin.run(['lint', '-f', '-'], { input });
    assert.deepEqual([exitCode, stdout.split('\n').filter((line) => line.includes(' error: '))], [0, []]);
  });

  it('lint has nothing against the documents’ own manifests', async () => {
    const texts = [
      FIRST_ROLLOUT,
      FIRST_CANARY,
      SERVICE_CANARY,
      CROSSOVER_CANARY,
      ERROR_RATE_TEMPLATE,
      LATENCY_TEMPLATE,
    ];
    const names = texts.map((_, index) => join(folder, `document-${index}.yaml`));
    await Promise.all(texts.map((text, index) => writeFile(names[index]!, text)));
    const { exitCode, stdout, stderr } = await plugin.run(['lint', ...names.flatMap((name) => ['-f', name])]);
    assert.equal(exitCode, 0, stdout);
    assert.match(stderr, /^5 objects in 6 files: 0 errors, .*; 1 of other kinds is passed over\n$/);
  });

  it('lint reads booleans as the API server gets them from kubectl', async () => {
    for (const word of ['y', 'Yes', 'on', 'n', 'NO', 'off', 'true', '"yes"', 'yEs', '1']) {
      const text = stringify(canary()).replace('spec:\n', `spec:\n  skipAnalysis: ${word}\n`);
      const linted = await plugin.run(['lint', '-f', '-'], { input: text });
      const applied = await execa('kubectl', ['apply', '--dry-run=server', '-f', '-'], {
        ...{ input: text, reject: false, timeout: 60_000 },
      });
      assert.equal(linted.exitCode, applied.exitCode, `${word}: ${applied.stderr}`);
    }
  });

  it('lint annotates for a workflow, and says what it cannot read', async () => {
    const file = join(folder, 'canary.yaml');
    await writeFile(file, stringify(canary()).replace('threshold:', 'treshold:'));
    const { exitCode, stdout } = await plugin.run(['lint', '-f', file, '-o', 'github']);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^::error file=\S+canary.yaml,line=\d+,col=\d+::spec.analysis/m);
    const none = await plugin.run(['lint', '-f', join(folder, 'nothing')]);
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /^error: \S+nothing cannot be read: there is no such file or folder\n/);
    assert.equal((await plugin.run(['lint'])).exitCode, 2);
  });

  it('check finds everything in order where it is', async () => {
    const { exitCode, lines } = await check(...inNamespace);
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== 'ok'),
      [],
      JSON.stringify(lines, null, 2),
    );
    assert.equal(exitCode, 0);
    const names = lines.map(({ name }) => name);
    for (const name of ['definition of Canary', 'controller', 'leader', 'admission of canaries', 'stamp of targets'])
      assert.ok(names.includes(name), names.join(', '));
    const shown = await plugin.ok('check', ...inNamespace);
    assert.match(shown, /^✔ API server +v1\.\d+/);
    const plain = await plugin.run(['check', ...inNamespace], { env: { LC_ALL: 'C' } });
    assert.match(plain.stdout, /^\[ok\] {3}API server +v1\.\d+/);
  });

  it('check says before an installation what is there for it', async () => {
    const { exitCode, lines } = await check('--pre');
    assert.deepEqual([exitCode, lines.filter(({ verdict }) => verdict === 'fail')], [0, []]);
    assert.match(lines.find(({ name }) => name === 'providers')?.text ?? '', /contour.*istio.*kubernetes/);
  });

  it('check tells somebody without rights what is not for them, and does not pass for a broken installation', async () => {
    const kubeconfig = await kubeconfigOf('nobody');
    const { exitCode, lines } = await check('--kubeconfig', kubeconfig, ...inNamespace);
    assert.equal(exitCode, 1);
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict === 'fail').map(({ name, fix }) => [name, fix]),
      [
        [
          'you may see',
          `kubectl -n ${namespace} create rolebinding views --clusterrole=view --user=YOU (by an administrator)`,
        ],
      ],
    );
    const skipped = lines.filter(({ verdict }) => verdict === 'skip').map(({ name }) => name);
    for (const name of ['controller and webhook', 'definition of Canary', 'admission of canaries'])
      assert.ok(skipped.includes(name), JSON.stringify(lines, null, 2));
    const fixes = lines.flatMap(({ name, fix }) => (name.startsWith('you may') && fix !== undefined ? [fix] : []));
    assert.equal(fixes.length, 4);
    for (const fix of fixes) {
      const user = `system:serviceaccount:${namespace}:nobody`;
      await kubectl(...fix.replace(' (by an administrator)', '').replace('YOU', user).split(' ').slice(1));
    }
    const allowed = await check('--kubeconfig', kubeconfig, ...inNamespace);
    assert.deepEqual([allowed.exitCode, allowed.lines.filter(({ verdict }) => verdict === 'warn')], [0, []]);
    const toInstall = await check('--pre', '--kubeconfig', kubeconfig);
    assert.equal(toInstall.exitCode, 1);
    assert.match(
      toInstall.lines.find(({ name }) => name === 'you may install')?.text ?? '',
      /^you may not create customresource/,
    );
  });

  it('version tells all versions, or without a cluster that of the plugin', async () => {
    const all = await plugin.ok('version');
    assert.match(
      all,
      new RegExp(
        `^Client Version: ${VERSION}\nController Version: ${VERSION}\nWebhook Version: ${VERSION}\nServer Version: v1\\.`,
      ),
    );
    const { stdout } = await plugin.run(['version', '--client', '-o', 'json'], { env: { KUBECONFIG: '/nowhere' } });
    assert.deepEqual(JSON.parse(stdout), { clientVersion: VERSION });
    const unreachable = await plugin.run(['version'], { env: { KUBECONFIG: '/nowhere' } });
    assert.equal(unreachable.exitCode, 1);
    assert.equal(unreachable.stdout, `Client Version: ${VERSION}\n`);
  });

  /** Of a ServiceAccount that nobody has given anything. */
  async function kubeconfigOf(name: string): Promise<string> {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
    await tryKubectl(account, 'apply', '-f', '-');
    const token = (await kubectl('-n', namespace, 'create', 'token', name)).trim();
    const config = JSON.parse(await kubectl('config', 'view', '--raw', '--flatten', '-o', 'json')) as {
      readonly users: readonly { readonly name: string }[];
    };
    const users = config.users.map((user) => ({ name: user.name, user: { token } }));
    const file = join(folder, `${name}.kubeconfig`);
    await writeFile(file, JSON.stringify({ ...config, users }));
    assert.ok((await readFile(file, 'utf8')).includes(token));
    return file;
  }
});
