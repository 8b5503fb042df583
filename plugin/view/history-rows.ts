import type { Canary, CanaryStatus, FinishedRun } from '../../api/generated/canary.ts';
import { isUnderWay } from './wait-verdict.ts';

/** A pod template that is kept. */
export interface KeptTemplate {
  /** Counted from 1, the oldest that is kept. */
  readonly ordinal: number;
  readonly revision: string;
  readonly createdAt: string;
  readonly template: {
    readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
  };
}

/** A release: under way, over, or of before there were any. */
export interface HistoryRow {
  /** By which `undo` knows it; `undefined` where its pod template is kept no more. */
  readonly ordinal?: number;
  /** In full. */
  readonly revision: string;
  /** How it ended, or the phase that it is in; empty where nobody remembers. */
  readonly result: string;
  readonly reason?: string;
  readonly message?: string;
  /** Whose change began it. */
  readonly changedBy?: string;
  /** Who decided how it ended. */
  readonly endedBy?: string;
  /** Percent. */
  readonly weight?: number;
  readonly failedChecks?: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly images: readonly string[];
  /** Whether it is what the primary runs. */
  readonly isPromoted: boolean;
}

/** All releases that are remembered or kept, newest first. */
export function historyRows(
  { status = {} }: Pick<Canary, 'status'>,
  kept: readonly KeptTemplate[],
): readonly HistoryRow[] {
  const { history = [], lastPromotedSpec } = status;
  const runs = [...(isUnderWay(status) ? [runUnderWay(status)] : []), ...history.map(finishedRun)];
  const known = new Set(runs.map(({ revision }) => revision));
  const others = kept
    .filter(({ revision }) => !known.has(revision))
    .toReversed()
    .map(({ revision, createdAt }) => ({
      ...{ revision, startedAt: createdAt },
      // The first one has been promoted without a release.
      result: revision === lastPromotedSpec ? 'Initialized' : '',
    }));
  return [...runs, ...others].map((run) => {
    const one = kept.find(({ revision }) => revision === run.revision);
    return {
      ...(one !== undefined && { ordinal: one.ordinal }),
      ...run,
      images: imagesOf(one),
      isPromoted: run.revision === lastPromotedSpec,
    };
  });
}

type Run = Omit<HistoryRow, 'ordinal' | 'images' | 'isPromoted'>;

function runUnderWay(status: CanaryStatus): Run {
  const {
    lastAppliedSpec = '',
    phase = '',
    ending,
    waitingFor,
    triggeredBy,
    startedAt,
    actualWeight,
    failedChecks,
  } = status;
  const { reason, message } = ending ?? waitingFor ?? {};
  return {
    ...{ revision: lastAppliedSpec, result: phase },
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(triggeredBy !== undefined && { changedBy: triggeredBy.username }),
    ...(ending?.by !== undefined && { endedBy: ending.by }),
    ...(actualWeight !== undefined && { weight: actualWeight }),
    ...(failedChecks !== undefined && { failedChecks }),
    ...(startedAt !== undefined && { startedAt }),
  };
}

function finishedRun({ by, triggeredBy, ...run }: FinishedRun): Run {
  return {
    ...run,
    ...(triggeredBy !== undefined && { changedBy: triggeredBy.username }),
    ...(by !== undefined && { endedBy: by }),
  };
}

function imagesOf(kept: KeptTemplate | undefined): readonly string[] {
  return (kept?.template.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
}
