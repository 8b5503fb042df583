import type {
  ActionDecision,
  Analysis,
  Canary,
  CanarySpec,
  CanaryStatus,
  CheckStatus,
} from '../../api/generated/canary.ts';
import { FINALIZER } from '../../api/keys.ts';
import { releaseNames } from '../../api/names.ts';
import { configuredRevision, isOfTemplate, revisionOf } from '../../api/revision.ts';
import { decide, refusedWrite } from './decide.ts';
import type { Decision, Effect, Note } from './decision.ts';
import { measuringRound } from './measuring-round.ts';
import type { Acceptance, Observation, Refusal, TargetFacts } from './observation.ts';
import { PretendAutoscaler } from './pretend-autoscaler.ts';
import { PretendDeletion } from './pretend-deletion.ts';
import { PretendDeployment } from './pretend-deployment.ts';
import type { RequestedAction } from './requested-action.ts';
import { isReworded } from './reworded.ts';
import { SCALER_MISSING } from './rules/autoscaling.ts';
import type { ScalerLimits } from './scaler-limits.ts';
import { iso } from './status.ts';

const START = Date.parse('2026-01-01T12:00:00Z');

/** The revisions of the stories, as long as real ones are. */
export const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

const AUTOSCALER_REF = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } as const;
const NO_AUTOSCALER: Refusal = { reason: SCALER_MISSING, message: 'there is none', holds: 'releases' };

/** An effect that met a world other than the one that was observed: look again. */
export class Conflict extends Error {}

/** An effect that will be refused again: it is decided on anew with that. */
class Refused extends Error {}

/** What happened at a moment. */
export interface Moment {
  readonly seconds: number;
  readonly kind: 'act' | 'move' | 'wait' | 'conflict';
  readonly effect?: Effect;
  readonly notes: readonly Note[];
  readonly status: CanaryStatus;
  /** Percent of the requests that the canary really got. */
  readonly served: number;
  readonly targetReplicas: number | undefined;
  readonly primary: string | undefined;
}

export type Decide = typeof decide;

export interface PretendOptions {
  readonly analysis?: Partial<Analysis>;
  readonly spec?: Partial<CanarySpec>;
  readonly replicas?: number;
  /** With an autoscaler; `load` is how many pods all of the traffic needs. */
  readonly scaler?: ScalerLimits & { readonly load: number };
  /** What the target's pods are configured by, in a letter. @default nothing */
  readonly config?: string;
  readonly decide?: Decide;
}

/** When a person is told that metric servers take long. */
const OVERDUE_MS = 5000;
/** More steps than any way from one wait to the next has. */
export const MAX_STEPS = 40;

/** A target, its primary and what is between them, on a clock that only moves when nothing is left to do. */
export class PretendRelease {
  /** Milliseconds that have passed, whatever any clock shows. */
  elapsed = 0;
  /** How wrong the clock of the controller is. */
  shiftMs = 0;
  spec: CanarySpec;
  analysis: Analysis;
  status: CanaryStatus = {};
  deleted = false;
  /** What becomes of what leads to its pods when the canary is deleted. */
  readonly going = new PretendDeletion();
  refusals: readonly Refusal[] = [];
  target: PretendDeployment | undefined;
  /** Why the target's configuration cannot be read. */
  unread: TargetFacts['unread'];
  /** Whether copies of the primary's configuration are gone. */
  lacksCopies = false;
  /** Whether a change of the target's configuration is followed. */
  tracks = true;
  /** What the target's pod template reads as, where that is not its name. */
  rereadAs: ((template: string) => string) | undefined;
  change: TargetFacts['change'];
  primary: PretendDeployment | undefined;
  /** What we wrote into the primary last, as long as we remember it. */
  written: NonNullable<Observation['primary']>['written'];
  #wouldBe: string | undefined;
  /** What is written on the primary. */
  primaryRevision: string | undefined;
  services = { backends: false, apex: false };
  /** The pod template of each revision that was kept, as the primary has it: with what it was configured by. */
  readonly kept = new Map<string, string>();
  /** What each revision that was ever seen is made of, under any of its names. */
  readonly contents = new Map<string, string>();
  /** Whether the API server takes no Service. */
  servicesAreRefused = false;
  readonly scaler: PretendAutoscaler | undefined;
  /** Percent that is written in the route. */
  routeWeight: number | undefined;
  /** Whom that is of, and how many are copied, as the route has it. */
  routeScope = scopeOf({});
  /** Percent that the gateway really gives the canary. */
  served = 0;
  routeDelayMs = 0;
  /** How long metric servers take; the checks are of when they were asked. */
  metricsDelayMs = 0;
  routeRefusal: string | undefined;
  /** How late Kubernetes lists pods as endpoints. */
  listDelayMs = 0;
  readonly delays = { target: new Map<string, number>(), primary: new Map<string, number>() };
  metrics: (revision: string, weight: number) => readonly CheckStatus[] = () => [];
  readonly moments: Moment[] = [];
  /** Whether what is only waited for is written down a little later, as the controller does. */
  lazy = false;
  decide: Decide;
  /** What was measured, for the next decision alone. */
  measured: readonly CheckStatus[] | undefined;
  #measuring:
    | {
        readonly round: string;
        readonly at: number;
        /** From then on the status says so. */
        readonly overdueAt: number;
        readonly checks: readonly CheckStatus[];
      }
    | undefined;
  /** What people have asked for, oldest first, and what they were answered, by uid. */
  actions: readonly RequestedAction[] = [];
  readonly answered = new Map<string, ActionDecision>();
  /** What hooks have said, by question. */
  answers: Record<string, readonly CheckStatus[] | 'under way'> = {};
  /** What a hook says when it is asked; `under way` for one that does not answer. */
  hooks: (moment: string, revision: string) => readonly CheckStatus[] | 'under way' = () => [];
  #acceptedAt = 0;
  #generation = 1;
  readonly #planned: { readonly at: number; readonly action: (release: PretendRelease) => void }[] = [];

  #config: string;
  /** Which target was configured by what, when that was written down last. */
  #recorded: { readonly uid: string; readonly config: string } | undefined;

  constructor({
    analysis = {},
    spec = {},
    replicas = 1,
    config = '',
    scaler,
    decide: decider = decide,
  }: PretendOptions = {}) {
    this.#config = config;
    this.analysis = {
      ...{ interval: '10s', threshold: 3, drainSeconds: 5, primaryReadyThreshold: 100, canaryReadyThreshold: 100 },
      ...(analysis.stepWeights === undefined && analysis.iterations === undefined ? { stepWeight: 50 } : {}),
      ...analysis,
    };
    this.spec = {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      progressDeadlineSeconds: 60,
      ...(scaler !== undefined && { autoscalerRef: AUTOSCALER_REF }),
      ...spec,
    };
    this.decide = decider;
    this.scaler = scaler && new PretendAutoscaler(scaler, scaler.load);
    this.makeTarget(A, replicas);
    this.target?.becomeReady(0);
  }

  get now(): number {
    return START + this.elapsed + this.shiftMs;
  }

  makeTarget(template: string, replicas: number): void {
    const delay = (revision: string) => this.delays.target.get(revision) ?? 2000;
    this.target = new PretendDeployment('podinfo', { template, replicas, now: this.elapsed, delay });
    this.target.config = this.#config;
    this.target.listDelayMs = this.listDelayMs;
  }

  makePrimary(template: string, replicas: number, revision?: string): void {
    const delay = (of: string) => this.delays.primary.get(of.slice(0, A.length)) ?? 3000;
    this.primary = new PretendDeployment('podinfo-primary', { template, replicas, now: this.elapsed, delay });
    this.primary.listDelayMs = this.listDelayMs;
    this.primaryRevision = revision;
  }

  /** Somebody changes what the target's pods read when they start. Those that there are stay. */
  configure(config: string): void {
    this.#config = config;
    if (this.target === undefined) return;
    const { uid, config: before } = this.#recorded ?? {};
    if (uid === this.target.uid && config === before) this.target.configureBack(config);
    else this.target.config = config;
  }

  /** Somebody changes the pod template of the target. */
  land(template: string, username?: string): void {
    if (this.target === undefined || this.target.template === template) return;
    this.target.change(this.elapsed, { template });
    this.change =
      username === undefined
        ? undefined
        : { revision: this.read(template), username, changedAt: new Date(this.now).toISOString().replace(/\.\d+/, '') };
  }

  /** Somebody asks for something; of the revision that is released, unless it names another. */
  ask(action: RequestedAction['action'], more: Partial<RequestedAction> = {}): string {
    const uid = `action-${this.actions.length + 1}`;
    const createdAt = new Date(this.now).toISOString().replace(/\.\d+/, '');
    const revision = this.status.lastAppliedSpec ?? '';
    const asked = { ...{ uid, name: `${action}-${uid}`, createdAt, revision, requestedBy: 'jane' }, action, ...more };
    this.actions = [...this.actions, asked];
    return uid;
  }

  edit(analysis: Partial<Analysis>, spec: Partial<CanarySpec> = {}): void {
    this.analysis = { ...this.analysis, ...analysis };
    this.spec = { ...this.spec, ...spec };
    this.#generation += 1;
  }

  at(seconds: number, action: (release: PretendRelease) => void): void {
    this.#planned.push({ at: seconds * 1000, action });
  }

  /** The gateway sees what somebody wrote in the route. */
  writeRoute(weight: number): void {
    if (this.routeWeight !== weight || this.going.routeIsBack) this.#acceptedAt = this.elapsed + this.routeDelayMs;
    this.routeWeight = weight;
    this.going.routeIsBack = false;
    this.settle();
  }

  /** As it is in the API server. */
  get canary(): Canary {
    const metadata = {
      ...{ name: 'podinfo', namespace: 'test', uid: '1', resourceVersion: '1', generation: this.#generation },
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: this.going.isHeld ? [FINALIZER] : [],
      ...(this.deleted && { deletionTimestamp: '2026-01-01T13:00:00Z' }),
    };
    return {
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata },
      ...{ spec: this.spec, status: this.status },
    };
  }

  observe(): Observation {
    this.settle();
    const shownAt = (time: number) => iso(START + time + this.shiftMs);
    const { canary, target, primary, change, unread } = this;
    const refusals = this.scaler?.ofTarget !== undefined || this.scaler === undefined ? [] : [NO_AUTOSCALER];
    const [revision, configs] = [this.revision, this.configs];
    if (revision !== undefined && target !== undefined) this.contents.set(revision, target.content);
    const seen = this.status.target;
    const isSeen =
      target !== undefined && seen?.uid === target.uid && isOfTemplate(seen.revision, this.read(target.template));
    return {
      ...{ canary, analysis: this.analysis, names: releaseNames(this.spec) },
      refusals: [...this.refusals, ...refusals],
      target: target && {
        ...target.facts(shownAt),
        uid: target.uid,
        revision: unread === undefined ? (revision ?? '') : isSeen ? seen.revision : 'unknown',
        templateRevision: this.read(target.template),
        configs: unread === undefined ? configs : {},
        ...(unread !== undefined && { unread }),
        ...(change !== undefined && { change }),
      },
      primary: primary && {
        ...primary.facts(shownAt),
        revision: this.primaryRevision,
        ...{ template: primary.template, uid: primary.uid },
        ...(this.written !== undefined && { written: this.written }),
        ...(this.#wouldBe !== undefined && { wouldBe: this.#wouldBe }),
        mayBeEmptied: this.primary?.recreates === true,
        outlivesCanary: this.going.primaryIsShared,
        lacksCopies: this.lacksCopies,
      },
      services: { ...this.services, apex: this.services.apex && !this.going.serviceIsBack },
      route: {
        canaryWeight: this.routeWeight,
        isTrue:
          this.routeWeight !== undefined &&
          this.routeWeight === (this.status.desiredWeight ?? 0) &&
          this.routeScope === scopeOf(this.status) &&
          !this.going.routeIsBack,
        acceptance: this.#acceptance(),
      },
      ...(this.scaler !== undefined &&
        this.spec.autoscalerRef !== undefined && { autoscaler: this.scaler.facts(canary) }),
      ...(this.deleted && { deletion: this.going.facts(this, this.#acceptance()) }),
      answers: this.answers,
      actions: this.actions.filter(({ uid }) => !this.answered.has(uid)),
      ...this.#measuredNow(canary),
    };
  }

  #measuredNow(canary: Canary): Pick<Observation, 'measured'> {
    if (this.measured !== undefined) return { measured: this.measured };
    if (this.#measuring === undefined || this.#measuring.round !== measuringRound(canary)) return {};
    const isOverdue = this.#measuring.overdueAt <= this.elapsed;
    return { measured: isOverdue ? 'overdue' : 'under way' };
  }

  /** As MeasureRunner gives it: once, and only in its round. */
  #takeMeasured(): void {
    const { round, at = 0, checks } = this.#measuring ?? {};
    const isOver = round !== measuringRound(this.canary);
    if (!isOver && at <= this.elapsed) this.measured ??= checks;
    if (isOver || at <= this.elapsed) this.#measuring = undefined;
  }

  /** As a controller that was killed. */
  forgetMeasured(): void {
    this.measured = undefined;
    this.#measuring = undefined;
  }

  /**
   * Looks, decides and does.
   *
   * @param meanwhile what happens between the look and the deed
   * @throws {Conflict}
   */
  step(meanwhile: (decision: Decision) => void = () => undefined): Decision {
    this.settle();
    this.#takeMeasured();
    const { status } = this;
    const generation = this.#generation;
    const seen = {
      ...{ generation: this.target?.generation, template: this.target?.content },
      primary: this.primary?.generation,
    };
    const decision = this.decide(this.observe(), this.now);
    const looked = this.#look();
    const before = this.elapsed;
    meanwhile(decision);
    if (decision.kind === 'act') {
      this.measured = undefined;
      this.#unlessRefused(() => this.#act(decision.effect, seen));
      looked();
      this.#record({ kind: 'act', effect: decision.effect, notes: [] }, before);
      return decision;
    }
    this.measured = undefined;
    if (decision.kind === 'move' && decision.first !== undefined) {
      this.#act(decision.first, seen);
      this.#record({ kind: 'act', effect: decision.first, notes: [] }, before);
    }
    if (generation !== this.#generation) throw new Conflict('the canary has changed');
    const isNews =
      status.waitingFor?.reason !== decision.status.waitingFor?.reason ||
      status.waitingFor?.message !== decision.status.waitingFor?.message;
    if (decision.kind === 'move' || !this.lazy || !isReworded(status, decision.status)) this.status = decision.status;
    looked();
    const told = decision.kind === 'wait' && decision.note !== undefined && isNews ? [decision.note] : [];
    this.#record({ kind: decision.kind, notes: decision.kind === 'move' ? decision.notes : told }, before);
    return decision;
  }

  /** @returns what is to be called once it is written down what was seen: what is not, nobody has seen */
  #look(): () => void {
    const { target, unread, tracks } = this;
    const config = this.#config;
    return () => {
      target?.look();
      if (target !== undefined && unread === undefined && tracks) this.#recorded = { uid: target.uid, config };
    };
  }

  /** As the controller's loop has it. */
  #unlessRefused<T>(effect: () => T): T | undefined {
    try {
      return effect();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const refused = refusedWrite(this.observe(), this.now, error.message);
      this.status = refused?.status ?? this.status;
      this.#record({ kind: 'move', notes: refused?.kind === 'move' ? refused.notes : [] }, this.elapsed);
      return undefined;
    }
  }

  /** As far as it goes now. @returns when to look again */
  reconcile(): number | undefined {
    for (let step = 0; step < MAX_STEPS && !this.going.isGone; step++) {
      try {
        const decision = this.step();
        if (decision.kind === 'wait')
          return decision.until === undefined ? undefined : this.elapsed + Math.max(0, decision.until - this.now);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        this.#record({ kind: 'conflict', notes: [] }, this.elapsed);
        return this.elapsed + 1000;
      }
    }
    if (this.going.isGone) return undefined;
    throw new Error(`no end after ${MAX_STEPS} steps: ${this.lines().slice(-8).join(' | ')}`);
  }

  /** Lets this many seconds pass, in which all is done that can be done. */
  run(seconds: number): this {
    const end = this.elapsed + seconds * 1000;
    let looksInVain = 0;
    for (;;) {
      const due = this.reconcile();
      const next = Math.min(due ?? Number.POSITIVE_INFINITY, this.nextAt);
      if (next > end) break;
      looksInVain = next <= this.elapsed ? looksInVain + 1 : 0;
      if (looksInVain > 2) throw new Error('waits for a time that has passed');
      this.pass(next - this.elapsed);
    }
    this.elapsed = end;
    this.settle();
    return this;
  }

  /** Time passes, and what was planned in it happens. */
  pass(ms: number): void {
    this.elapsed += Math.max(0, ms);
    for (let index = this.#planned.findIndex(({ at }) => at <= this.elapsed); index >= 0; ) {
      const [{ action } = { action: () => undefined }] = this.#planned.splice(index, 1);
      action(this);
      index = this.#planned.findIndex(({ at }) => at <= this.elapsed);
    }
    this.settle();
  }

  /** When something happens by itself next. */
  get nextAt(): number {
    const accepted = this.#acceptedAt > this.elapsed ? this.#acceptedAt : Number.POSITIVE_INFINITY;
    const never = Number.POSITIVE_INFINITY;
    const { at = 0, overdueAt = 0 } = this.#measuring ?? {};
    const measured = at > this.elapsed ? [at, overdueAt].filter((each) => each > this.elapsed) : [];
    return Math.min(
      ...[this.target?.nextAt ?? never, this.primary?.nextAt ?? never, accepted, ...measured],
      ...this.#planned.map((each) => each.at),
    );
  }

  settle(): void {
    this.target?.settle(this.elapsed);
    this.primary?.settle(this.elapsed);
    this.scaler?.scale(this.primary, this.served, this.elapsed);
    if (this.#acceptance() !== 'accepted') return;
    this.served = this.going.routeIsBack ? 0 : (this.routeWeight ?? 0);
    this.going.gatewayIsBack = this.going.routeIsBack;
  }

  /** Digests of what the target is configured by; of nothing where that is nothing. */
  get configs(): Readonly<Record<string, string>> {
    return this.#config === '' || !this.tracks ? NO_CONFIGS : configsOf(this.#config);
  }

  /** The revision that the target is at. */
  get revision(): string | undefined {
    return this.target && configuredBy(this.configs)(this.read(this.target.template));
  }

  /** The revision that a template is. */
  read(template: string): string {
    return this.rereadAs?.(template) ?? template;
  }

  /** What a revision is made of, under any of its names: its pod template and its configuration. */
  contentOf(revision: string | undefined): string | undefined {
    return revision === undefined ? undefined : this.contents.get(revision);
  }

  #keptAs(revision: string): string {
    const kept = this.kept.get(revision);
    if (kept === undefined) throw new Error(`${revision.slice(0, 1)} was never kept`);
    return kept;
  }

  #keep({ content }: PretendDeployment): void {
    if (this.unread !== undefined) throw new Conflict('its configuration is not known');
    this.kept.set(this.revision ?? '', content);
  }

  #wrote(): void {
    const { primary, primaryRevision: revision = '' } = this;
    if (primary === undefined) return;
    const { template, uid, generation } = primary;
    this.written = { revision, template, uid, generation };
    this.#wouldBe = undefined;
  }

  #acceptance(): Acceptance {
    if (this.routeRefusal !== undefined) return { refused: this.routeRefusal };
    return this.routeWeight !== undefined && this.elapsed >= this.#acceptedAt ? 'accepted' : 'pending';
  }

  #act(
    effect: Effect,
    seen: { generation: number | undefined; template: string | undefined; primary: number | undefined },
  ): void {
    const { target, primary } = this;
    switch (effect.kind) {
      case 'apply services':
        if (this.servicesAreRefused) throw new Conflict('no Service is taken');
        this.services = { backends: true, apex: this.services.apex || effect.apex };
        if (effect.apex) this.going.serviceIsBack = false;
        return;
      case 'create primary':
        if (target === undefined || primary !== undefined) throw new Conflict('it is not as it was');
        this.going.primaryIsShared = this.going.isHeld;
        if (effect.revision !== undefined) {
          const { primaryReplicas = 1 } = this.status;
          this.makePrimary(this.#keptAs(effect.revision), Math.max(primaryReplicas, target.replicas), effect.revision);
          this.#wrote();
          return;
        }
        if (target.content !== seen.template) throw new Conflict('it is not as it was');
        this.#keep(target);
        this.makePrimary(target.content, Math.max(1, target.replicas), this.revision);
        this.#wrote();
        return;
      case 'take over primary':
        if (target === undefined || primary === undefined) throw new Conflict('it is not as it was');
        this.primaryRevision = this.read(primary.template);
        this.#wrote();
        this.kept.set(this.primaryRevision, primary.template);
        this.contents.set(this.primaryRevision, primary.template);
        return;
      case 'keep revision':
        if (target === undefined || this.revision !== effect.revision)
          throw new Conflict('the pod template has changed');
        this.#keep(target);
        return;
      case 'mend copies':
        this.lacksCopies = false;
        return;
      case 'set primary':
        if (primary === undefined) throw new Conflict('the primary is gone');
        primary.change(this.elapsed, { template: this.#keptAs(effect.revision) });
        this.primaryRevision = effect.revision;
        this.#wrote();
        return;
      case 'compare primary':
        this.#wouldBe = this.#keptAs(effect.revision);
        return;
      case 'route':
        this.routeScope = scopeOf(this.status);
        // As the controller does: it is not of the weight that was asked about.
        this.#measuring = undefined;
        this.writeRoute(effect.canaryWeight);
        return;
      case 'scale target':
        if (target === undefined || target.generation !== seen.generation) throw new Conflict('the target has changed');
        target.change(this.elapsed, { replicas: effect.replicas });
        return;
      case 'apply autoscaler':
        this.scaler?.apply(this.canary);
        return;
      case 'delete autoscaler':
        if (this.scaler !== undefined) this.scaler.ofPrimary = undefined;
        return;
      case 'scale primary':
        if (primary === undefined || primary.generation !== seen.primary) throw new Conflict('the primary has changed');
        primary.change(this.elapsed, { replicas: effect.replicas });
        return;
      case 'call hooks': {
        const { moment, question } = effect;
        const revision = this.status.lastAppliedSpec ?? '';
        // An older question of the moment is forgotten, as HookRunner does; one about another revision may be answered late.
        const others = Object.entries(this.answers).filter(([each]) => !each.startsWith(`${moment} ${revision} `));
        this.answers = { ...Object.fromEntries(others), [question]: this.hooks(moment, revision) };
        return;
      }
      case 'answer action':
        this.answered.set(effect.answer.uid, effect.answer);
        return;
      case 'hand back service':
        if (this.servicesAreRefused) throw new Refused('no Service is taken');
        this.going.serviceIsBack = true;
        return;
      case 'hand back route':
        if (!this.going.routeIsBack) this.#acceptedAt = this.elapsed + this.routeDelayMs;
        this.going.routeIsBack = true;
        this.settle();
        return;
      case 'hold canary':
      case 'share primary':
        this.going.hold(effect.kind);
        return;
      case 'let go':
        this.going.letGo(this, effect.collects);
        return;
      case 'measure':
        this.#measuring = {
          round: measuringRound(this.canary),
          at: this.elapsed + this.metricsDelayMs,
          overdueAt: this.elapsed + OVERDUE_MS,
          checks: this.metrics(target?.template ?? '', this.served),
        };
    }
  }

  #record(moment: Pick<Moment, 'kind' | 'effect' | 'notes'>, at: number): void {
    this.moments.push({
      ...moment,
      ...{ seconds: at / 1000, status: this.status, served: this.served },
      ...{ targetReplicas: this.target?.replicas, primary: this.primary?.template },
    });
  }

  /** What was done and told, one line a moment: `12s route 10`, `12s [Progressing 10%] Advance podinfo.test canary weight 10`. */
  lines(): readonly string[] {
    return this.moments.flatMap(({ seconds, kind, effect, notes, status }) => {
      if (kind === 'conflict') return [`${seconds}s conflict`];
      if (effect !== undefined) return [`${seconds}s ${effectLine(effect)}`];
      const where = `[${status.ending === undefined ? status.phase : `${status.ending.result}, ending`} ${status.desiredWeight ?? 0}%]`;
      if (notes.length > 0) return notes.map(({ text }) => `${seconds}s ${where} ${text}`);
      return kind === 'move' ? [`${seconds}s ${where}`] : [];
    });
  }

  /** What was told. */
  texts(): readonly string[] {
    return this.moments.flatMap(({ notes }) => notes.map(({ text }) => text));
  }

  /** Forgets what has been, for a story that begins now. */
  startStory(): this {
    this.moments.length = 0;
    return this;
  }
}

/** Of the few configurations that there are; the same object each time, as digests are the most of the work of a step. */
const NO_CONFIGS = {};
const configsOf = once((config: string) => ({ 'configmap/podinfo-env': revisionOf(config) }));
const configuredBy = once((configs: Readonly<Record<string, string>>) =>
  once((template: string) => configuredRevision(template, configs)),
);

function once<Key, Value>(of: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? of(key);
    known.set(key, value);
    return value;
  };
}

function scopeOf({ matchedOnly = false, mirrorWeight = 0 }: CanaryStatus): string {
  return `${matchedOnly ? 'matched' : 'all'}, ${mirrorWeight}% copied`;
}

function effectLine(effect: Effect): string {
  switch (effect.kind) {
    case 'apply services':
      return `apply ${effect.apex ? 'all' : 'backend'} services`;
    case 'keep revision':
    case 'mend copies':
    case 'compare primary':
    case 'set primary':
      return `${effect.kind} ${effect.revision.slice(0, 1)}`;
    case 'route':
      return `route ${effect.canaryWeight}`;
    case 'scale target':
      return `scale target to ${effect.replicas}`;
    case 'scale primary':
      return `scale primary to ${effect.replicas}`;
    case 'create primary':
      return effect.revision === undefined ? 'create primary' : `create primary ${effect.revision.slice(0, 1)}`;
    case 'take over primary':
    case 'apply autoscaler':
    case 'delete autoscaler':
    case 'measure':
    case 'hold canary':
    case 'share primary':
    case 'hand back service':
    case 'hand back route':
      return effect.kind;
    case 'answer action':
      return `answer ${effect.answer.name}: ${effect.answer.result}`;
    case 'let go':
      return effect.collects ? 'let go' : 'let go, and leave the primary';
    case 'call hooks':
      return `call ${effect.moment} hooks`;
  }
}

/** A canary that is at rest with its first revision on the primary. */
export function atRest(options: PretendOptions = {}): PretendRelease {
  const release = new PretendRelease(options);
  release.run(30);
  release.elapsed = 100_000;
  release.settle();
  return release.startStory();
}

export function check(name: string, verdict: CheckStatus['verdict'], rest: Partial<CheckStatus> = {}): CheckStatus {
  return { kind: 'Metric', name, verdict, ...rest };
}
