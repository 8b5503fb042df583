import type { ActionDecision, CanaryStatus } from '../../api/generated/canary.ts';
import type { HookMoment } from './hooks-at.ts';

/** What the controller does to the world. Each can be done twice with the effect of once. */
export type Effect =
  /** Makes the primary's and the canary's Service, and with `apex` also the one that clients call, as they should be. */
  | { readonly kind: 'apply services'; readonly apex: boolean }
  /** Makes the primary from the revision that was kept; without one, from the target as it stands, which is kept. */
  | { readonly kind: 'create primary'; readonly revision?: string }
  /** Takes over a primary that is there already, whoever made it, with what it runs. */
  | { readonly kind: 'take over primary' }
  /**
   * Keeps the target's pod template and copies of its configuration, if it still is this revision, to promote it or to come
   * back to it. One that is another's new name has the copies which that one has, if any.
   */
  | { readonly kind: 'keep revision'; readonly revision: string; readonly renamedFrom?: string }
  /** Makes copies of configuration again that the primary, which has this revision, refers to and that are gone. */
  | { readonly kind: 'mend copies'; readonly revision: string }
  /** Gives the primary the pod template that was kept as this revision. */
  | { readonly kind: 'set primary'; readonly revision: string }
  /** Asks what pod template the primary would get of this revision now, and writes nothing. */
  | { readonly kind: 'compare primary'; readonly revision: string }
  /** Makes the route split the requests as the status says. The weight that is in it is for whoever reads along. */
  | { readonly kind: 'route'; readonly canaryWeight: number }
  /** Only while the target is as it was observed. */
  | { readonly kind: 'scale target'; readonly replicas: number }
  /** Makes the primary's autoscaler what the status wants of it. */
  | { readonly kind: 'apply autoscaler' }
  /** One that we have made for the primary. */
  | { readonly kind: 'delete autoscaler'; readonly name: string }
  /** Only while the primary is as it was observed. */
  | { readonly kind: 'scale primary'; readonly replicas: number }
  /** Sees to it that the canary does not go before its target serves again. */
  | { readonly kind: 'hold canary' }
  /** Makes the target an owner of the primary too, so that it stays while either of the two is there. */
  | { readonly kind: 'share primary' }
  /** The Service that clients call leads to the target's pods. */
  | { readonly kind: 'hand back service' }
  /** All requests that come by the route go to that Service. */
  | { readonly kind: 'hand back route' }
  /** The canary may go: with what was made for it, but for what clients call; or, without `collects`, with nothing. */
  | { readonly kind: 'let go'; readonly collects: boolean }
  /** Asks the hooks of a moment, beside the loop: what they say is part of a later observation. */
  | { readonly kind: 'call hooks'; readonly moment: HookMoment; readonly question: string }
  /** Writes into a person's action what was decided on it, which the canary's status says already. */
  | { readonly kind: 'answer action'; readonly answer: ActionDecision }
  /** Asks the metric providers, beside the loop: what they say is part of a later observation. */
  | { readonly kind: 'measure' };

/** Something to tell: an Event, a line in the log. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  /** What is being done, one word in CamelCase. */
  readonly action: string;
  readonly text: string;
}

/** Nothing until something happens, or until a time (ms since 1970). The status says what is waited for. */
export interface Waits {
  readonly kind: 'wait';
  readonly status: CanaryStatus;
  readonly until?: number;
  /** Told when the waiting begins, or is for something else than before. */
  readonly note?: Note;
}

/** Change what is wanted: write this status, then tell. `first` has to have succeeded before. */
export interface Moves {
  readonly kind: 'move';
  readonly status: CanaryStatus;
  readonly notes: readonly Note[];
  readonly first?: Effect;
}

/** One step, after which the world is looked at again. */
export type Decision =
  /** Change the world. The status says already what is wanted. */
  { readonly kind: 'act'; readonly effect: Effect } | Moves | Waits;
