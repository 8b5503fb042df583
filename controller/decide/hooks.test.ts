// Releases with hooks, in a pretend world. Times are in seconds; pods of the target take 2.1 s to be available.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Analysis, CanaryWebhook, CheckStatus } from '../../api/generated/canary.ts';
import type { HookMoment } from './hooks-at.ts';
import { A, atRest, B, C, check, type PretendRelease } from './pretend-release.ts';

const UNOBSERVED = /has not been observed/;
const told = (release: PretendRelease) => release.lines().filter((line) => !UNOBSERVED.test(line));
const ended = (release: PretendRelease) =>
  `${release.status.phase}, primary ${release.primary?.template.slice(0, 1)}, target ${release.target?.replicas}, canary ${release.served}%`;
const promoted = (revision: string) => `Succeeded, primary ${revision.slice(0, 1)}, target 0, canary 0%`;
const NOT_PROMOTED = 'Failed, primary a, target 0, canary 0%';
/** What was asked, when and about what: `100 confirm-rollout b`. */
const asked = new WeakMap<PretendRelease, string[]>();
const asks = (release: PretendRelease, moment = '') =>
  (asked.get(release) ?? []).filter((line) => line.includes(moment));
const weights = (release: PretendRelease) =>
  release.moments
    .map(({ status }) => status.desiredWeight ?? 0)
    .filter((weight, index, all) => weight !== all[index - 1]);
const phases = (release: PretendRelease) =>
  release.moments.map(({ status }) => status.phase).filter((phase, index, all) => phase !== all[index - 1]);

type Says = boolean | 'under way';
type Script = Partial<Record<HookMoment, Says | ((release: PretendRelease, revision: string) => Says)>>;

const hook = (type: CanaryWebhook['type']): CanaryWebhook => ({
  ...{ name: `${type}-hook`, type, url: 'http://hook.test', timeout: '10s' },
});
const said = (moment: string, passes: boolean): CheckStatus =>
  check(`${moment}-hook`, passes ? 'Pass' : 'Fail', { kind: 'Webhook', message: 'http://hook.test answered 403' });

/** A release at rest with a hook at each moment of the script. */
function withHooks(script: Script, analysis: Partial<Analysis> = {}, spec: { skipAnalysis?: boolean } = {}) {
  const moments = Object.keys(script) as HookMoment[];
  const release = atRest({ analysis: { webhooks: moments.map(hook), ...analysis }, spec });
  const log: string[] = [];
  asked.set(release, log);
  release.hooks = (moment, revision) => {
    log.push(`${release.elapsed / 1000} ${moment} ${revision.slice(0, 1)}`);
    const says = script[moment as HookMoment] ?? false;
    const answer = typeof says === 'function' ? says(release, revision) : says;
    return answer === 'under way' ? answer : [said(moment, answer)];
  };
  return release;
}

/** What is under way is answered, a time later than it was asked. */
function answers(release: PretendRelease, moment: HookMoment, passes: boolean): void {
  for (const [question, answer] of Object.entries(release.answers)) {
    if (answer === 'under way' && question.startsWith(`${moment} `))
      release.answers = { ...release.answers, [question]: [said(moment, passes)] };
  }
}

const from =
  (seconds: number): ((release: PretendRelease) => boolean) =>
  ({ elapsed }) =>
    elapsed >= seconds * 1000;

describe('a confirm-rollout hook', () => {
  it('is asked once an interval, and nothing is scaled up before it passes', () => {
    const release = withHooks({ 'confirm-rollout': from(125) });
    release.land(B);
    assert.deepEqual(told(release.run(60)).slice(0, 11), [
      '100s keep revision b',
      '100s [Waiting 0%] New revision detected! Scaling up podinfo.test',
      '100s call confirm-rollout hooks',
      '100s [Waiting 0%] Halt podinfo.test advancement waiting for approval confirm-rollout-hook: http://hook.test answered 403',
      '110s call confirm-rollout hooks',
      '120s call confirm-rollout hooks',
      '130s call confirm-rollout hooks',
      '130s [Progressing 0%] Confirm-rollout check confirm-rollout-hook passed',
      '130s [Progressing 0%] Rollout of podinfo.test is confirmed! Scaling up',
      '130s scale target to 1',
      '130.1s [Progressing 0%] Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
    ]);
    assert.equal(ended(release.run(60)), promoted(B));
    assert.deepEqual(phases(release).slice(1, 3), ['Waiting', 'Progressing']);
    assert.equal(asks(release).length, 4);
  });

  it('may take longer than any deadline', () => {
    const release = withHooks({ 'confirm-rollout': from(5000) });
    release.land(B);
    release.run(4850);
    assert.equal(release.status.phase, 'Waiting');
    assert.equal(release.status.waitingFor?.reason, 'GateClosed');
    assert.equal(ended(release.run(200)), promoted(B));
  });

  it('that does not answer is waited for', () => {
    const release = withHooks({ 'confirm-rollout': 'under way' });
    release.land(B);
    release.run(400);
    assert.deepEqual([release.status.phase, release.target?.replicas, asks(release).length], ['Waiting', 0, 1]);
    assert.equal(release.status.waitingFor?.reason, 'HookRunning');
    answers(release, 'confirm-rollout', true);
    assert.equal(ended(release.run(60)), promoted(B));
  });

  it('is asked about another revision anew, and the late answer opens nothing', () => {
    const release = withHooks({ 'confirm-rollout': 'under way' });
    release.land(B);
    release.run(5).land(C);
    const late = Object.keys(release.answers);
    release.run(5);
    assert.deepEqual(asks(release), ['100 confirm-rollout b', '105 confirm-rollout c']);
    release.answers = { ...release.answers, [late[0] ?? '']: [said('confirm-rollout', true)] };
    release.run(100);
    assert.deepEqual([release.status.phase, release.status.lastAppliedSpec], ['Waiting', C]);
    assert.ok(!release.lines().some((line) => line.includes('scale target')));
    answers(release, 'confirm-rollout', true);
    assert.equal(ended(release.run(60)), promoted(C));
  });

  it('waits for nothing when the target is brought back', () => {
    const release = withHooks({ 'confirm-rollout': false });
    release.land(B);
    release.run(15).land(A);
    assert.equal(ended(release.run(60)), promoted(A));
    assert.ok(!release.lines().some((line) => line.includes('scale target')));
  });

  it('is asked while everything that serves is kept as it should be', () => {
    const release = withHooks({ 'confirm-rollout': false });
    release.land(B);
    release.run(12);
    release.writeRoute(50);
    release.services = { backends: true, apex: false };
    release.primary = undefined;
    release.run(1);
    assert.deepEqual(
      told(release)
        .slice(-3)
        .map((line) => line.replace(/^\S+ /, '')),
      ['route 0', 'create primary a', 'apply all services'],
    );
    assert.equal(release.status.phase, 'Waiting');
  });

  it('is asked where the analysis is skipped, as is post-rollout', () => {
    const script = {
      'confirm-rollout': from(115),
      'pre-rollout': false,
      rollout: false,
      'post-rollout': true,
    } as const;
    const gates = { 'confirm-traffic-increase': false, 'confirm-promotion': false } as const;
    const release = withHooks({ ...script, ...gates }, {}, { skipAnalysis: true });
    release.land(B);
    assert.equal(ended(release.run(60)), promoted(B));
    assert.deepEqual(
      asks(release).map((line) => line.split(' ')[1]),
      ['confirm-rollout', 'confirm-rollout', 'confirm-rollout', 'post-rollout'],
    );
  });
});

describe('a pre-rollout hook', () => {
  it('passes before the first weight', () => {
    const release = withHooks({ 'pre-rollout': true });
    release.land(B);
    assert.deepEqual(told(release.run(60)).slice(4, 9), [
      '102.1s call pre-rollout hooks',
      '102.1s [Progressing 50%] Starting canary analysis for podinfo.test',
      '102.1s [Progressing 50%] Pre-rollout check pre-rollout-hook passed',
      '102.1s [Progressing 50%] Advance podinfo.test canary weight 50',
      '102.1s route 50',
    ]);
    assert.equal(ended(release), promoted(B));
    assert.equal(asks(release).length, 1);
  });

  it('that fails is asked again after an interval, until there were too many, with no traffic ever', () => {
    const release = withHooks({ 'pre-rollout': false });
    release.land(B);
    release.run(100);
    assert.deepEqual(asks(release), ['102.1 pre-rollout b', '112.1 pre-rollout b', '122.1 pre-rollout b']);
    assert.ok(
      release
        .texts()
        .includes(
          'Halt podinfo.test advancement external check pre-rollout-hook failed: http://hook.test answered 403',
        ),
    );
    assert.equal(ended(release), NOT_PROMOTED);
    assert.deepEqual([weights(release), release.status.failedChecks], [[0], 3]);
    assert.equal(release.status.failure?.reason, 'ThresholdReached');
  });

  it('that has the name of a metric is judged as a hook', () => {
    const metric = { name: 'pre-rollout-hook', interval: '1m', onNoData: 'hold', onError: 'hold' } as const;
    const release = withHooks({ 'pre-rollout': true }, { metrics: [metric] });
    release.hooks = () => [{ ...said('pre-rollout', false), verdict: 'Error' }];
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
  });

  it('that has passed is not asked again while the next gate is closed', () => {
    const release = withHooks({ 'pre-rollout': true, 'confirm-traffic-increase': from(135) });
    release.land(B);
    assert.equal(ended(release.run(100)), promoted(B));
    assert.deepEqual(asks(release, 'pre-rollout'), ['102.1 pre-rollout b']);
    const notes = release.texts().filter((text) => text.startsWith('Pre-rollout'));
    assert.equal(notes.length, 1);
  });

  it('is asked again when the canary has lost its pods and begins anew', () => {
    const release = withHooks({ 'pre-rollout': true });
    release.land(B);
    release.at(105, ({ target, elapsed }) => target?.crash(elapsed, 5000));
    assert.equal(ended(release.run(100)), promoted(B));
    assert.equal(asks(release).length, 2);
  });
});

describe('a rollout hook', () => {
  it('is called at each step, before the metrics', () => {
    const release = withHooks({ rollout: true });
    release.land(B);
    const lines = told(release.run(60)).filter((line) => /measure|call/.test(line));
    assert.deepEqual(lines, [
      '112.1s call rollout hooks',
      '112.1s measure',
      '122.1s call rollout hooks',
      '122.1s measure',
    ]);
    assert.equal(ended(release), promoted(B));
    assert.deepEqual(
      release.status.checks?.map(({ name }) => name),
      ['rollout-hook'],
    );
  });

  it('is one without a type, too', () => {
    const release = withHooks({ rollout: true }, { webhooks: [hook('')] });
    release.land(B);
    assert.equal(ended(release.run(60)), promoted(B));
    assert.equal(asks(release).length, 2);
  });

  it('that fails counts as a metric does', () => {
    const release = withHooks({ rollout: ({ elapsed }) => elapsed < 115_000 });
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
    assert.deepEqual(asks(release).length, 4);
    assert.deepEqual(weights(release), [0, 50, 100, 0]);
    assert.equal(release.status.failedChecks, 3);
  });

  it('that has not answered holds its step, and nothing is measured before it has', () => {
    const release = withHooks({ rollout: 'under way' });
    release.land(B);
    release.run(300);
    assert.deepEqual([release.status.desiredWeight, release.status.failedChecks], [50, 0]);
    assert.deepEqual([asks(release).length, release.status.waitingFor?.reason], [1, 'HookRunning']);
    assert.ok(!release.lines().some((line) => line.includes('measure')));
    answers(release, 'rollout', true);
    release.run(1);
    assert.equal(release.status.desiredWeight, 100);
  });

  it('that has not answered when another revision comes, opens nothing for it', () => {
    const release = withHooks({ rollout: 'under way' });
    release.land(B);
    release.run(20).land(C);
    release.run(1);
    assert.deepEqual([release.status.desiredWeight, release.routeWeight], [0, 0]);
    release.run(20);
    assert.deepEqual(asks(release), ['112.1 rollout b', '132.1 rollout c']);
    const [late] = Object.keys(release.answers);
    release.answers = { ...release.answers, [late ?? '']: [said('rollout', true)] };
    release.run(100);
    assert.deepEqual([release.status.desiredWeight, release.status.lastAppliedSpec], [50, C]);
    assert.ok(release.moments.every(({ primary }) => primary === A));
  });
});

describe('a confirm-traffic-increase hook', () => {
  it('that is closed keeps traffic at 0', () => {
    const release = withHooks({ 'confirm-traffic-increase': false });
    release.land(B);
    release.run(60);
    assert.deepEqual([weights(release), release.status.phase, release.status.failedChecks], [[0], 'Progressing', 0]);
    assert.deepEqual(
      asks(release).map((line) => line.split(' ')[0]),
      ['102.1', '112.1', '122.1', '132.1', '142.1', '152.1'],
    );
    const halt =
      'Halt podinfo.test advancement waiting for traffic increase approval confirm-traffic-increase-hook: http://hook.test answered 403';
    assert.equal(release.texts().filter((text) => text === halt).length, 1);
  });

  it('that is closed in the midst of a run keeps the weight, and checks go on', () => {
    const release = withHooks({ 'confirm-traffic-increase': ({ elapsed }) => elapsed < 105_000 || elapsed > 145_000 });
    const measuredAt: number[] = [];
    release.metrics = () => {
      measuredAt.push(release.elapsed / 1000);
      return [check('errors', 'Pass')];
    };
    release.land(B);
    release.run(40);
    assert.deepEqual([release.status.desiredWeight, release.served, release.status.phase], [50, 50, 'Progressing']);
    assert.deepEqual([...new Set(measuredAt)], [112.1, 122.1, 132.1]);
    assert.equal(release.status.iterations, 3);
    assert.equal(release.status.waitingFor?.reason, 'GateClosed');
    // Whatever wakes the loop meanwhile, it is not told again.
    release.reconcile();
    assert.equal(release.status.waitingFor?.reason, 'GateClosed');
    assert.equal(release.texts().filter((text) => text.includes('waiting for')).length, 1);
    assert.equal(ended(release.run(100)), promoted(B));
  });

  it('that is closed does not keep a release from failing', () => {
    const release = withHooks({ 'confirm-traffic-increase': ({ elapsed }) => elapsed < 105_000 });
    release.metrics = () => [check('errors', release.elapsed > 125_000 ? 'Fail' : 'Pass', { message: 'many' })];
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
    assert.equal(release.status.failure?.reason, 'ThresholdReached');
  });

  it('that is under way has nothing measured or counted, whatever wakes the loop', () => {
    const release = withHooks({ 'confirm-traffic-increase': ({ elapsed }) => elapsed < 105_000 || 'under way' });
    let count = 0;
    release.metrics = () => {
      count += 1;
      return [check('errors', 'Pass')];
    };
    release.land(B);
    release.run(20);
    const [before, status] = [count, release.status];
    for (let time = 0; time < 10; time++) release.run(1);
    assert.deepEqual([count, release.status.iterations], [before, status.iterations]);
    answers(release, 'confirm-traffic-increase', true);
    release.run(1);
    assert.deepEqual([release.status.desiredWeight, release.status.iterations], [100, 1]);
  });
});

describe('a confirm-promotion hook', () => {
  it('that is closed keeps the weight, checks go on, then it promotes', () => {
    const release = withHooks({ 'confirm-promotion': from(155) });
    release.land(B);
    release.run(45);
    assert.deepEqual(
      [release.status.phase, release.status.desiredWeight, release.status.canaryWeight, release.served],
      ['WaitingPromotion', 100, 100, 100],
    );
    assert.equal(release.status.waitingFor?.reason, 'GateClosed');
    assert.equal(release.primary?.template, A);
    const halt =
      'Halt podinfo.test advancement waiting for promotion approval confirm-promotion-hook: http://hook.test answered 403';
    assert.equal(release.texts().filter((text) => text === halt).length, 1);
    assert.equal(release.status.iterations, 4);
    assert.equal(ended(release.run(100)), promoted(B));
    assert.ok(release.texts().includes('Confirm-promotion check confirm-promotion-hook passed'));
    assert.deepEqual(
      asks(release).map((line) => line.split(' ')[0]),
      ['122.1', '132.1', '142.1', '152.1', '162.1'],
    );
    assert.deepEqual(phases(release).slice(1), [
      ...['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising', 'Succeeded'],
    ]);
  });

  it('that is closed does not keep checks from ending the release', () => {
    const release = withHooks({ 'confirm-promotion': false });
    release.metrics = () => [check('errors', release.elapsed > 125_000 ? 'Fail' : 'Pass', { message: 'many' })];
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
    assert.equal(release.status.failure?.reason, 'ThresholdReached');
  });

  it('that has not answered when another revision comes, promotes neither', () => {
    const release = withHooks({ 'confirm-promotion': 'under way' });
    release.land(B);
    release.run(30).land(C);
    release.run(5);
    const [late] = Object.keys(release.answers);
    release.answers = { ...release.answers, [late ?? '']: [said('confirm-promotion', true)] };
    release.run(200);
    assert.deepEqual([asks(release).length, release.status.lastAppliedSpec], [2, C]);
    assert.ok(release.moments.every(({ primary }) => primary === A));
    answers(release, 'confirm-promotion', true);
    assert.equal(ended(release.run(60)), promoted(C));
  });

  it('that is closed is for another revision to be waited for anew', () => {
    const release = withHooks({ 'confirm-promotion': (_release, revision) => revision === C });
    release.land(B);
    release.run(35).land(C);
    release.run(1);
    assert.deepEqual([release.status.phase, release.routeWeight], ['Progressing', 0]);
    assert.equal(ended(release.run(100)), promoted(C));
  });

  it('is not waited for any more by a canary that has lost its pods', () => {
    const release = withHooks({ 'confirm-promotion': false });
    release.land(B);
    release.at(125, ({ target, elapsed }) => target?.crash(elapsed, 5000));
    release.run(27);
    assert.deepEqual([release.status.phase, release.status.desiredWeight], ['Progressing', 0]);
    release.run(60);
    assert.deepEqual([release.status.phase, release.status.desiredWeight], ['WaitingPromotion', 100]);
  });
});

describe('a rollback hook', () => {
  const rollsBack = (release: PretendRelease) => {
    assert.equal(ended(release), NOT_PROMOTED);
    assert.equal(release.status.failure?.reason, 'RollbackHook');
    assert.equal(release.status.history?.[0]?.reason, 'RollbackHook');
  };

  it('that passes while the release waits to be confirmed ends it', () => {
    const release = withHooks({ 'confirm-rollout': false, rollback: from(115) });
    release.land(B);
    rollsBack(release.run(60));
    assert.ok(!release.lines().some((line) => line.includes('scale target to 1')));
  });

  it('that passes while pods are not ready ends it', () => {
    const release = withHooks({ rollback: from(115) });
    release.delays.target.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    rollsBack(release.run(30));
    assert.deepEqual(weights(release), [0]);
  });

  it('that passes in the midst of a run ends it', () => {
    const release = withHooks({ rollback: from(115) });
    release.land(B);
    rollsBack(release.run(60));
    assert.ok(release.texts().includes('Rolling back podinfo.test rollback hook rollback-hook asked for it'));
    assert.deepEqual(weights(release), [0, 50, 100, 0]);
  });

  it('that passes while a promotion waits to be confirmed, or a hook has not answered, ends it', () => {
    for (const says of [false, 'under way'] as const) {
      const release = withHooks({ 'confirm-promotion': says, rollback: from(145) });
      release.land(B);
      rollsBack(release.run(80));
    }
  });

  it('is asked once an interval, and does nothing while it fails', () => {
    const release = withHooks({ rollback: false });
    release.land(B);
    assert.equal(ended(release.run(60)), promoted(B));
    assert.deepEqual(asks(release), ['100 rollback b', '110 rollback b', '120 rollback b']);
  });

  it('that has not answered blocks nothing, is not asked twice, and is heard when it answers at last', () => {
    const release = withHooks({ rollback: 'under way', 'confirm-promotion': false });
    release.land(B);
    release.run(45);
    assert.deepEqual([release.status.phase, asks(release, ' rollback').length], ['WaitingPromotion', 1]);
    answers(release, 'rollback', true);
    rollsBack(release.run(10));
  });

  it('that has answered about the revision before says nothing of this one', () => {
    const release = withHooks({ rollback: (_release, revision) => (revision === B ? 'under way' : false) });
    release.land(B);
    release.run(12).land(C);
    release.run(1);
    answers(release, 'rollback', true);
    assert.equal(ended(release.run(60)), promoted(C));
  });
});

describe('a post-rollout hook', () => {
  for (const passes of [true, false]) {
    it(`is called after a success, and ${passes ? 'passes' : 'fails with no more than a note'}`, () => {
      const release = withHooks({ 'post-rollout': passes });
      release.land(B);
      assert.equal(ended(release.run(100)), promoted(B));
      assert.equal(asks(release).length, 1);
      const lines = told(release);
      assert.equal(lines[lines.findIndex((line) => line.includes('call')) - 1]?.endsWith('scale target to 0'), true);
      const note = 'Post-rollout hook post-rollout-hook of podinfo.test failed: http://hook.test answered 403';
      assert.equal(release.texts().includes(note), !passes);
    });
  }

  it('is called after a failure, of which it changes nothing', () => {
    const release = withHooks({ 'post-rollout': false, rollout: false });
    const endings: unknown[] = [];
    const { hooks } = release;
    release.hooks = (moment, revision) => {
      if (moment === 'post-rollout') endings.push(release.status.ending?.result);
      return hooks(moment, revision);
    };
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
    assert.deepEqual(endings, ['Failed']);
    assert.equal(release.status.failure?.reason, 'ThresholdReached');
  });

  it('is not called after a release that was taken back', () => {
    const release = withHooks({ 'post-rollout': true });
    release.land(B);
    release.run(15).land(A);
    assert.equal(ended(release.run(60)), promoted(A));
    assert.deepEqual(asks(release), []);
  });

  it('that has not answered ends the release when it does, and what came meanwhile is released then', () => {
    const release = withHooks({ 'post-rollout': (_release, revision) => revision === C || 'under way' });
    release.land(B);
    release.run(60).land(C);
    release.run(60);
    assert.deepEqual([release.primary?.template, release.served, release.status.phase], [B, 0, 'Finalising']);
    answers(release, 'post-rollout', true);
    assert.equal(ended(release.run(60)), promoted(C));
    assert.equal(asks(release).length, 2);
  });
});

describe('a canary that is suspended', () => {
  it('asks nothing, and is not woken to', () => {
    const all: Script = {
      ...{ 'confirm-rollout': true, 'pre-rollout': true, rollout: true, 'confirm-traffic-increase': true },
      ...{ 'confirm-promotion': true, rollback: false, 'post-rollout': true },
    };
    const release = withHooks(all);
    release.land(B);
    release.run(12);
    const before = asks(release).length;
    release.edit({}, { suspend: true });
    assert.equal(release.reconcile(), undefined);
    release.run(500);
    assert.equal(asks(release).length, before);
    release.edit({}, { suspend: false });
    assert.equal(ended(release.run(100)), promoted(B));
    assert.ok(asks(release).length > before);
  });
});
