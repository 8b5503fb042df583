// Which alerts a change of a canary's status is worth.
import { analysisOf } from '../../api/analysis.ts';
import type { Analysis, Canary, CanaryStatus, CheckStatus } from '../../api/generated/canary.ts';
import { releaseNames } from '../../api/names.ts';
import { hasPassed } from '../decide/hooks.ts';
import { planOf } from '../decide/plan.ts';
import { enough } from '../decide/readiness.ts';
import { isRunning } from '../decide/situation.ts';
import { type DeploymentRecord, primaryFacts } from '../deployment-record.ts';
import type { Alert, AlertFailure, AlertPlan, FailedCheck } from './alert.ts';
import { type ClosedGate, closedGate } from './closed-gate.ts';

/** What is known beside the status. */
export interface Known {
  readonly target: DeploymentRecord | undefined;
  readonly primary: DeploymentRecord | undefined;
  /** What hooks have answered about the revision, by question. */
  readonly answers: Readonly<Record<string, readonly CheckStatus[] | 'under way'>>;
  readonly cluster?: string | undefined;
  readonly now: Date;
}

/** What is said, before whose it is. */
type Said = Pick<Alert, 'severity' | 'message'> & Partial<Pick<Alert, 'phase' | 'plan' | 'failure' | 'gate'>>;

/**
 * What to tell of, from the status before it was written and after. Only a status that was really written counts, and each is
 * written once: so each happening is told once, whoever leads.
 */
export function alertsOf(before: CanaryStatus, canary: Canary, known: Known): readonly Alert[] {
  const { metadata, spec, status = {} } = canary;
  const title = `${metadata.name}.${metadata.namespace}`;
  const all = [
    initialized(before, canary, title),
    newRevision(before, canary, title),
    waitsForApproval(before, canary, known, title),
    takenBack(before, canary, known, title),
    promoted(before, canary, title),
  ];
  const said = all.filter((each) => each !== undefined);
  if (said.length === 0) return [];
  const { target } = releaseNames(spec);
  const revision = status.lastAppliedSpec;
  const common = {
    ...{ name: metadata.name, namespace: metadata.namespace, phase: status.phase ?? '' },
    ...(known.cluster !== undefined && { cluster: known.cluster }),
    target: { kind: target.kind, name: target.name },
    ...(revision !== undefined && { revision }),
    images: imagesOf(revision, known),
    ...(status.triggeredBy !== undefined && { triggeredBy: status.triggeredBy.username }),
    at: known.now,
  };
  return said.map((each) => ({ ...common, ...each }));
}

function initialized(before: CanaryStatus, { spec, status = {} }: Canary, title: string): Said | undefined {
  if (status.phase !== 'Initialized' || before.phase === 'Initialized') return undefined;
  const message = `Canary ${title} is initialized: its primary serves all traffic`;
  return { severity: 'info', message, plan: alertPlan(spec) };
}

/** Also one that takes the place of another whose release was under way, and one that is tried again. */
function newRevision(before: CanaryStatus, { spec, status = {} }: Canary, title: string): Said | undefined {
  if (!isRunning(status) || status.startedAt === undefined || status.startedAt === before.startedAt) return undefined;
  const plan = alertPlan(spec);
  if (before.lastAppliedSpec !== undefined && before.lastAppliedSpec === status.lastAppliedSpec) {
    return { severity: 'info', message: `The analysis of the same revision of ${title} begins again`, plan };
  }
  const how = isRunning(before) ? 'The analysis begins anew' : 'The analysis begins';
  return { severity: 'info', message: `New revision of ${title} detected. ${how}`, plan };
}

/** Told when it begins to wait, not each time that the gate is found closed. */
function waitsForApproval(before: CanaryStatus, canary: Canary, known: Known, title: string): Said | undefined {
  const gate = closedGate(canary, known.answers);
  if (gate === undefined || gate.isMuted) return undefined;
  if (closedGate({ ...canary, status: before }, known.answers)?.key === gate.key) return undefined;
  const message = `Canary ${title} is waiting for ${WANTED[gate.moment]}${whoseGate(gate)}`;
  return { severity: 'warn', message, gate: gate.key };
}

const WANTED: Readonly<Record<ClosedGate['moment'], string>> = {
  'confirm-rollout': 'approval of its rollout',
  'confirm-traffic-increase': 'approval of its next weight',
  'confirm-promotion': 'approval of its promotion',
};

function whoseGate({ hooks }: ClosedGate): string {
  const texts = hooks.map(({ name, message }) => (message === undefined ? name : `${name}: ${message}`));
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
}

/** Told when it is decided: clearing away may take long, and nobody has to wait for it to know. */
function takenBack({ ending: before }: CanaryStatus, canary: Canary, known: Known, title: string): Said | undefined {
  const { ending } = canary.status ?? {};
  if (ending === undefined || (before?.result === ending.result && before.reason === ending.reason)) return undefined;
  const { result, reason, message } = ending;
  switch (result) {
    case 'Failed':
    case 'Aborted': {
      const failure = failureOf(reason, message, canary, known);
      const severity = isAskedFor(reason, result) ? 'warn' : 'error';
      return { severity, message: `Rolling back ${title}: ${message}`, phase: 'Failed', failure };
    }
    case 'Reverted':
      return { severity: 'info', message: `The release of ${title} is over: ${message}` };
    // Told when it is over.
    case 'Succeeded':
    case 'Superseded':
      return undefined;
  }
}

/** Somebody wanted it so; whoever is on call is not woken for that. */
function isAskedFor(reason: string, result: 'Failed' | 'Aborted'): boolean {
  return reason === 'RollbackHook' || reason === 'Rejected' || (result === 'Aborted' && reason !== 'TargetMissing');
}

function promoted(before: CanaryStatus, { spec, status = {} }: Canary, title: string): Said | undefined {
  const [run] = status.history ?? [];
  if (run?.result !== 'Succeeded' || run.finishedAt === before.history?.[0]?.finishedAt) return undefined;
  const how = spec.skipAnalysis === true ? 'its analysis was skipped' : (run.message ?? 'every check has passed');
  return { severity: 'info', message: `Promotion of ${title} completed: ${how}` };
}

function failureOf(reason: string, message: string, canary: Canary, known: Known): AlertFailure {
  const { checks = [] } = canary.status ?? {};
  const whole = canary.status?.failure?.message ?? message;
  const failed = checks.filter((check) => !hasPassed(check)).map(withoutMeasurements);
  switch (reason) {
    case 'ThresholdReached':
      return { reason, message: whole, checks: failed };
    case 'CanaryDeadlineExceeded':
    case 'ProgressDeadlineExceeded':
      return { reason, message: whole, ...deadlineOf(reason, known.target, canary, 'canaryReadyThreshold') };
    case 'PrimaryNotReady':
      return { reason, message: whole, ...deadlineOf(reason, known.primary, canary, 'primaryReadyThreshold') };
    default:
      return { reason, message: whole, checks: [] };
  }
}

/** What Kubernetes takes where a Deployment has none. */
const KUBERNETES_DEADLINE_SECONDS = 600;

/** How many pods there were and how many it takes, in which time. */
function deadlineOf(
  reason: string,
  record: DeploymentRecord | undefined,
  { spec }: Canary,
  threshold: 'canaryReadyThreshold' | 'primaryReadyThreshold',
): Pick<AlertFailure, 'checks' | 'deadlineSeconds'> {
  const own = record?.spec['progressDeadlineSeconds'];
  const ownSeconds = typeof own === 'number' ? own : KUBERNETES_DEADLINE_SECONDS;
  const deadlineSeconds = reason === 'ProgressDeadlineExceeded' ? ownSeconds : spec.progressDeadlineSeconds;
  if (record === undefined) return { checks: [], deadlineSeconds };
  const { availableReplicas = 0, updatedReplicas = 0 } = record.status;
  const wanted = Math.max(record.spec.replicas ?? 1, updatedReplicas);
  const pods: FailedCheck = {
    ...{ kind: 'Metric', name: 'available pods', verdict: 'Fail', value: availableReplicas },
    thresholdRange: { min: enough(wanted, wanted, Math.max(1, analysisOf(spec)[threshold])) },
  };
  return { checks: [pods], deadlineSeconds };
}

/** The target may be at another revision by now, and the primary at none that it was given by us. */
function imagesOf(revision: string | undefined, { target, primary }: Known): readonly string[] {
  const isPrimarys = primary !== undefined && primaryFacts(primary).revision === revision;
  const of = target?.revision === revision ? target : isPrimarys ? primary : undefined;
  return (of?.spec.template.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
}

function alertPlan(spec: Canary['spec']): AlertPlan {
  const analysis = analysisOf(spec);
  const { progressDeadlineSeconds } = spec;
  return { threshold: analysis.threshold, progressDeadlineSeconds, routing: routingOf(analysis) };
}

const MAX_WEIGHTS = 20;

function routingOf(analysis: Analysis): string {
  const { iterations, match = [] } = analysis;
  if (iterations !== undefined) return `${match.length > 0 ? 'A/B' : 'blue/green'}, ${iterations} iterations`;
  const weights = planOf(analysis)
    .map(({ weight }) => weight)
    .filter((weight) => weight > 0);
  const shown = weights.slice(0, MAX_WEIGHTS).join(', ');
  return `weights ${shown}${weights.length > MAX_WEIGHTS ? ` and so on to ${weights.at(-1)}` : ''}`;
}

/** Of a check, an alert tells the last result. */
function withoutMeasurements(check: CheckStatus): FailedCheck {
  const { measurements: _, ...last } = check;
  return last;
}
