import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActionDecision, Canary } from '../api/generated/canary.ts';
import type { CanaryAction } from '../api/generated/canary-action.ts';
import { systemClock } from '../kube/clock.ts';
import type { KubeObject } from '../kube/object.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { answerAction, refuseOrphans, requestedActions } from './canary-actions.ts';
import type { World } from './world.ts';
import type { Writer } from './writer.ts';

const CANARY = {
  metadata: { name: 'podinfo', namespace: 'test', uid: 'c' },
  status: { decisions: [{ uid: 'late', name: 'late', action: 'pause', at: '', result: 'Done' }] },
} as unknown as Canary;

function action(name: string, createdAt: string, phase?: 'Done'): CanaryAction & KubeObject {
  const metadata = { name, namespace: 'test', uid: name, resourceVersion: '1', generation: 1 };
  return {
    ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction' },
    metadata: { ...metadata, creationTimestamp: createdAt },
    spec: { canary: 'podinfo', revision: 'b', action: 'pause', requestedBy: 'jane' },
    ...(phase !== undefined && { status: { phase } }),
  };
}

const worldOf = (actions: readonly CanaryAction[], more: Partial<World> = {}) =>
  ({ actionsOf: () => actions, ...more }) as unknown as World;

describe('requestedActions()', () => {
  it('are those without an answer, oldest first, and before all what is decided already', () => {
    const actions = [
      action('late', '2026-01-01T12:00:09Z'),
      action('b', '2026-01-01T12:00:01Z'),
      action('answered', '2026-01-01T12:00:00Z', 'Done'),
      action('a', '2026-01-01T12:00:01Z'),
      action('first', '2026-01-01T12:00:00Z'),
    ];
    const requested = requestedActions(CANARY, worldOf(actions));
    assert.deepEqual(
      requested.map(({ name }) => name),
      ['late', 'first', 'a', 'b'],
    );
    const spec = { revision: 'b', action: 'pause', requestedBy: 'jane' };
    assert.deepEqual(requested[1], { ...spec, uid: 'first', name: 'first', createdAt: '2026-01-01T12:00:00Z' });
  });

  it('are a hundred at most', () => {
    const flood = Array.from({ length: 1000 }, (_, index) => action(`a-${1000 + index}`, '2026-01-01T12:00:00Z'));
    const requested = requestedActions(CANARY, worldOf(flood));
    assert.deepEqual([requested.length, requested[0]?.name], [100, 'a-1000']);
  });
});

describe('answerAction()', () => {
  /** The conditions that are written for a decision, by type. */
  async function conditionsOf(decision: Pick<ActionDecision, 'result' | 'reason'>): Promise<Record<string, string>> {
    const { metadata, ...rest } = action('a', '2026-01-01T12:00:00Z');
    const asked = { ...rest, metadata: { ...metadata, ownerReferences: [{ uid: 'c' }] } };
    const bodies: unknown[] = [];
    const transport = {
      async request({ body }: KubeRequest) {
        bodies.push(body);
        return asked;
      },
    } as unknown as Transport;
    const actions = { get: () => asked, wrote: () => undefined } as unknown as World['actions'];
    const writer = { transport, fieldManager: 'test' } as unknown as Writer;
    const answer: ActionDecision = { uid: 'a', name: 'a', action: 'pause', at: '2026-01-01T12:00:01Z', ...decision };
    await answerAction(CANARY, answer, { world: worldOf([], { actions }), clock: systemClock, writer });
    const [{ status } = {}] = bodies as { status?: CanaryAction['status'] }[];
    return Object.fromEntries((status?.conditions ?? []).map((each) => [each.type, `${each.status} ${each.reason}`]));
  }

  it('says in the conditions, for programs, what became of it and when it was so already', async () => {
    assert.deepEqual(await conditionsOf({ result: 'Done' }), { Answered: 'True Done', Done: 'True Done' });
    assert.deepEqual(await conditionsOf({ result: 'Rejected' }), { Answered: 'True Rejected', Done: 'False Rejected' });
    assert.deepEqual(await conditionsOf({ result: 'Rejected', reason: 'Unchanged' }), {
      ...{ Answered: 'True Unchanged', Done: 'False Unchanged' },
    });
  });
});

describe('refuseOrphans()', () => {
  it('leaves what is asked of a canary alone that is there, and that we have not heard of yet', async () => {
    const asked: string[] = [];
    const read: World['read'] = (_, namespace, name) => {
      asked.push(`${namespace}/${name}`);
      return Promise.resolve(CANARY as unknown as Awaited<ReturnType<World['read']>>);
    };
    const writer = {} as Writer;
    const open = worldOf([action('a', '2026-01-01T12:00:00Z')], { read });
    await refuseOrphans('test/podinfo', { world: open, clock: systemClock, writer });
    assert.deepEqual(asked, ['test/podinfo']);
    const answered = worldOf([action('a', '2026-01-01T12:00:00Z', 'Done')], { read });
    await refuseOrphans('test/podinfo', { world: answered, clock: systemClock, writer });
    assert.equal(asked.length, 1);
  });
});
