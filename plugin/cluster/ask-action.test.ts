import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from '../../kube/errors.ts';
import type { KubeRequest, Transport } from '../../kube/transport/transport.ts';
import { type ActionManifest, createAction } from './ask-action.ts';

const ACTION: ActionManifest = {
  ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name: 'a', namespace: 'test' } },
  spec: { canary: 'podinfo', revision: '0123456789', action: 'approve' },
};
const NAMELESS =
  'denied request: spec.requestedBy: the webhook that fills in your name is away; write spec.requestedBy: jane';

/** An API server that refuses actions with a text unless they have a name; what was asked of it, as `POST actions jane`. */
function server(text: string): { readonly transport: Transport; readonly asked: string[] } {
  const asked: string[] = [];
  const request = async ({ method = 'GET', path, body }: KubeRequest): Promise<unknown> => {
    const { requestedBy = 'nobody' } = (body as Partial<ActionManifest>).spec ?? {};
    asked.push(`${method} ${path.split('/').at(-1)} ${requestedBy}`);
    if (path.endsWith('selfsubjectreviews')) return { status: { userInfo: { username: 'jane' } } };
    if (requestedBy === 'nobody') throw new KubeError({ status: 403, reason: 'Forbidden', message: text });
    return body;
  };
  return { transport: { request } as unknown as Transport, asked };
}

describe('an action', () => {
  const options = { fieldManager: 'test', dryRun: false, signal: new AbortController().signal };

  it('is asked for in the caller’s own name where the webhook that fills it in is away', async () => {
    const { transport, asked } = server(NAMELESS);
    assert.equal((await createAction({ transport }, ACTION, options)).spec.requestedBy, 'jane');
    assert.deepEqual(asked, ['POST canaryactions nobody', 'POST selfsubjectreviews nobody', 'POST canaryactions jane']);
  });

  it('that is refused for anything else is not asked for again', async () => {
    const { transport, asked } = server('jane may not approve Canary podinfo');
    await assert.rejects(createAction({ transport }, ACTION, options), /jane may not approve/);
    assert.equal(asked.length, 1);
  });
});
