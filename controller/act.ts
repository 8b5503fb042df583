import type { Canary } from '../api/generated/canary.ts';
import type { Clock } from '../kube/clock.ts';
import { applyAutoscaler, deleteAutoscaler } from './autoscaler.ts';
import { answerAction } from './canary-actions.ts';
import type { Effect, Note } from './decide/decision.ts';
import type { HookMoment } from './decide/hooks-at.ts';
import { changedMeanwhile, patchDeployment } from './deployments.ts';
import { applyRoute, applyServices } from './generated-objects.ts';
import { handBackRoute, handBackService } from './hand-back.ts';
import { holdCanary, letGo } from './hold.ts';
import { keepTarget } from './keep-target.ts';
import {
  comparePrimary,
  createPrimary,
  mendPrimary,
  scalePrimary,
  setPrimary,
  sharePrimary,
  takeOverPrimary,
} from './primary.ts';
import type { Subject } from './subject.ts';
import type { World } from './world.ts';
import type { Writer } from './writer.ts';

export interface ActOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly writer: Writer;
  readonly callHooks: (subject: Subject, moment: HookMoment, question: string) => void;
  /** Tells of what was met on the way, such as a kept revision that is not what was kept. */
  readonly tell: (canary: Canary, note: Note) => void;
  /** Measures beside the loop. */
  readonly measure: (subject: Subject) => void;
}

/**
 * Does one thing to the world. It is there already where it was done before and we were killed before we could see it.
 *
 * @throws {KubeError} also a 409 of our own, where the world is no longer as it was observed
 */
export async function act(subject: Subject, effect: Effect, options: ActOptions): Promise<void> {
  switch (effect.kind) {
    case 'apply services':
      await applyServices(subject, effect.apex, options);
      return;
    case 'create primary':
      await createPrimary(subject, effect.revision, options);
      return;
    case 'take over primary':
      await takeOverPrimary(subject, options);
      return;
    case 'keep revision':
      await keepTarget(subject, effect, options);
      return;
    case 'mend copies':
      await mendPrimary(subject, effect.revision, options);
      return;
    case 'compare primary':
      await comparePrimary(subject, effect.revision, options);
      return;
    case 'set primary':
      await setPrimary(subject, effect.revision, options);
      return;
    case 'route':
      await applyRoute(subject, options);
      return;
    case 'scale target':
      await scaleTarget(subject, effect.replicas, options);
      return;
    case 'apply autoscaler':
      await applyAutoscaler(subject, options);
      return;
    case 'delete autoscaler':
      await deleteAutoscaler(subject, effect.name, options);
      return;
    case 'scale primary':
      await scalePrimary(subject, effect.replicas, options);
      return;
    case 'hold canary':
      await holdCanary(subject, options);
      return;
    case 'share primary':
      await sharePrimary(subject, options);
      return;
    case 'hand back service':
      await handBackService(subject, options);
      return;
    case 'hand back route':
      await handBackRoute(subject, options);
      return;
    case 'let go':
      await letGo(subject, effect.collects, options);
      return;
    case 'call hooks':
      options.callHooks(subject, effect.moment, effect.question);
      return;
    case 'answer action':
      await answerAction(subject.canary, effect.answer, options);
      return;
    case 'measure':
      options.measure(subject);
  }
}

/** Of the very spec that was observed: one with another pod template starts a release of its own. */
async function scaleTarget(
  { canary, target }: Subject,
  replicas: number,
  { world, writer }: ActOptions,
): Promise<void> {
  if (target === undefined) throw changedMeanwhile('the target is gone');
  const { name, uid, generation } = target.metadata;
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
    { op: 'add', path: '/spec/replicas', value: replicas },
  ];
  world.deployments.wrote(await patchDeployment(writer, canary.metadata.namespace, name, body));
}
