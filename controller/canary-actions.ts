// What people ask for, and what they are told.
import type { ActionDecision, Canary } from '../api/generated/canary.ts';
import type { CanaryAction, CanaryActionStatus } from '../api/generated/canary-action.ts';
import { CANARIES, CANARY_ACTIONS } from '../api/resources.ts';
import { patchStatus } from '../kube/apply.ts';
import type { Clock } from '../kube/clock.ts';
import { deleteObject } from '../kube/delete-object.ts';
import { isNotFound } from '../kube/errors.ts';
import { type KubeObject, objectKey } from '../kube/object.ts';
import { objectPath } from '../kube/resource.ts';
import { seconds } from './decide/conditions.ts';
import type { RequestedAction } from './decide/requested-action.ts';
import type { World } from './world.ts';
import type { Writer } from './writer.ts';

interface Options {
  readonly world: World;
  readonly clock: Clock;
  readonly writer: Writer;
}
type Action = CanaryAction & KubeObject;
type Owned = Action['metadata'] & { readonly ownerReferences?: readonly { readonly uid: string }[] };

/** Of a flood the oldest are looked at first; the others come when these are answered. */
const MAX_LOOKED_AT = 100;
/** Answered actions of a canary that are kept, to be read. */
const MAX_KEPT = 20;

/** What was asked of a canary and is not answered, oldest first; before all others what is decided already. */
export function requestedActions({ metadata, status }: Canary, world: World): readonly RequestedAction[] {
  const decided = new Set((status?.decisions ?? []).map(({ uid }) => uid));
  const rank = (action: Action) => (decided.has(action.metadata.uid) ? 0 : 1);
  return world
    .actionsOf(`${metadata.namespace}/${metadata.name}`)
    .filter((action) => !isAnswered(action))
    .toSorted((one, other) => rank(one) - rank(other) || byAge(one, other))
    .slice(0, MAX_LOOKED_AT)
    .map(({ metadata: { uid, name, creationTimestamp }, spec: { canary: _canary, ...spec } }) => ({
      ...{ ...spec, uid, name, createdAt: creationTimestamp },
    }));
}

/**
 * Writes what was decided into the action's own status. It is told to go with its canary before, and the oldest of those that
 * were answered are deleted after it.
 *
 * @throws {KubeError} but where the action is gone: nobody reads the answer
 */
export async function answerAction(canary: Canary, answer: ActionDecision, options: Options): Promise<void> {
  const action = options.world.actions.get(`${canary.metadata.namespace}/${answer.name}`);
  if (action?.metadata.uid !== answer.uid || isAnswered(action)) return;
  const { at, result, reason, message = '' } = answer;
  const told = { at, result, message, ...(reason !== undefined && { reason }) };
  await unlessGone(async () => answered(await owned(action, canary, options), told, options));
  await pruned(objectKey(canary), options);
}

/** Of what names a canary that is not there nobody else would tell. */
export async function refuseOrphans(canaryKey: string, options: Options): Promise<void> {
  const { world, clock } = options;
  const orphans = world.actionsOf(canaryKey).filter((action) => !isAnswered(action));
  const [namespace = '', name = ''] = canaryKey.split('/');
  // The word of a new canary may come after that of its first action.
  if (orphans.length === 0 || (await world.read(CANARIES, namespace, name)) !== undefined) return;
  const at = clock.date().toISOString();
  const message = `there is no canary ${name}`;
  for (const action of orphans) {
    await unlessGone(() => answered(action, { at, result: 'Rejected', message }, options));
  }
  await pruned(canaryKey, options);
}

async function answered(
  action: Action,
  {
    at,
    result,
    reason = result,
    message,
  }: Pick<ActionDecision, 'at' | 'result' | 'reason'> & { readonly message: string },
  { world, writer: { transport, fieldManager, fence, signal } }: Options,
): Promise<void> {
  const { generation } = action.metadata;
  const condition = (type: string, isSo: boolean) => ({
    ...{ type, status: isSo ? ('True' as const) : ('False' as const), reason, message },
    ...{ observedGeneration: generation, lastTransitionTime: seconds(Date.parse(at)) },
  });
  const status: CanaryActionStatus = {
    ...{ observedGeneration: generation, phase: result, message, answeredAt: at },
    // Whoever waits for an answer need not know which.
    conditions: [condition('Answered', true), condition('Done', result === 'Done')],
  };
  const options = { transport, resource: CANARY_ACTIONS, fieldManager, fence, signal };
  world.actions.wrote(await patchStatus<Action>(action, status, options));
}

/** The webhook does so where it can: with the canary, what was asked of it goes. */
async function owned(
  action: Action,
  canary: Canary,
  { world, writer: { transport, fieldManager, fence, signal } }: Options,
): Promise<Action> {
  const { ownerReferences = [], uid, resourceVersion }: Owned = action.metadata;
  if (ownerReferences.some((owner) => owner.uid === canary.metadata.uid)) return action;
  const { name } = canary.metadata;
  const reference = { apiVersion: CANARIES.apiVersion, kind: CANARIES.kind, name, uid: canary.metadata.uid };
  const written = await transport.request<Action>({
    method: 'PATCH',
    path: objectPath(CANARY_ACTIONS, action.metadata),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion, ownerReferences: [...ownerReferences, reference] } },
    ...{ fence, signal },
  });
  world.actions.wrote(written);
  return written;
}

/** An answer is kept until there are twenty newer ones. */
async function pruned(canaryKey: string, { world, writer }: Options): Promise<void> {
  const old = world.actionsOf(canaryKey).filter(isAnswered).toSorted(byAge).slice(0, -MAX_KEPT);
  for (const { metadata } of old) {
    const { name, namespace, uid } = metadata;
    await deleteObject({ metadata: { name, namespace, uid } }, { ...writer, resource: CANARY_ACTIONS });
  }
}

async function unlessGone(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isAnswered({ status }: Action): boolean {
  return (status?.phase ?? '') !== '';
}

function byAge({ metadata: one }: Action, { metadata: other }: Action): number {
  if (one.creationTimestamp !== other.creationTimestamp)
    return one.creationTimestamp < other.creationTimestamp ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
