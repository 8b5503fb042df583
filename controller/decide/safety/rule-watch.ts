import assert from 'node:assert/strict';
import type { ActionDecision, CanaryStatus } from '../../../api/generated/canary.ts';
import type { Decision, Effect } from '../decision.ts';
import { planOf } from '../plan.ts';
import type { PretendRelease } from '../pretend-release.ts';
import type { RequestedAction } from '../requested-action.ts';
import { HookWatch } from './hook-watch.ts';

/** What no action may change that is rejected, and nothing but an action. */
const PERSONAL = ['paused', 'approvals', 'promotedBy'] as const;

const WHILE_SUSPENDED: ReadonlySet<string> = new Set(['pause', 'resume', 'approve']);

/** What must hold, followed from outside: nothing here asks `decide` or believes its status where the world can be asked. */
export class RuleWatch {
  /** What the primary may have: the revision that was promoted, and the one that has earned it. */
  #promoted: string | undefined;
  #earned: string | undefined;
  /** What the primary had when it was there last, and whether the one that is there has ever had a pod. */
  #had: string | undefined;
  #hasServed = false;
  #wasReread = false;
  /** Steps that were begun in this run, and those at which all checks were passed. */
  #given = new Set<number>();
  #passed = new Set<number>();
  #planOfRun = '';
  /** What the clock of the controller showed when the canary got traffic for the last time. */
  #trafficAt = Number.NEGATIVE_INFINITY;
  #isDisturbed = false;
  /** Whether a person has let a step of this run pass, and what was decided on each action. */
  #isByHand = false;
  readonly #decisions = new Map<string, ActionDecision>();
  /** Pods of the primary when something was decided, and when the canary was given traffic last, in this run and in any. */
  #hasNow = 0;
  #hadInRun = 0;
  #hadLast = 0;
  /** The fewest pods that the autoscaler of the revision before may leave, while another is promoted. */
  #scalerBefore: number | undefined;
  #status: CanaryStatus;
  readonly #hooks: HookWatch;
  readonly #release: PretendRelease;

  constructor(release: PretendRelease) {
    this.#release = release;
    this.#hooks = new HookWatch(release);
    this.#status = release.status;
    this.#promoted = this.#release.contentOf(release.status.lastPromotedSpec);
    this.happened();
  }

  /** Something that no decision has done. */
  happened(): void {
    const { served, now, primary, scaler, elapsed } = this.#release;
    if (served > 0) this.#trafficAt = now;
    const looksIdle = served === 0 && scaler?.seesAll(elapsed) === false;
    if (looksIdle && !this.#isDisturbed && primary !== undefined && primary.replicas > 0)
      assert.ok(
        primary.replicas >= this.#hadLast,
        'rule 6: pods of the primary go by metrics of before its traffic was back',
      );
    this.#had = primary?.template ?? this.#had;
    this.#hasServed = primary !== undefined && (this.#hasServed || primary.available > 0);
  }

  /** A clock that is changed, a route or a spec that somebody writes: what was to be waited for may be over sooner. */
  disturbed(): void {
    this.#isDisturbed = true;
  }

  /** From here on a template may be known by another name, and be released as if it were another. */
  reread(): void {
    this.#wasReread = true;
  }

  /** Before anything is done about it: what happens in the very next moment is nobody's fault. */
  decided(decision: Decision): void {
    const { status } = this.#release;
    this.#hooks.hear();
    if (this.#isPassing() && (status.step ?? 0) > 0) this.#passed.add(status.step ?? 0);
    if (decision.kind === 'act') this.#acts(decision.effect);
    const after = decision.kind === 'act' ? status : decision.status;
    const [before, weight] = [status.desiredWeight ?? 0, after.desiredWeight ?? 0];
    for (const each of [weight, after.canaryWeight ?? 0, after.actualWeight ?? 0])
      assert.ok(Number.isInteger(each) && each >= 0 && each <= 100, `rule 5: a weight of ${each}`);
    const byHand = this.#asked(after);
    if (byHand?.action === 'promote' && (status.step ?? 0) > 0) this.#passed.add(status.step ?? 0);
    if (byHand?.action === 'promote') this.#isByHand = true;
    if (status.paused !== undefined && byHand === undefined) this.#holds(decision, before, weight);
    if (weight > before) this.#raises(after);
    const isRun = status.phase === 'Progressing' && after.phase === 'Progressing';
    if (isRun && status.startedAt === after.startedAt)
      assert.ok(weight >= before || weight === 0, `rule 2: from ${before} to ${weight} in the midst of a run`);
    if (after.phase === 'Promoting' && status.phase !== 'Promoting') this.#promotes(byHand?.full === true);
    this.#scales(after);
    this.#hasNow = this.#podsOfPrimary();
    if (after.phase === 'Finalising' && status.phase === 'Promoting' && this.#release.scaler !== undefined)
      assert.ok(
        this.#hasNow >= this.#hadInRun,
        `rule 6: all traffic comes back to ${this.#hasNow} pods, it left ${this.#hadInRun}`,
      );
    const isReread = decision.kind === 'move' && decision.first !== undefined && status.startedAt === after.startedAt;
    if (this.#isHeld() || isReread) return;
    if (before > 0 && weight > 0) this.#leavesTraffic(after);
    const isRouting = decision.kind === 'move' || (decision.kind === 'act' && decision.effect.kind === 'route');
    if (weight === 0 && !isRouting && status.lastPromotedSpec !== undefined && this.#release.target !== undefined)
      assert.equal(
        this.#release.routeWeight ?? 0,
        0,
        'rule 2: something else goes before taking traffic off the canary',
      );
  }

  /** The action that this status carries out, if it does one. */
  #asked(after: CanaryStatus): RequestedAction | undefined {
    const { status, actions } = this.#release;
    const known = new Set(status.decisions?.map(({ uid }) => uid));
    const [fresh, ...others] = (after.decisions ?? []).filter(({ uid }) => !known.has(uid));
    assert.equal(others.length, 0, 'actions: two at a time');
    const changes = PERSONAL.filter((field) => JSON.stringify(status[field]) !== JSON.stringify(after[field]));
    // Two runs may begin in the same moment.
    const isAnother = after.startedAt !== status.startedAt || after.lastAppliedSpec !== status.lastAppliedSpec;
    const isOver = after.ending !== undefined || isAnother;
    if (fresh === undefined) {
      const isReset = isOver || status.ending !== undefined || after.phase === 'Initializing';
      assert.ok(changes.length === 0 || isReset, `actions: nobody asked to change ${changes.join()}`);
      return undefined;
    }
    assert.ok(!this.#decisions.has(fresh.uid), 'actions: one is decided on twice');
    const action = actions.find(({ uid }) => uid === fresh.uid);
    assert.ok(action !== undefined, 'actions: nobody has asked');
    if (fresh.result === 'Rejected') {
      const isAsItWas = changes.length === 0 && !isOver === (status.ending === undefined);
      const isElsewhere = after.phase !== status.phase || after.desiredWeight !== status.desiredWeight;
      assert.ok(isAsItWas && !isElsewhere, 'actions: one is carried out and rejected');
      return undefined;
    }
    const { lastAppliedSpec = '' } = status;
    const isNamed = action.revision.length >= 32 && lastAppliedSpec.startsWith(action.revision);
    assert.ok(isNamed, 'actions: one is carried out on a revision that it does not name');
    const { revision, unread } = this.#release;
    // Of what cannot be read nobody can say that it is another by now.
    if (unread === undefined) assert.equal(revision, lastAppliedSpec, 'actions: one is about a revision that is gone');
    assert.ok(!this.#isHeld() || WHILE_SUSPENDED.has(action.action), 'actions: something is moved that is suspended');
    return action;
  }

  #holds(decision: Decision, before: number, weight: number): void {
    assert.ok(weight <= before, 'actions: more traffic while it is paused');
    if (decision.kind !== 'act' || this.#release.status.ending !== undefined) return;
    const { effect } = decision;
    assert.notEqual(effect.kind, 'measure', 'actions: measured while it is paused');
    assert.ok(effect.kind !== 'scale target' || effect.replicas === 0, 'actions: scaled up while it is paused');
  }

  #podsOfPrimary(): number {
    const { primary } = this.#release;
    return primary === undefined ? 0 : Math.min(primary.replicas, primary.available);
  }

  /** What was promoted of the autoscaler stays with the revision that it was promoted with. */
  #scales(after: CanaryStatus): void {
    const { status, scaler } = this.#release;
    if (scaler === undefined) return;
    if (status.phase === 'Promoting' && status.ending === undefined) this.#scalerBefore ??= status.scaler?.minReplicas;
    const isOver = status.ending !== undefined && after.ending === undefined;
    if (isOver && status.ending?.result !== 'Succeeded' && this.#scalerBefore !== undefined)
      assert.equal(after.scaler?.minReplicas, this.#scalerBefore, 'rule 6: the autoscaler of a failed promotion stays');
    if (isOver) this.#scalerBefore = undefined;
  }

  /** Whether somebody wants everything to stand as it is. */
  #isHeld(): boolean {
    const { spec, refusals } = this.#release;
    return spec.suspend === true || refusals.some(({ holds }) => holds === 'everything');
  }

  /** Whether what was measured is of the run, and good by the policies of now. */
  #isPassing(): boolean {
    const { target, status, served, measured, analysis } = this.#release;
    if (measured === undefined || served !== status.desiredWeight) return false;
    if (target?.content !== this.#release.contentOf(status.lastAppliedSpec) || !target?.hasReadConfig) return false;
    const isNothingGood = analysis.metrics?.[0]?.onNoData === 'pass';
    return measured.every(({ verdict }) => verdict === 'Pass' || (verdict === 'NoData' && isNothingGood));
  }

  #leavesTraffic({ ending }: CanaryStatus): void {
    const { target, primary, status, unread } = this.#release;
    assert.ok(target !== undefined && target.replicas > 0, 'rule 2: traffic stays on pods that are going');
    assert.ok(target.available > 0, 'rule 2: traffic stays on a canary without a pod');
    // While a promotion is undone, pods that are becoming the promoted revision are as good as the primary's.
    const isHelpingOut = (ending !== undefined || (primary?.available ?? 0) === 0) && target.content === this.#promoted;
    const ofRun = this.#release.contentOf(status.lastAppliedSpec);
    // Nor is a primary left without a pod for a configuration that pods of the run have not read.
    const isPromoted = status.phase === 'Promoting' && target.runs(ofRun);
    // What cannot be read does not end a release either.
    const running = unread === undefined ? target.content : target.template;
    assert.ok(
      ofRun?.startsWith(running) || isHelpingOut || isPromoted,
      'rule 4: traffic stays on a revision that is not of the run',
    );
  }

  #acts(effect: Effect): void {
    const { status, served, routeWeight, now, analysis } = this.#release;
    if (effect.kind === 'route')
      assert.ok(effect.canaryWeight >= 0 && effect.canaryWeight <= 100, `rule 5: a route with ${effect.canaryWeight}`);
    if (effect.kind === 'route' && effect.canaryWeight > 0 && (routeWeight ?? 0) === 0) this.#givesTraffic();
    if (effect.kind === 'set primary' || effect.kind === 'create primary')
      assert.ok(this.#mayBePrimary(effect.revision), 'rule 1: the primary gets what has not earned it');
    if (effect.kind === 'scale target' && effect.replicas > 0) this.#hooks.hasPassed('confirm-rollout', 'scaled up');
    if (effect.kind === 'answer action') {
      const { uid, result } = effect.answer;
      assert.equal(result, this.#decisions.get(uid)?.result, 'actions: the answer is not what was decided');
      assert.ok(!this.#release.answered.has(uid), 'actions: one is answered twice');
    }
    if (effect.kind === 'call hooks')
      assert.notEqual(this.#release.spec.suspend, true, 'hooks: called while suspended');
    if (effect.kind !== 'scale target' || effect.replicas > 0) return;
    assert.equal(status.desiredWeight ?? 0, 0, 'rule 3: scaled down while it is to have traffic');
    assert.equal(routeWeight ?? 0, 0, 'rule 3: scaled down while the route sends it traffic');
    assert.equal(served, 0, 'rule 3: scaled down while the gateway sends it traffic');
    const drainedMs = now - this.#trafficAt;
    assert.ok(
      this.#isDisturbed || drainedMs >= analysis.drainSeconds * 1000,
      `rule 3: scaled down ${drainedMs} ms after its last request`,
    );
  }

  #givesTraffic(): void {
    const { scaler } = this.#release;
    if (scaler?.ofPrimary === undefined) return;
    const has = this.#podsOfPrimary();
    assert.ok(
      scaler.ofPrimary.minReplicas >= has,
      'rule 6: traffic is given away while the autoscaler may take pods for it',
    );
    // One that has lost all of its pods by now has none to hold, and is helped before its autoscaler is.
    if (has === 0) this.#hadLast = 0;
  }

  #mayBePrimary(revision: string | undefined): boolean {
    const { status, target } = this.#release;
    const template = this.#release.contentOf(revision);
    if (template !== undefined && (template === this.#promoted || template === this.#earned)) return true;
    if (status.lastPromotedSpec !== undefined) return false;
    // The first revision of all is the one that the target serves, for as long as no primary has.
    return template === undefined || (!this.#hasServed && template === target?.content && target.available > 0);
  }

  #raises({ phase, desiredWeight, lastAppliedSpec, matchedOnly }: CanaryStatus): void {
    const { target, primary, analysis, unread } = this.#release;
    const available = target?.available ?? 0;
    const isHelpingOut = phase === 'Promoting';
    if (unread === undefined || !isHelpingOut)
      assert.equal(
        target?.content,
        this.#release.contentOf(lastAppliedSpec),
        'rule 2: more traffic for another revision',
      );
    assert.ok(target?.isUniform, 'rule 2: more traffic for pods of an older revision');
    if (!isHelpingOut) assert.ok(target?.hasReadConfig, 'rule 2: more traffic for pods with other configuration');
    if (phase === 'Promoting') {
      const isNeeded = primary?.available === 0 || primary?.recreates === true;
      assert.ok(available > 0 && isNeeded, 'rule 2: more traffic in the promotion');
      assert.equal(desiredWeight, 100, 'rule 2: more traffic in the promotion');
      return;
    }
    const needed = Math.max(1, Math.floor(((target?.replicas ?? 0) * analysis.canaryReadyThreshold) / 100));
    assert.ok(available >= needed, `rule 2: more traffic for a canary that is not ready: ${available} of ${needed}`);
    assert.ok((target?.listed ?? 0) > 0, 'rule 2: more traffic for a canary that no gateway can find');
    assert.equal(phase, 'Progressing', 'rule 2: more traffic outside of a run');
    this.#hooks.hasPassed('confirm-traffic-increase', 'more traffic');
    if (!this.#isByHand) this.#hooks.hasPassed('pre-rollout', 'more traffic');
    if (analysis.iterations !== undefined && matchedOnly !== true)
      this.#hooks.hasPassed('confirm-promotion', 'switched');
  }

  #promotes(isFull: boolean): void {
    const { spec, status, analysis, target } = this.#release;
    assert.equal(
      target?.content,
      this.#release.contentOf(status.lastAppliedSpec),
      'rule 1: another revision is promoted than was checked',
    );
    this.#hooks.hasPassed('confirm-rollout', 'promoted');
    if (isFull) assert.ok((target?.available ?? 0) > 0, 'rule 1: promoted by hand without a pod');
    if (spec.skipAnalysis === true || isFull) return;
    this.#hooks.hasPassed('confirm-promotion', 'promoted');
    this.#hooks.hasPassed('confirm-traffic-increase', 'promoted');
    if (!this.#isByHand) this.#hooks.hasPassed('rollout', 'promoted');
    assert.ok(this.#passed.size > 0, 'rule 1: promoted without a check');
    assert.deepEqual(
      [...this.#given].filter((each) => !this.#passed.has(each)),
      [],
      'rule 1: a step was not passed',
    );
    const plan = planOf(analysis);
    const all = plan.map((_, index) => index + 1);
    if (JSON.stringify(plan) === this.#planOfRun && !this.#isByHand)
      assert.deepEqual([...this.#passed], all, 'rule 1: not every step passed');
  }

  /** After it. */
  done(): void {
    const { status, analysis } = this.#release;
    this.happened();
    for (const each of status.decisions ?? []) {
      if (this.#decisions.has(each.uid)) continue;
      this.#decisions.set(each.uid, each);
      if (each.action === 'approve' && each.result === 'Done') this.#hooks.approved();
    }
    const [before, after] = [this.#status.step ?? 0, status.step ?? 0];
    const isFirstTraffic = (this.#status.desiredWeight ?? 0) === 0 && (status.desiredWeight ?? 0) > 0;
    if (status.startedAt !== this.#status.startedAt) this.#hadInRun = 0;
    if (isFirstTraffic) {
      this.#hadInRun = this.#hasNow;
      this.#hadLast = this.#hasNow;
    }
    if (after === 0) {
      this.#given.clear();
      this.#passed.clear();
      this.#isByHand = false;
    }
    if (after !== before && after > 0) {
      if (this.#given.size === 0) this.#planOfRun = JSON.stringify(planOf(analysis));
      this.#given.add(after);
    }
    if (status.phase === 'Promoting') this.#earned = this.#release.contentOf(status.lastAppliedSpec);
    const said = this.#release.contentOf(status.lastPromotedSpec);
    if (said === undefined || said !== this.#release.contentOf(this.#status.lastPromotedSpec)) {
      this.#promoted = this.#had;
      assert.ok(
        said === undefined || said === this.#promoted,
        'rule 1: what is said to be promoted is not on the primary',
      );
    }
    this.#status = status;
  }

  /** When nothing more happens: everybody's revision is promoted, or has failed in a run of its own. */
  ended(): void {
    const { target, primary, status, served, actions, answered } = this.#release;
    const open = actions.filter(({ uid }) => !answered.has(uid));
    assert.deepEqual(open, [], 'actions: one is left without an answer');
    assert.equal(status.ending, undefined, 'rule 4: a run has not ended');
    assert.equal(served, 0, 'rule 4: traffic is left on the canary');
    assert.equal(primary?.template, this.#promoted, 'rule 4: the primary has not what was promoted');
    assert.equal(status.primaryReplicas, undefined, 'rule 6: the autoscaler is held for ever');
    const { scaler } = this.#release;
    assert.equal(
      scaler?.ofPrimary?.minReplicas,
      status.scaler?.minReplicas,
      'rule 6: the primary’s autoscaler is not true',
    );
    const [run] = status.history ?? [];
    const isOfRun = this.#release.contentOf(run?.revision) === this.#release.contentOf(status.lastAppliedSpec);
    const isFailure = run?.result === 'Failed' || (run?.result === 'Aborted' && run.reason === 'Aborted');
    const hasFailed = status.phase === 'Failed' && isFailure && isOfRun;
    if (target?.content === this.#promoted && !(this.#wasReread && hasFailed)) {
      assert.match(
        status.phase ?? '',
        /^(Initialized|Succeeded)$/,
        'rule 4: the revision is promoted, the run is not over',
      );
      return;
    }
    assert.equal(status.phase, 'Failed', 'rule 4: a revision was swallowed');
    assert.equal(this.#release.contentOf(status.lastAppliedSpec), target?.content, 'rule 4: a revision was swallowed');
    assert.ok(hasFailed, 'rule 4: it has not failed by itself');
  }
}
