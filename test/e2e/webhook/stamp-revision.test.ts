import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node';
import { execa } from 'execa';
import { revisionOf } from '../../../api/revision.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { inNamespace, NAMESPACE, scaleTo, webhookDeployed } from './deployed.ts';
import { PRIMARY_REPLICAS, promotedTargets, type Target, targetManifest } from './promoted-target.ts';
import { revisionReviews } from './review-times.ts';

const OTHER = 'scale.test/other';
const TIMES = 200;
const GATE = { analysis: { webhooks: [{ name: 'ask', type: 'confirm-rollout' }] } };

describe('a change of a target', { skip: sandboxOnly('it installs the webhook, and stops it') }, () => {
  const namespace = testNamespace('stamp');
  webhookDeployed();
  let server: Transport;
  let targets: ReturnType<typeof promotedTargets>;
  const inTest = (...args: string[]) => kubectl('-n', namespace, ...args);
  const names = ['image', 'env', 'restart', 'undo', 'apply', 'edit', 'patch', 'jane', 'again', 'back', 'none', 'down'];
  before(async () => {
    server = await apiServer();
    // It would make three Services for each canary, more than the sandbox's kube-proxy can write at once without iptables-legacy.
    await inNamespace('scale', 'deployment/canary-controller', '--replicas=0');
    targets = promotedTargets(server, namespace);
    await Promise.all([
      ...names.map((name) => targets.make(name)),
      ...['gated', 'timed'].map((name) => targets.make(name, GATE, 0)),
    ]);
  });
  after(() => server.close());

  const stampOf = ({ metadata: { annotations = {} } }: Target, what: string) => annotations[`flagger.app/${what}`];

  /** The write that changed the template is the one that stamped it, and gave it its pods. */
  async function assertStarted(name: string, { metadata }: Target, replicas = PRIMARY_REPLICAS): Promise<Target> {
    const now = await targets.get(name);
    assert.equal(now.metadata.generation, metadata.generation + 1);
    assert.equal(now.spec.replicas, replicas);
    assert.equal(stampOf(now, 'revision'), revisionOf(now.spec.template));
    assert.ok(Math.abs(Date.parse(stampOf(now, 'changed-at') ?? '') - Date.now()) < 10_000);
    return now;
  }

  const setImage = (name: string, ...flags: string[]) =>
    inTest('set', 'image', `deployment/${name}`, `nothing=${OTHER}`, ...flags);
  const applied = (name: string, manager: string, ...flags: string[]) =>
    tryKubectl(
      targetManifest(namespace, name, OTHER),
      ...['apply', '--server-side', `--field-manager=${manager}`, '-f', '-', ...flags],
    );
  const editor = { KUBE_EDITOR: `sed -i s,scale.test/nothing,${OTHER},` };
  const template = { spec: { containers: [{ name: 'nothing', image: OTHER }] } };

  const ways: Readonly<Record<string, readonly [name: string, change: (name: string) => Promise<unknown>]>> = {
    'kubectl set image': ['image', setImage],
    'kubectl set env': ['env', (name) => inTest('set', 'env', `deployment/${name}`, 'A=b')],
    'kubectl rollout restart': ['restart', (name) => inTest('rollout', 'restart', `deployment/${name}`)],
    'kubectl apply --server-side, by somebody else': ['apply', (name) => applied(name, 'other', '--force-conflicts')],
    'kubectl edit': [
      'edit',
      (name) => execa('kubectl', ['-n', namespace, 'edit', 'deployment', name], { env: editor }),
    ],
    'kubectl patch': [
      'patch',
      (name) => inTest('patch', 'deployment', name, '-p', JSON.stringify({ spec: { template } })),
    ],
  };
  for (const [way, [name, change]] of Object.entries(ways)) {
    it(`with ${way} starts the canary in the same write`, async () => {
      const old = await targets.get(name);
      await change(name);
      await assertStarted(name, old);
    });
  }

  it('with kubectl rollout undo starts it, and is stamped anew over the stamps that come back with it', async () => {
    await inTest('rollout', 'status', 'deployment/undo');
    await targets.setImage('undo', OTHER);
    const stamps = stampOf(await targets.get('undo'), 'revision');
    await targets.promote('undo');
    await inTest('rollout', 'status', 'deployment/undo');
    const old = await targets.get('undo');
    await inTest('rollout', 'undo', 'deployment/undo');
    assert.notEqual(stampOf(await assertStarted('undo', old), 'revision'), stamps);
  });

  it('has the name of whoever made it', async () => {
    const role = ['--verb=get,patch', '--resource=deployments.apps'];
    await inTest('create', 'role', 'deployer', ...role);
    await inTest('create', 'rolebinding', 'deployer', '--role=deployer', '--user=jane');
    const old = await targets.get('jane');
    await setImage('jane', '--as=jane');
    assert.equal(stampOf(await assertStarted('jane', old), 'changed-by'), 'jane');
  });

  it('leaves the pods to a run when a GitOps tool applies the same again', async () => {
    const old = await targets.get('again');
    assert.equal((await applied('again', 'gitops')).exitCode, 0);
    const started = await assertStarted('again', old);
    assert.equal((await applied('again', 'gitops')).exitCode, 0);
    const { metadata, spec } = await targets.get('again');
    assert.deepEqual([metadata.generation, spec.replicas], [started.metadata.generation, PRIMARY_REPLICAS]);
    assert.deepEqual(stampOf(started, 'changed-at'), metadata.annotations?.['flagger.app/changed-at']);
  });

  it('that is taken back before it has a ready pod takes its pods back', async () => {
    await targets.setImage('back', 'nowhere.test/nothing');
    const started = await targets.get('back');
    assert.equal(started.spec.replicas, PRIMARY_REPLICAS);
    await targets.setImage('back', 'scale.test/nothing');
    await assertStarted('back', started, 0);
  });

  it('behind a gate is stamped, and has no pods', async () => {
    const old = await targets.get('gated');
    await setImage('gated');
    await assertStarted('gated', old, 0);
  });

  it('leaves no trace when it is a dry run', async () => {
    await inTest('rollout', 'status', 'deployment/none');
    const old = await targets.get('none');
    const would = JSON.parse(await setImage('none', '--dry-run=server', '-o', 'json')) as Target;
    assert.deepEqual([would.spec.replicas, stampOf(would, 'revision')?.length], [PRIMARY_REPLICAS, 64]);
    assert.deepEqual(await targets.get('none'), old);
  });

  it('is all that reaches the webhook: no other write does, nor one in a namespace of the system', async () => {
    await apply(scaleDeployment(NAMESPACE, 'other', 0));
    const reviews = await revisionReviews();
    await inTest('scale', 'deployment/none', '--replicas=1');
    await inTest('patch', 'deployment', 'none', '-p', '{"spec":{"replicas":0,"minReadySeconds":1}}');
    await inTest('label', 'deployment', 'none', 'team=a');
    await inTest('annotate', 'deployment', 'none', 'team=a');
    const status = { status: { observedGeneration: 1 } };
    await inTest('patch', 'deployment', 'none', '--subresource=status', '--type=merge', '-p', JSON.stringify(status));
    await inNamespace('set', 'image', 'deployment/other', `nothing=${OTHER}`);
    await inNamespace('delete', 'deployment', 'other');
    assert.equal(await revisionReviews(), reviews);
    assert.equal(stampOf(await targets.get('none'), 'revision'), undefined);
    await setImage('none');
    assert.equal(await revisionReviews(), reviews + 1);
  });

  it('reaches a webhook that was not there in the installation before', async () => {
    const configuration = ['mutatingwebhookconfiguration', 'kubectl-canary'];
    const read = async () =>
      (await kubectlJson<V1MutatingWebhookConfiguration>('get', ...configuration)).webhooks ?? [];
    const index = (await read()).findIndex(({ name }) => name === 'stamp-revision.flagger.app');
    await kubectl('patch', ...configuration, '--type=json', '-p', `[{"op":"remove","path":"/webhooks/${index}"}]`);
    await kubectl('apply', '-k', 'manifests/webhook');
    await eventually(async () => {
      const bundles = (await read()).map(({ clientConfig }) => clientConfig.caBundle);
      assert.deepEqual([bundles.length, new Set(bundles).size, typeof bundles[0]], [2, 1, 'string']);
    });
    await eventually(async () => {
      const asked = await targets.setImage('down', OTHER, { dryRun: 'All' });
      assert.equal(asked.spec.replicas, PRIMARY_REPLICAS);
    });
  });

  it(`goes through unstamped with the webhook down; what it costs with it up, ${TIMES} times`, async (t) => {
    const up = await medianMs(TIMES, (time) => targets.setImage('timed', `scale.test/${time % 2}`));
    await scaleTo(0);
    const down = await medianMs(TIMES, (time) => targets.setImage('timed', `scale.test/${time % 2}`));
    t.diagnostic(`a change, median: ${up.toFixed(2)} ms with the webhook, ${down.toFixed(2)} ms without`);

    const { metadata } = await targets.get('down');
    await setImage('down');
    const now = await targets.get('down');
    assert.deepEqual([now.metadata.generation, now.spec.replicas], [metadata.generation + 1, 0]);
    assert.equal(stampOf(now, 'revision'), undefined);
  });
});

async function medianMs(times: number, act: (time: number) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    await act(time);
    took.push(performance.now() - start);
  }
  return took.toSorted((one, other) => one - other)[Math.floor(times / 2)] ?? Number.NaN;
}
