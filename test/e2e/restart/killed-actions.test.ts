// What people ask for, with a controller that is killed. In a cluster that it shares with no other test, as those count on it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { CanaryAction } from '../../../api/generated/canary-action.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, readCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';

const SECOND = 'scale.test/second';
const SLOW = { interval: '1h', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };

describe('a controller that is killed', {
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('actions-killed');
  let server: Transport;
  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    server = await apiServer();
  });
  after(() => server.close());

  it('while people ask carries out each of their actions once', async () => {
    const name = 'killed';
    const stepWeights = Array.from({ length: 40 }, (_, index) => index + 1);
    const canary = canaryOf(namespace, { analysis: { ...SLOW, stepWeights } }, name);
    await apply(scaleDeployment(namespace, name, 1), canary);
    await untilPhase(server, namespace, name, 'Initialized');
    await kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${SECOND}`);
    const { lastAppliedSpec: revision } = await untilStatus(
      server,
      namespace,
      name,
      (is) => is.actualWeight === 1,
      'at its first step',
    );
    const spec = { canary: name, revision };
    const action = (number: number, more: object) => ({
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name: `k-${number}`, namespace } },
      spec: { ...spec, ...more },
    });
    const label = 'app.kubernetes.io/name=canary-controller';
    const kill = () =>
      kubectl('-n', 'kubectl-canary', 'delete', 'pod', '-l', label, '--wait=false', '--grace-period=0', '--force');
    const steps = [2, 3, 4, 5, 6, 7, 8];
    for (const step of steps) {
      const asks = step === 5 ? { action: 'pause' } : { action: 'promote', toStep: step };
      await apply(action(step, asks));
      if (step === 3 || step === 6) await kill();
    }
    for (const step of steps) {
      await kubectl('-n', namespace, 'wait', `canaryaction/k-${step}`, '--for=condition=Answered', '--timeout=120s');
    }
    await rolledOut('kubectl-canary', 'canary-controller');
    const { decisions = [], step = 0 } = (await readCanary(server, namespace, name)).status ?? {};
    const uids = new Set(decisions.map(({ uid }) => uid));
    assert.deepEqual([decisions.length, uids.size], [steps.length, steps.length]);
    const answers = await kubectlJson<{ items: CanaryAction[] }>('-n', namespace, 'get', 'canaryactions');
    for (const { metadata, status } of answers.items) {
      const decision = decisions.find(({ uid }) => uid === metadata.uid);
      assert.deepEqual([status?.phase, status?.message], [decision?.result, decision?.message]);
    }
    const furthest = Math.max(
      1,
      ...answers.items.filter(({ status }) => status?.phase === 'Done').map(({ spec: { toStep = 0 } }) => toStep),
    );
    assert.equal(step, furthest, 'the step is not that of the last action that was carried out');
  });
});
