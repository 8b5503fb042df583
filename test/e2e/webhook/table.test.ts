// The manifests of test/crd, as `kubectl apply` says it, with the webhook up and with it down.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { type Manifest, metrics } from '../../crd/manifest.ts';
import { examples, rightManifests } from '../../crd/right.ts';
import { type WrongInACluster, wrongInACluster } from '../../crd/wrong-in-a-cluster.ts';
import { wrongManifests } from '../../crd/wrong-manifests.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { dryRun } from '../crd/dry-run.ts';
import { eventually } from '../eventually.ts';
import { forEach } from '../for-each.ts';
import { kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { runWith, scaleTo, webhookDeployed } from './deployed.ts';

/** kubectls at the same time. */
const AT_A_TIME = 4;

describe('the webhook', { skip: sandboxOnly('it installs the webhook, and stops it') }, () => {
  const namespace = testNamespace('table');
  webhookDeployed();
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  it(`has kubectl refuse ${wrongManifests.length} wrong manifests, each with its field`, {
    timeout: 300_000,
  }, async () => {
    assert.ok(wrongManifests.length >= 80);
    await forEach(wrongManifests, AT_A_TIME, async ({ why, manifest, path, by }) => {
      const { exitCode, stderr } = await apply(manifest, namespace);
      assert.notEqual(exitCode, 0, `${manifest.kind}: ${why}`);
      assert.ok(stderr.includes(by === 'strict' ? `unknown field "${path}"` : `${path}: `), `${why}: ${stderr}`);
    });
  });

  it('has kubectl apply what is right, and each example', { timeout: 300_000 }, async () => {
    const right = [...rightManifests, ...(await examples())];
    assert.ok(right.length >= 40);
    await forEach(right, AT_A_TIME, async ({ what, manifest }) => {
      const { exitCode, stderr } = await apply(manifest, namespace, '--dry-run=server');
      assert.equal(exitCode, 0, `${manifest.kind}, ${what}: ${stderr}`);
    });
  });

  it('warns of what is not there, and of what is too short', async () => {
    const { exitCode, stderr } = await apply(metrics({ interval: '10s' }), namespace, '--dry-run=server');
    assert.equal(exitCode, 0, stderr);
    assert.ok(stderr.includes(`Warning: spec.targetRef: there is no Deployment ${namespace}/podinfo yet`), stderr);
    assert.match(stderr, /Warning: spec\.analysis\.metrics\[0\]\.interval: is shorter than two scrapes of 15s/);
    await kubectl('-n', namespace, 'create', 'deployment', 'podinfo', '--image=scale.test/nothing');
    assert.doesNotMatch((await apply(metrics(), namespace, '--dry-run=server')).stderr, /Warning/);
  });

  for (const [provider, cases] of grouped()) {
    it(`refuses what is wrong beside what else there is, where ${provider} is the default`, async () => {
      await runWith([`--mesh-provider=${provider}`, '--shutdown-delay=1s']);
      for (const each of cases) await assertRefused(each);
    });
  }

  it('is not needed for what the definitions can know', { timeout: 300_000 }, async () => {
    await scaleTo(0);
    await forEach(wrongManifests, AT_A_TIME, async ({ why, manifest, path }) => {
      const error = await refusal(manifest);
      assert.ok(error instanceof KubeError && error.message.includes(path), `${why}: ${String(error)}`);
    });
    const requestedBy = await kubectl('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
    await forEach(rightManifests, AT_A_TIME, async ({ what, manifest }) => {
      // Nobody fills the name in.
      const isAction = manifest.kind === 'CanaryAction';
      const named = isAction ? { ...manifest, spec: { ...manifest.spec, requestedBy } } : manifest;
      assert.equal(await refusal(named), undefined, what);
    });
  });

  async function refusal(manifest: Manifest): Promise<unknown> {
    return dryRun(server, namespace, manifest).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  /** In a namespace of its own, where what is there already is there. */
  async function assertRefused({ why, manifest, path, existing }: WrongInACluster): Promise<void> {
    const alone = `${namespace}-${existing.length}-${wrongInACluster.findIndex((each) => each.why === why)}`;
    await kubectl('create', 'namespace', alone);
    try {
      for (const each of existing) {
        const { exitCode, stderr } = await apply(each, alone);
        assert.equal(exitCode, 0, stderr);
      }
      // The webhook hears of them within a moment.
      await eventually(async () => {
        const { exitCode, stderr } = await apply(manifest, alone, '--dry-run=server');
        assert.notEqual(exitCode, 0, why);
        assert.ok(stderr.includes(`${path}: `), stderr);
      }, 5000);
    } finally {
      await kubectl('delete', 'namespace', alone, '--wait=false');
    }
  }
});

function grouped(): ReadonlyMap<string, readonly WrongInACluster[]> {
  const groups = new Map<string, WrongInACluster[]>();
  for (const each of wrongInACluster) groups.set(each.provider, [...(groups.get(each.provider) ?? []), each]);
  return groups;
}

function apply(manifest: Manifest, namespace: string, ...flags: string[]) {
  const object = { ...manifest, metadata: { ...manifest.metadata, namespace } };
  return tryKubectl(object, 'apply', '-f', '-', ...flags);
}
