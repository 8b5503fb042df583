import assert from 'node:assert/strict';
import type { Analysis, CanaryWebhook } from '../../../api/generated/canary.ts';
import { decide } from '../decide.ts';
import type { HookMoment } from '../hooks-at.ts';
import { A, B, Conflict, check, type Decide, MAX_STEPS, PretendRelease } from '../pretend-release.ts';
import { changed } from '../status.ts';
import { RuleWatch } from './rule-watch.ts';
import {
  answer,
  CONFIGS,
  D,
  gateByPerson,
  gateName,
  type Happening,
  hook,
  NO_PLAN,
  REVISIONS,
  type Schedule,
} from './schedule.ts';

/** All that is under way is answered. */
function answerAll(release: PretendRelease, verdict: (moment: string) => 'Pass' | 'Fail'): void {
  for (const [question, said] of Object.entries(release.answers)) {
    const [moment = ''] = question.split(' ');
    if (said === 'under way') release.answers = { ...release.answers, [question]: answer(moment, verdict(moment)) };
  }
}

/** Plays a schedule; what is wrong is told with what led to it. */
export function play(of: Schedule, decider: Decide): void {
  const release = new PretendRelease({
    analysis: {
      ...of.analysis,
      webhooks: [
        ...Object.keys(of.hooks).map((moment) => hook(moment as HookMoment)),
        ...of.approvals.map(gateByPerson),
      ],
    },
    spec: { skipAnalysis: of.skipAnalysis },
    replicas: of.replicas,
    ...(of.scaler !== undefined && { scaler: of.scaler }),
    config: CONFIGS[0],
    decide,
  });
  release.lazy = of.lazy;
  release.routeDelayMs = of.routeDelayMs;
  release.metricsDelayMs = of.metricsDelayMs;
  release.listDelayMs = of.listDelayMs;
  if (release.target !== undefined) release.target.listDelayMs = of.listDelayMs;
  const calls = new Map<string, number>();
  for (const [index, revision] of REVISIONS.entries()) {
    const { targetMs, primaryMs } = of.fates[index] ?? assert.fail('a revision without a fate');
    release.delays.target.set(revision, targetMs);
    // The first of all has to come up, or else there is nothing to go back to.
    const isFirst = revision === A || of.fromNothing;
    release.delays.primary.set(revision, isFirst && !Number.isFinite(primaryMs) ? 3000 : primaryMs);
  }
  release.metrics = (revision) => {
    const script = of.fates[REVISIONS.indexOf(revision)]?.verdicts ?? ['Pass'];
    const call = calls.get(revision) ?? 0;
    calls.set(revision, call + 1);
    return [check('errors', script[call % script.length] ?? 'Pass')];
  };
  const asked = new Map<string, number>();
  release.hooks = (moment, revision) => {
    const script = of.hooks[moment as HookMoment] ?? ['Fail'];
    const time = asked.get(moment + revision) ?? 0;
    asked.set(moment + revision, time + 1);
    const said = script[time % script.length] ?? 'Fail';
    return said === 'under way' ? said : answer(moment, said);
  };
  if (!of.fromNothing) release.run(30);
  release.decide = decider;
  try {
    playOn(release, of);
  } catch (error) {
    const story = release.lines().slice(-40).join('\n');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${story}`, { cause: error });
  }
}

/** Lets everything happen, and then the world come to rest. */
function playOn(release: PretendRelease, of: Schedule): void {
  const watch = new RuleWatch(release);
  let stepsToWait = 0;
  let looksInVain = 0;

  const step = (what?: Happening) => {
    try {
      const decision = release.step((decided) => {
        watch.decided(decided);
        if (what !== undefined) happen(release, watch, what, of);
      });
      watch.done();
      stepsToWait = decision.kind === 'wait' || what !== undefined ? 0 : stepsToWait + 1;
      assert.ok(stepsToWait <= MAX_STEPS, 'it goes round in a circle');
      if (decision.kind !== 'wait') return true;
      const due = decision.until === undefined ? Number.POSITIVE_INFINITY : decision.until - release.now;
      const next = Math.min(due, release.nextAt - release.elapsed);
      looksInVain = next <= 0 ? looksInVain + 1 : 0;
      assert.ok(looksInVain <= 3, 'it waits for a time that has passed');
      release.pass(Number.isFinite(next) ? next : 1000);
      watch.happened();
      return Number.isFinite(next);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      release.measured = undefined;
      release.pass(1000);
      watch.happened();
      return true;
    }
  };

  for (const { steps, isMeanwhile, what } of of.happenings) {
    for (let count = 0; count < steps; count++) step();
    if (isMeanwhile) step(what);
    else happen(release, watch, what, of);
    stepsToWait = 0;
  }
  if (release.target === undefined) release.makeTarget(B, of.replicas);
  release.unread = undefined;
  release.routeRefusal = undefined;
  release.servicesAreRefused = false;
  release.refusals = [];
  release.scaler?.write(release.scaler.ofTarget?.minReplicas ?? 1);
  release.edit({}, { suspend: false });
  // What can only be held is decided at last.
  const script = release.metrics;
  release.metrics = (revision, weight) =>
    script(revision, weight).map((each) => (each.verdict === 'Fail' ? each : { ...each, verdict: 'Pass' }));
  const decided = (moment: string) => (moment === 'rollback' ? 'Fail' : 'Pass');
  const hooks = release.hooks;
  release.hooks = (moment, revision) => {
    const said = hooks(moment, revision);
    return said === 'under way' || moment.startsWith('confirm-') ? answer(moment, decided(moment)) : said;
  };
  answerAll(release, decided);
  let isMoving = true;
  for (let count = 0; count < 1000 && isMoving; count++) {
    isMoving = step();
    // Whatever else can be done is done before.
    if (release.moments.at(-1)?.kind !== 'wait' || !isHeldByPeople(release)) continue;
    if (release.status.paused !== undefined) release.ask('resume');
    else for (const moment of of.approvals) release.ask('approve', { gate: gateName(moment) });
    isMoving = true;
  }
  assert.ok(!isMoving, 'rule 4: it does not come to rest');
  watch.ended();
}

/** Whether it goes on only when somebody wants it to. */
function isHeldByPeople({ status, analysis }: PretendRelease): boolean {
  if (status.ending !== undefined || !/^(Waiting|Progressing|WaitingPromotion)$/.test(status.phase ?? '')) return false;
  const isShut = ({ name, url }: CanaryWebhook) =>
    url === undefined && !status.approvals?.some(({ gate }) => gate === name);
  return status.paused !== undefined || (analysis.webhooks ?? []).some(isShut);
}

function happen(release: PretendRelease, watch: RuleWatch, what: Happening, { recreates, replicas }: Schedule): void {
  switch (what.kind) {
    case 'land':
      if (release.target === undefined) release.makeTarget(what.revision, replicas);
      else release.land(what.revision, what.username);
      break;
    case 'configure':
      release.configure(what.config);
      break;
    case 'unread':
      release.unread = what.reason && { reason: what.reason, message: 'no', againMs: 5000 };
      break;
    case 'delete':
      release[what.side] = undefined;
      break;
    case 'services':
      release.services = { backends: false, apex: false };
      release.servicesAreRefused = what.areRefused;
      break;
    case 'reread':
      release.rereadAs = (template) => `${template.slice(0, 1)}${what.as}${template.slice(2)}`;
      watch.reread();
      break;
    case 'refuse':
      release.refusals = what.holds === undefined ? [] : [{ reason: 'Odd', message: 'no', holds: what.holds }];
      break;
    case 'crash': {
      if (release.primary !== undefined) release.primary.recreates = recreates;
      release[what.side]?.crash(release.elapsed, what.ms);
      break;
    }
    case 'kill':
      release.forgetMeasured();
      release.answers = {};
      break;
    case 'clock':
      release.shiftMs += what.byMs;
      watch.disturbed();
      break;
    case 'suspend':
      release.edit({}, { suspend: release.spec.suspend !== true });
      break;
    case 'edit':
      release.edit({ ...NO_PLAN, ...what.analysis } as Analysis, {
        skipAnalysis: what.skipAnalysis === true,
      });
      watch.disturbed();
      break;
    case 'route':
      release.writeRoute(what.weight);
      watch.disturbed();
      break;
    case 'gateway':
      release.routeRefusal = what.refuses ? 'no such backend' : undefined;
      break;
    case 'answer':
      answerAll(release, () => (what.passes ? 'Pass' : 'Fail'));
      break;
    case 'ask': {
      const { action, revision, how, isTwice } = what.of;
      const { lastAppliedSpec = '' } = release.status;
      const target = release.revision;
      const named = {
        ...{ 'of the run': lastAppliedSpec, 'in short': lastAppliedSpec.slice(0, 10) },
        ...{ another: D.toUpperCase(), 'of the target': target ?? '' },
      };
      for (let times = isTwice ? 2 : 1; times > 0; times--) release.ask(action, { revision: named[revision], ...how });
      break;
    }
    case 'load':
      if (release.scaler !== undefined) release.scaler.load = what.replicas;
      break;
    case 'autoscaler':
      if (what.what === 'edit') watch.disturbed();
      release.scaler?.happen(what.what, what.replicas);
      break;
    case 'older':
      // It held no canary either, and owned its primary alone.
      release.going.isHeld = false;
      release.going.primaryIsShared = false;
      release.status = changed(release.status, Object.fromEntries(what.lacks.map((field) => [field, undefined])));
      break;
    case 'scale':
      release.target?.change(release.elapsed, { replicas: what.replicas });
      break;
  }
  release.settle();
  watch.happened();
}
