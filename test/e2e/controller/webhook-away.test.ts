// With the webhook down the watch of Deployments starts releases. Its own namespace is one that it never sees.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { REVISION_ANNOTATION } from '../../../api/keys.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { apply, kubectl } from '../kubectl.ts';
import { NAMESPACE } from '../webhook/deployed.ts';
import { promotedTargets } from '../webhook/promoted-target.ts';
import { canaryOf, untilPhase, untilStatus } from './release.ts';

const REPLICAS = 2;
const ANALYSIS = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0 };

describe('without the webhook', { skip: sandboxOnly('its pods have an image that only the sandbox has') }, () => {
  const name = `unseen-${randomBytes(3).toString('hex')}`;
  let server: Transport;

  before(async () => {
    server = await apiServer();
    await apply(restricted(name), canaryOf(NAMESPACE, { analysis: ANALYSIS }, name));
    await untilPhase(server, NAMESPACE, name, 'Initialized');
  });
  after(async () => {
    server.close();
    await kubectl('-n', NAMESPACE, 'delete', `deployment/${name}`, `canary/${name}`, '--ignore-not-found');
  });

  it('a change of the pod template starts a release all the same', async () => {
    const { setImage, get } = promotedTargets(server, NAMESPACE);
    const answer = await setImage(name, 'scale.test/second');
    assert.equal(answer.spec.replicas, 0, 'somebody scaled the target with the change');
    assert.equal(answer.metadata.annotations?.[REVISION_ANNOTATION], undefined);
    const begun = await untilStatus(server, NAMESPACE, name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
    assert.equal((await get(name)).spec.replicas, REPLICAS);
    // Nobody saw who it was.
    assert.equal(begun.triggeredBy, undefined);
    const { lastPromotedSpec, history } = await untilPhase(server, NAMESPACE, name, 'Succeeded');
    assert.equal(lastPromotedSpec, begun.lastAppliedSpec);
    assert.deepEqual(
      history?.map(({ result }) => result),
      ['Succeeded'],
    );
    assert.equal((await get(name)).spec.replicas, 0);
  });
});

/** Pods as the namespace's Pod Security asks for. */
function restricted(name: string): object {
  const labels = { app: name };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const spec = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'nothing', image: 'scale.test/nothing', securityContext }],
  };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: NAMESPACE } },
    spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
