import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Deployment } from '@kubernetes/client-node';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';

const PODS = 500;

describe('pods without processes', { skip: sandboxOnly('the images scale.test/* are the sandbox’s own') }, () => {
  const namespace = testNamespace('scale');

  it(`are Ready, ${PODS} of them, within 90 seconds`, async (context) => {
    const started = Date.now();
    await apply(scaleDeployment(namespace, 'scale', PODS));
    await eventually(async () => {
      const { status } = await kubectlJson<V1Deployment>('-n', namespace, 'get', 'deployment', 'scale');
      assert.equal(status?.readyReplicas, PODS);
    }, 90_000);
    context.diagnostic(`${PODS} pods Ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });
});
