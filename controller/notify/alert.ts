import type { CanaryAlert, CanaryStatus, CheckStatus } from '../../api/generated/canary.ts';

export type Severity = 'info' | 'warn' | 'error';

/** Something that has become of a release and that people are told of, whichever way. */
export interface Alert {
  /** Of the canary. */
  readonly name: string;
  readonly namespace: string;
  /** Of which of several clusters, where the controller was told its name. */
  readonly cluster?: string;
  /** Where the release stands; `Failed` from the moment in which it is rolled back. */
  readonly phase: NonNullable<CanaryStatus['phase']>;
  readonly severity: Severity;
  readonly message: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly revision?: string;
  /** Of the containers of that revision, in their order; none where they are no longer known. */
  readonly images: readonly string[];
  readonly triggeredBy?: string;
  /** How the release goes on, of an alert that it has begun. */
  readonly plan?: AlertPlan;
  /** Of an alert that it is rolled back. */
  readonly failure?: AlertFailure;
  /** Which gate it waits at, of an alert that it waits. */
  readonly gate?: string;
  readonly at: Date;
}

export interface AlertPlan {
  /** Failed checks that roll it back. */
  readonly threshold: number;
  readonly progressDeadlineSeconds: number;
  /** `weights 10, 20, 30` */
  readonly routing: string;
}

export interface AlertFailure {
  /** One word, such as `ThresholdReached`. */
  readonly reason: string;
  readonly message: string;
  /** Every check that did not pass. Of a deadline it is the pods that were waited for. */
  readonly checks: readonly FailedCheck[];
  /** The deadline that has passed. */
  readonly deadlineSeconds?: number;
}

export type FailedCheck = Pick<CheckStatus, 'kind' | 'name' | 'verdict' | 'value' | 'thresholdRange' | 'message'>;

const RANK: Readonly<Record<Severity, number>> = { info: 0, warn: 1, error: 2 };

/** Whether a receiver wants it: `info` is everything, and an empty severity is `info`. */
export function isWanted({ severity }: Pick<Alert, 'severity'>, least: CanaryAlert['severity']): boolean {
  return RANK[severity] >= RANK[least === '' ? 'info' : least];
}
