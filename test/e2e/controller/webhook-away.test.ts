// With the webhook down the watch of Deployments starts releases. Here it is away for one namespace, which it is told to leave out.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { REVISION_ANNOTATION } from '../../../api/keys.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { promotedTargets } from '../webhook/promoted-target.ts';
import { initializedCanary, untilPhase, untilStatus } from './release.ts';

/** In the configuration, after the one for actions. */
const STAMPS = '/webhooks/1';
const REPLICAS = 2;
const ANALYSIS = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0 };

describe('without the webhook', { skip: sandboxOnly('its pods have an image that only the sandbox has') }, () => {
  const name = 'unseen';
  const namespace = testNamespace('unseen');
  let server: Transport;

  before(async () => {
    server = await apiServer();
    const left = [{ op: 'add', path: `${STAMPS}/namespaceSelector/matchExpressions/0/values/-`, value: namespace }];
    await kubectl('patch', 'mutatingwebhookconfiguration', 'kubectl-canary', '--type=json', '-p', JSON.stringify(left));
    await initializedCanary(server, namespace, name, { analysis: ANALYSIS }, REPLICAS);
  });
  after(() => server.close());

  it('a change of the pod template starts a release all the same', async () => {
    const { setImage, get } = promotedTargets(server, namespace);
    const answer = await setImage(name, 'scale.test/second');
    assert.equal(answer.spec.replicas, 0, 'somebody scaled the target with the change');
    assert.equal(answer.metadata.annotations?.[REVISION_ANNOTATION], undefined);
    const begun = await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
    assert.equal((await get(name)).spec.replicas, REPLICAS);
    // Nobody saw who it was.
    assert.equal(begun.triggeredBy, undefined);
    const { lastPromotedSpec, history } = await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal(lastPromotedSpec, begun.lastAppliedSpec);
    assert.deepEqual(
      history?.map(({ result }) => result),
      ['Succeeded'],
    );
    assert.equal((await get(name)).spec.replicas, 0);
  });
});
