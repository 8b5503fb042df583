import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import type { ActOptions } from './act.ts';
import { holdCanary, letGo } from './hold.ts';
import type { Subject } from './subject.ts';
import type { Writer } from './writer.ts';

const canary = (finalizers: readonly string[]) =>
  ({ metadata: { name: 'podinfo', namespace: 'test', uid: 'u', finalizers } }) as unknown as Canary;
const subjectOf = (finalizers: readonly string[]) => ({ canary: canary(finalizers) }) as unknown as Subject;

/** A controller whose API server answers so; what that was asked, and what the controller remembers of the canary. */
function holding(answer: unknown) {
  const asked: KubeRequest[] = [];
  const remembered: unknown[] = [];
  const transport = {
    async request(request: KubeRequest) {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Transport;
  const { signal } = new AbortController();
  const fence = { holder: 'me', lost: signal, isHeld: () => true };
  const writer: Writer = { transport, fieldManager: 'kubectl-canary', fence, signal };
  const world = { canaries: { wrote: (object: unknown) => remembered.push(object) } } as unknown as ActOptions['world'];
  return { options: { writer, world }, asked, remembered };
}

const PATH = '/apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo';
const error = (status: number, message: string) => new KubeError({ status, reason: 'x', message });

describe('a canary', () => {
  it('is held by an apply of that alone, and only as the object that it was', async () => {
    const { options, asked, remembered } = holding('as it is now');
    await holdCanary(subjectOf([]), options);
    const [{ method, path, body, contentType } = {} as KubeRequest] = asked;
    assert.deepEqual([method, path, contentType], ['PATCH', PATH, 'application/apply-patch+yaml']);
    assert.deepEqual(body, {
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary' },
      metadata: { name: 'podinfo', namespace: 'test', uid: 'u', finalizers: [FINALIZER] },
    });
    assert.deepEqual(remembered, ['as it is now']);
  });

  it('is let go without another’s finalizer being touched', async () => {
    const { options, asked } = holding({});
    await letGo(subjectOf(['foregroundDeletion', FINALIZER]), false, options);
    assert.deepEqual(
      asked.map(({ body }) => body),
      [
        [
          { op: 'test', path: '/metadata/uid', value: 'u' },
          { op: 'test', path: '/metadata/finalizers/1', value: FINALIZER },
          { op: 'remove', path: '/metadata/finalizers/1' },
        ],
      ],
    );
  });

  it('that nothing of ours holds, or that is gone, is let go already', async () => {
    const { options, asked } = holding({});
    await letGo(subjectOf(['foregroundDeletion']), false, options);
    assert.deepEqual(asked, []);
    await letGo(subjectOf([FINALIZER]), false, holding(error(404, 'not found')).options);
  });

  it('whose finalizers are others by now is looked at again', async () => {
    const { options } = holding(error(422, 'testing path /metadata/finalizers/0: test failed'));
    await assert.rejects(letGo(subjectOf([FINALIZER]), false, options), { status: 409 });
  });
});
