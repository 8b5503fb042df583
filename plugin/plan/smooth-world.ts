import type { Analysis, Canary, CanaryStatus, CheckStatus } from '../../api/generated/canary.ts';
import { FINALIZER } from '../../api/keys.ts';
import { type ReleaseNames, releaseNames } from '../../api/names.ts';
import type { Effect } from '../../controller/decide/decision.ts';
import type { Observation } from '../../controller/decide/observation.ts';
import type { DeploymentFacts } from '../../controller/decide/readiness.ts';
import type { RequestedAction } from '../../controller/decide/requested-action.ts';

/** The revision that is served before, and the one that is released, in the form of real ones. */
const BEFORE = 'b'.repeat(64);
const RELEASED = 'c'.repeat(64);

/** Before any clock of a rehearsal: what is asked of a canary is asked after it was made. */
const LONG_AGO = '1970-01-01T00:00:00Z';

/** What checks and hooks say in a world. */
export interface Answers {
  readonly measured: () => readonly CheckStatus[];
  readonly hooks: (moment: Extract<Effect, { readonly kind: 'call hooks' }>['moment']) => readonly CheckStatus[];
}

/** A target with its primary where nothing takes any time: pods are there when they are asked for, gateways and hooks answer at once. */
export interface SmoothWorld {
  status: CanaryStatus;
  /** What people have asked for and nobody has answered. */
  actions: readonly RequestedAction[];
  readonly observe: () => Observation;
  readonly act: (effect: Effect) => void;
  /** Somebody changes the pod template of the target. */
  readonly change: () => void;
}

/** @param canary with defaults; `validate` has nothing against it */
export function smoothWorld(canary: Canary, analysis: Analysis, answers: Answers): SmoothWorld {
  const names = releaseNames(canary.spec);
  const target = { generation: 1, replicas: 1, revision: BEFORE };
  let primary: { generation: number; revision: string | undefined } | undefined = names.adopted
    ? { generation: 1, revision: undefined }
    : undefined;
  const services = { backends: false, apex: false };
  let route: { readonly weight: number; readonly scope: string } | undefined;
  let hooks: Observation['answers'] = {};
  let measured: readonly CheckStatus[] | undefined;
  // What the plan of a release does not hang on.
  const { deletionTimestamp: _, ...metadata } = canary.metadata;
  const { suspend: __, ...spec } = canary.spec;

  const world: SmoothWorld = {
    status: {},
    actions: [],
    observe() {
      const { status } = world;
      const seen = measured;
      measured = undefined;
      return {
        canary: {
          ...canary,
          metadata: { ...metadata, creationTimestamp: LONG_AGO, finalizers: [FINALIZER] },
          spec,
          status,
        },
        ...{ analysis, names, refusals: [], services, actions: world.actions, answers: hooks },
        target: {
          ...facts(names.target.name, metadata.namespace, target),
          ...{ uid: 'target', revision: target.revision, templateRevision: target.revision, configs: {} },
        },
        primary: primary && {
          ...facts(names.primary, metadata.namespace, { ...primary, replicas: 1 }),
          ...{ revision: primary.revision, mayBeEmptied: false },
        },
        route: {
          canaryWeight: route?.weight,
          isTrue:
            route !== undefined && route.weight === (status.desiredWeight ?? 0) && route.scope === scopeOf(status),
          acceptance: route === undefined ? 'pending' : 'accepted',
        },
        ...(seen !== undefined && { measured: seen }),
      };
    },
    act(effect) {
      switch (effect.kind) {
        case 'apply services':
          services.backends = true;
          services.apex ||= effect.apex;
          return;
        case 'create primary':
        case 'take over primary':
          primary = { generation: (primary?.generation ?? 0) + 1, revision: BEFORE };
          return;
        case 'set primary':
          primary = { generation: (primary?.generation ?? 0) + 1, revision: effect.revision };
          return;
        case 'route':
          route = { weight: effect.canaryWeight, scope: scopeOf(world.status) };
          return;
        case 'scale target':
          target.replicas = effect.replicas;
          target.generation += 1;
          return;
        case 'call hooks':
          hooks = { ...withoutMoment(hooks, effect.moment), [effect.question]: answers.hooks(effect.moment) };
          return;
        case 'measure':
          measured = answers.measured();
          return;
        case 'answer action':
          world.actions = world.actions.filter(({ uid }) => uid !== effect.answer.uid);
          return;
        // Whatever else is done needs no time, and changes nothing that a release waits for.
        case 'keep revision':
        case 'mend copies':
        case 'compare primary':
        case 'apply autoscaler':
        case 'delete autoscaler':
        case 'scale primary':
        case 'hold canary':
        case 'share primary':
        case 'hand back service':
        case 'hand back route':
        case 'let go':
          return;
      }
    },
    change() {
      target.revision = RELEASED;
      target.generation += 1;
    },
  };
  return world;
}

function facts(
  name: ReleaseNames['primary'],
  namespace: string,
  { generation, replicas }: { readonly generation: number; readonly replicas: number },
): DeploymentFacts {
  const pods = { statusReplicas: replicas, updatedReplicas: replicas, availableReplicas: replicas };
  return { ...{ name, namespace, generation, replicas, ...pods, conditions: [] }, observedGeneration: generation };
}

function scopeOf({ matchedOnly = false, mirrorWeight = 0 }: CanaryStatus): string {
  return `${matchedOnly ? 'matched' : 'all'}, ${mirrorWeight}% copied`;
}

/** An older question of a moment is forgotten, as the controller does. */
function withoutMoment(answers: Observation['answers'], moment: string): Observation['answers'] {
  return Object.fromEntries(Object.entries(answers).filter(([question]) => !question.startsWith(`${moment} `)));
}
