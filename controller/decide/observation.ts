import type { Analysis, Canary, CheckStatus, PromotedScaler } from '../../api/generated/canary.ts';
import type { ReleaseNames } from '../../api/names.ts';
import type { DeploymentFacts } from './readiness.ts';
import type { RequestedAction } from './requested-action.ts';

/** The workload whose changes are released, as it stands. */
export interface TargetFacts extends DeploymentFacts {
  readonly uid: string;
  /** Of its pod template with what it is configured by. While that is not known, as it was seen last. */
  readonly revision: string;
  /** Of its pod template alone. */
  readonly templateRevision: string;
  /** Digests of its ConfigMaps and Secrets, by `configmap/NAME` or `secret/NAME`. */
  readonly configs: Readonly<Record<string, string>>;
  /** Why what it is configured by is not known. */
  readonly unread?: UnreadConfig;
  /** What the webhook has written about the last change of the pod template, if it has: it may be about an earlier one. */
  readonly change?: { readonly revision: string; readonly username: string; readonly changedAt: string };
  /** It is being deleted. */
  readonly isGoing?: boolean;
}

/** A ConfigMap or Secret that pods need and that is not there, or cannot be read: what would be released is not known. */
export interface UnreadConfig {
  readonly reason: 'ConfigMissing' | 'ConfigUnread';
  readonly message: string;
  /** How soon it is tried again, where nobody tells us. */
  readonly againMs?: number;
}

/** The workload that has the promoted revision, as it stands. */
export interface PrimaryFacts extends DeploymentFacts {
  /** The revision that its pod template was made from; `undefined` for one that we have not taken over yet. */
  readonly revision: string | undefined;
  /** Hash of its pod template, but for when its pods were told to restart. */
  readonly template?: string;
  readonly uid?: string;
  /** What the API server answered when we wrote it, as long as the status does not have it. */
  readonly written?: {
    readonly revision: string;
    readonly template: string;
    readonly uid: string;
    readonly generation: number;
  };
  /** Hash of the pod template that our write of its revision would make now, where that was asked. Empty where it cannot be. */
  readonly wouldBe?: string;
  /** Whether its strategy may take all pods away before new ones are there. */
  readonly mayBeEmptied: boolean;
  /** Whether it stays when the canary goes before its target serves again; `false` only of one that we have made. */
  readonly outlivesCanary?: boolean;
  /** Copies of configuration that its pods need and that are gone: those that run stay, and no other would start. */
  readonly lacksCopies?: boolean;
}

export type Acceptance = 'accepted' | 'pending' | { readonly refused: string };

/** The route, as it stands. */
export interface RouteFacts {
  /** Percent of the requests that go to the canary; `undefined` where there is no route or it splits nothing. */
  readonly canaryWeight: number | undefined;
  /** Whether the objects are, to the last field, as they should be for the weight that the status wants. */
  readonly isTrue: boolean;
  readonly acceptance: Acceptance;
}

/** The HorizontalPodAutoscalers of a canary that names one, as they stand. */
export interface AutoscalerFacts {
  /** What the target's own says; `undefined` while there is none. */
  readonly ofTarget: PromotedScaler | undefined;
  /** Whether the primary's is as the canary and its status want it. */
  readonly isTrue: boolean;
}

/** How far the target of a canary that is being deleted has been given back what leads to its pods. */
export interface DeletionFacts {
  readonly namespaceIsGoing: boolean;
  /** The Service that clients call, where it is ours or was taken over. */
  readonly service: { readonly isThere: boolean; readonly isBack: boolean };
  /** The route, likewise; and what the gateway says of it where it is back. */
  readonly route: { readonly isThere: boolean; readonly isBack: boolean; readonly acceptance: Acceptance };
}

/** A reason why a canary is not carried out as it is written. */
export interface Refusal {
  /** One word, such as `InvalidSpec`. */
  readonly reason: string;
  /** A sentence with the field and what to do. */
  readonly message: string;
  /** What is held: everything, or only the next release, so that the target is served by its primary until it is mended. */
  readonly holds: 'everything' | 'releases';
  /** Of what nobody tells us when it is mended. */
  readonly lookAgainMs?: number;
}

/** All that a decision is made from, but for the time. */
export interface Observation {
  /** With defaults; its status is the one that the decision goes on from. */
  readonly canary: Canary;
  readonly analysis: Analysis;
  readonly names: ReleaseNames;
  readonly refusals: readonly Refusal[];
  readonly target: TargetFacts | undefined;
  readonly primary: PrimaryFacts | undefined;
  /** Whether they are as they should be. Of the user's own objects nothing is asked. */
  readonly services: { readonly backends: boolean; readonly apex: boolean };
  readonly route: RouteFacts;
  /** Without one the canary names none. */
  readonly autoscaler?: AutoscalerFacts;
  /** Only of a canary that is being deleted. */
  readonly deletion?: DeletionFacts;
  /** What hooks have said about the revision, by question. */
  readonly answers: Readonly<Record<string, readonly CheckStatus[] | 'under way'>>;
  /** What people have asked for and nobody has answered, oldest first. */
  readonly actions: readonly RequestedAction[];
  /** What was measured, for this very decision, where one before asked for it; or that it takes its time, or a long one. */
  readonly measured?: readonly CheckStatus[] | 'under way' | 'overdue';
}
