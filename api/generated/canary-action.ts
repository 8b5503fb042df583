// Generated from manifests/crd by `make generate`. Not to be edited by hand.
import type { ObjectMeta } from '../object-meta.ts';

/** A person's decision about one revision of one canary. It is carried out once, and answered in its status. */
export interface CanaryAction {
  readonly apiVersion: 'flagger.app/v1beta1';
  readonly kind: 'CanaryAction';
  readonly metadata: ObjectMeta;
  /** What is decided. It cannot be changed afterwards. */
  readonly spec: CanaryActionSpec;
  /** The controller's answer. */
  readonly status?: CanaryActionStatus;
}

/** What is decided. It cannot be changed afterwards. */
export interface CanaryActionSpec {
  /** Name of the canary, in this namespace. */
  readonly canary: string;
  /** The revision that is decided about, as the canary's status has it in lastAppliedSpec, or at least its first 32 characters. The action is rejected when another one is released by then. */
  readonly revision: string;
  /** What is to happen. */
  readonly action: 'promote' | 'abort' | 'pause' | 'resume' | 'retry' | 'approve' | 'reject';
  /** For promote - leaves out all steps and checks that are still to come. */
  readonly full?: boolean;
  /** For promote - goes on to this step; 1 is the first. 1 to 10000. */
  readonly toStep?: number;
  /** For promote - the step that was seen; 0 is before the first. At another, nothing is done. 0 to 10000. */
  readonly fromStep?: number;
  /** For approve and reject - the hook without a URL that is answered. Without it, the one that is waited for. */
  readonly gate?: string;
  /** Why it was decided so. */
  readonly reason?: string;
  /** Who decided; admission fills it in and overwrites what is there. */
  readonly requestedBy?: string;
  /** When; admission fills it in and overwrites what is there. */
  readonly requestedAt?: string;
}

/** The controller's answer. */
export interface CanaryActionStatus {
  /** Generation of the spec that this status is about. At least 0. */
  readonly observedGeneration?: number;
  /** Empty until it is answered. */
  readonly phase?: '' | 'Done' | 'Rejected';
  /** What was done or why not. */
  readonly message?: string;
  /** When. */
  readonly answeredAt?: string;
  /** Facts for kubectl wait - Answered when there is an answer, and Done when it was carried out. */
  readonly conditions?: readonly Condition[];
}

export interface Condition {
  /** What is stated. */
  readonly type: string;
  /** Whether it is so. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, in one word. */
  readonly reason: string;
  /** Why, in a sentence. */
  readonly message?: string;
  /** Generation of the spec that it is about. At least 0. */
  readonly observedGeneration?: number;
  /** When the status changed last. */
  readonly lastTransitionTime?: string;
}
