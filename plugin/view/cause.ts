// Why a release stands where it stands, as one cause, and what a person can do about it.
import type { Canary, WaitingFor } from '../../api/generated/canary.ts';
import { readableNames } from '../../api/names.ts';
import { planOf } from '../../controller/decide/plan.ts';
import { gateRows } from './gate-rows.ts';
import { readableAnalysis } from './readable-analysis.ts';

/** What a person may type, and what comes of it. */
export interface Advice {
  /** `goes on to the next step at once`. */
  readonly what: string;
  readonly command: string;
}

export interface Cause {
  /** In one word, as the status has it, or `Failed`, `Suspended`, `AtRest` and the like. */
  readonly reason: string;
  /** What it waits for or why it ended, after the words `Waits for` or `Failed`. */
  readonly text: string;
  readonly kind: 'waits' | 'failed' | 'rest';
  /** Somebody has to mend or decide something: it does not go on by itself. */
  readonly needsSomebody: boolean;
  /** RFC 3339. */
  readonly since?: string;
  /** RFC 3339: when it goes on by itself, or is looked at again. */
  readonly until?: string;
  /** RFC 3339: when it is given up. */
  readonly deadline?: string;
  /** Who decided it. */
  readonly by?: string;
  /** What to type, the best first. */
  readonly advice: readonly Advice[];
}

type Told = Omit<Cause, 'advice' | 'kind' | 'needsSomebody'> & Partial<Pick<Cause, 'kind' | 'needsSomebody'>>;

/** What goes before all else first: one that is suspended waits for nothing else. */
export function causeOf(canary: Canary): Cause {
  const { metadata, spec, status = {} } = canary;
  const { phase = '', paused, ending, waitingFor, failure, lastTransitionTime } = status;
  const type = commandsFor(canary);
  if (metadata.deletionTimestamp !== undefined) {
    const text = `its target to serve alone, as the canary is being deleted`;
    return told({ reason: 'Deleting', text, since: metadata.deletionTimestamp }, type.events);
  }
  if (phase === '') {
    const text = 'the controller, which has said nothing about it yet';
    return told({ reason: 'NoStatus', text, since: metadata.creationTimestamp, needsSomebody: true }, type.check);
  }
  if (spec.suspend === true) {
    const text = 'spec.suspend to be false: nothing is started or moved';
    return told({ reason: 'Suspended', text, needsSomebody: true }, type.unsuspend);
  }
  if (ending !== undefined) {
    const text = `the release to be cleared away, which is over: ${ending.message}`;
    return told({ reason: ending.reason, text, ...byOf(ending) }, type.watch);
  }
  if (phase === 'Failed') {
    const text = failure?.message ?? 'the status does not say why';
    const since = failure?.failedAt ?? lastTransitionTime;
    const facts = { reason: failure?.reason ?? 'Failed', text, kind: 'failed', needsSomebody: true } as const;
    return told({ ...facts, ...sinceOf(since), ...byOf(failure ?? {}) }, type.retry, type.undo);
  }
  if (paused !== undefined) {
    const who = paused.by ?? 'somebody';
    const text = `someone to resume it: ${who} paused it${paused.reason === undefined ? '' : ` (${paused.reason})`}`;
    return told(
      { reason: 'Paused', text, since: paused.at, needsSomebody: true, ...byOf(paused) },
      type.resume,
      type.abort,
    );
  }
  if (waitingFor !== undefined) return waitingCause(canary, waitingFor);
  return restOrMove(canary);
}

function restOrMove(canary: Canary): Cause {
  const { status = {} } = canary;
  const { phase = '', lastTransitionTime, history: [last] = [] } = status;
  const type = commandsFor(canary);
  if (phase === 'Initialized' || phase === 'Succeeded') {
    const target = readableNames(canary.spec)?.target;
    const text = `a new revision of ${target === undefined ? 'its target' : `${target.kind}/${target.name}`}`;
    const facts = { reason: 'AtRest', text, kind: 'rest' } as const;
    return told({ ...facts, ...sinceOf(last?.finishedAt ?? lastTransitionTime) }, type.history);
  }
  if (phase === 'Initializing') {
    return told({ reason: phase, text: 'the primary, the Services and the route to be made' }, type.tree);
  }
  if (phase === 'Promoting') {
    const text = 'the primary to become the new revision';
    return told({ reason: phase, text, ...sinceOf(lastTransitionTime) }, type.watch);
  }
  return told({ reason: phase, text: 'the controller to take the next step' }, type.watch);
}

function waitingCause(canary: Canary, waitingFor: WaitingFor): Cause {
  const { status = {}, spec } = canary;
  const { reason, message = reason, gate, until } = waitingFor;
  const { step = 0, phase, stepStartedAt, lastTransitionTime, startedAt } = status;
  const type = commandsFor(canary);
  const since = sinceOf(
    phase === 'Waiting' || phase === 'WaitingPromotion' ? lastTransitionTime : (stepStartedAt ?? startedAt),
  );
  const time = until === undefined ? {} : DEADLINES.has(reason) ? { deadline: until } : { until };
  const waits = (text: string, ...advice: readonly Advice[]) => told({ reason, text, ...since, ...time }, ...advice);
  const stuck = (text: string, ...advice: readonly Advice[]) =>
    told({ reason, text, ...since, ...time, needsSomebody: true }, ...advice);
  const names = readableNames(spec);
  switch (reason) {
    case 'Approval':
      return stuck(`gate ${gate ?? ''} to be approved by a person`, type.approve(gate ?? ''), type.reject(gate ?? ''));
    case 'GateClosed':
      return stuck(closedText(canary), type.watch, type.abort);
    case 'StepInterval': {
      const analysis = readableAnalysis(spec);
      const steps = analysis === undefined ? 0 : planOf(analysis).length;
      if (phase === 'Promoting') return waits(message, type.watch);
      if (step === 0) return waits('the first step to be tried again', type.watch);
      return waits(`the checks of step ${step} of ${steps}`, type.promote);
    }
    case 'CanaryReady':
      return waits(`the canary's pods: ${message}`, type.describe(names?.target.kind, names?.target.name));
    case 'PrimaryReady':
      return waits(`the primary's pods: ${message}`, type.describe('Deployment', names?.primary));
    case 'RouteAccepted':
      return waits(`the gateway to take up the weight: ${message}`, type.watch, type.tree);
    case 'FreshMetrics':
    case 'Drain':
    case 'HookRunning':
    case 'StalePods':
      return waits(`what takes its time: ${message}`, type.watch);
    case 'RouteRefused':
      return stuck(`the gateway to take up the weight: ${message}`, type.tree);
    case 'TargetMissing':
      return stuck(`its target: ${message}`, type.read(names?.target.kind, names?.target.name));
    case 'PrimaryMissing':
      return stuck(`its primary: ${message}`, type.read('Deployment', names?.primary));
    case 'PrimaryDrifted':
      return stuck(`its primary to be put right: ${message}`, type.read('Deployment', names?.primary));
    case 'RevisionTampered':
    case 'RevisionMissing':
    case 'CopyTampered':
      return stuck(`what was kept to be put right: ${message}`, type.events);
    case 'ConfigMissing':
    case 'ConfigUnread':
      return stuck(`its configuration: ${message}`, type.configs);
    case 'InvalidSpec':
    case 'NotSupported':
    case 'NoSteps':
      return stuck(`its spec to be mended: ${message}`, type.edit);
    default:
      return stuck(`this to be mended: ${message}`, type.check);
  }
}

/** What waits for something that Kubernetes or a gateway has to do gives up after a while. */
const DEADLINES: ReadonlySet<string> = new Set(['CanaryReady', 'PrimaryReady', 'RouteAccepted', 'RouteRefused']);

/** Of several gates of one moment that are asked over HTTP, the status does not say which one is closed. */
function closedText(canary: Canary): string {
  const closed = gateRows(canary).filter(({ state }) => state === 'closed');
  const names = closed.map(({ name }) => name).join(' or ');
  const urls = closed.map(({ url }) => url).join(', ');
  return closed.length === 0
    ? 'a gate that is asked over HTTP to open'
    : `gate ${names} to open, which is asked at ${urls}`;
}

function told(facts: Told, ...advice: readonly Advice[]): Cause {
  return { kind: 'waits', needsSomebody: false, ...facts, advice };
}

function sinceOf(since: string | undefined): { readonly since?: string } {
  return since === undefined ? {} : { since };
}

function byOf({ by }: { readonly by?: string }): { readonly by?: string } {
  return by === undefined ? {} : { by };
}

/** Each as it is typed, whole. */
function commandsFor({ metadata: { name, namespace } }: Canary) {
  const ours = (what: string, ...words: readonly string[]): Advice => ({
    ...{ what, command: ['kubectl canary', ...words, '-n', namespace].join(' ') },
  });
  const kubectl = (what: string, ...words: readonly string[]): Advice => ({
    ...{ what, command: ['kubectl', ...words, '-n', namespace].join(' ') },
  });
  const object = (kind = 'Deployment', named = '') => `${kind.toLowerCase()}/${named}`;
  const patch = `--type merge -p '{"spec":{"suspend":false}}'`;
  return {
    approve: (gate: string) => ours('opens the gate', 'approve', gate, name),
    reject: (gate: string) => ours('ends the release', 'reject', gate, name),
    promote: ours('goes on to the next step at once', 'promote', name),
    resume: ours('lets it go on', 'resume', name),
    abort: ours('ends the release', 'abort', name),
    retry: ours('tries the same revision again', 'retry', name),
    undo: ours('brings the target back to the promoted revision', 'undo', name),
    watch: ours('shows it as it goes on', 'watch', name),
    tree: ours('shows the objects that it has made', 'tree', name),
    events: ours('shows what happened', 'events', name),
    history: ours('shows the releases before', 'history', name),
    check: ours('looks for what is wrong with the installation', 'check'),
    edit: kubectl('changes the spec', 'edit', 'canary', name),
    unsuspend: kubectl('lets it go on', 'patch', 'canary', name, patch),
    configs: kubectl('shows the configuration that is there', 'get', 'configmaps,secrets'),
    describe: (kind?: string, named?: string) =>
      kubectl('shows what its pods wait for', 'describe', object(kind, named)),
    read: (kind?: string, named?: string) => kubectl('looks whether it is there', 'get', object(kind, named)),
  };
}
