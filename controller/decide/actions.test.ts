// What people ask for, in a pretend world. Times are in seconds; a step is held for ten, pods of the target take 2.1 s.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Analysis, CanaryWebhook } from '../../api/generated/canary.ts';
import { A, atRest, B, C, check, type PretendRelease } from './pretend-release.ts';
import type { RequestedAction } from './requested-action.ts';

const STEPS = { stepWeights: [10, 20, 50] };
const gate = (type: CanaryWebhook['type'], name: string = type): CanaryWebhook => ({ name, type, timeout: '10s' });
const overHttp = (type: CanaryWebhook['type'], name: string = type): CanaryWebhook => ({
  ...gate(type, name),
  url: 'http://hook.test',
});

/** A release of B that is under way, at its first step unless it is held before. */
function begun(analysis: Partial<Analysis> = {}, seconds = 5): PretendRelease {
  const release = atRest({ analysis: { ...STEPS, ...analysis } });
  release.land(B);
  return release.run(seconds);
}

/** Asks, and lets a second pass: `Done: held at weight 10`; `Unchanged: it is paused already` is rejected too. */
function asked(
  release: PretendRelease,
  action: RequestedAction['action'],
  more: Partial<RequestedAction> = {},
): string {
  const uid = release.ask(action, more);
  release.run(1);
  const answer = release.answered.get(uid);
  return answer === undefined ? 'no answer' : `${answer.reason ?? answer.result}: ${answer.message}`;
}

const where = ({ status }: PretendRelease) => `${status.phase} ${status.desiredWeight}%`;
const ended = (release: PretendRelease) =>
  `${release.status.phase}, primary ${release.primary?.template.slice(0, 1)}, target ${release.target?.replicas}, canary ${release.served}%`;
const PROMOTED = 'Succeeded, primary b, target 0, canary 0%';
const NOT_PROMOTED = 'Failed, primary a, target 0, canary 0%';
const measures = (release: PretendRelease) => release.lines().filter((line) => line.endsWith('measure')).length;

describe('pause', () => {
  it('holds a release at its weight and measures nothing, until resume', () => {
    const release = begun();
    assert.equal(asked(release, 'pause', { reason: 'lunch' }), 'Done: held at weight 10');
    release.run(3600);
    assert.deepEqual([where(release), release.served, measures(release)], ['Progressing 10%', 10, 0]);
    assert.equal(release.status.waitingFor?.reason, 'Paused');
    assert.match(release.status.waitingFor?.message ?? '', /jane asked for it: lunch/);
    assert.equal(asked(release, 'resume'), 'Done: goes on at weight 10');
    assert.equal(ended(release.run(60)), PROMOTED);
    const told = release.texts().filter((text) => /Paused|Resumed/.test(text));
    assert.deepEqual(told, [
      'Paused podinfo.test: jane asked for it: lunch',
      'Resumed podinfo.test: jane asked for it',
    ]);
  });

  it('is told once, and a second is rejected', () => {
    const release = begun();
    asked(release, 'pause');
    assert.equal(asked(release, 'pause'), 'Unchanged: it is paused already: jane asked for it');
    assert.equal(asked(release, 'resume'), 'Done: goes on at weight 10');
    assert.equal(asked(release, 'resume'), 'Unchanged: it is not paused');
  });

  it('lets no deadline pass, but for what Kubernetes itself gives up', () => {
    const release = atRest({ analysis: STEPS });
    release.delays.target.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    release.run(30);
    asked(release, 'pause');
    release.run(3600);
    assert.equal(where(release), 'Progressing 0%');
    asked(release, 'resume');
    assert.equal(where(release.run(50)), 'Progressing 0%');
    assert.equal(ended(release.run(20)), NOT_PROMOTED);
  });

  it('takes the traffic off a canary without a pod all the same', () => {
    const release = begun();
    asked(release, 'pause');
    release.target?.crash(release.elapsed, 30_000);
    release.run(10);
    assert.deepEqual([where(release), release.served], ['Progressing 0%', 0]);
    release.run(60);
    assert.deepEqual([where(release), measures(release)], ['Progressing 0%', 0]);
  });

  it('does not keep a rollback hook from being heard', () => {
    const release = begun({ webhooks: [overHttp('rollback', 'undo')] });
    asked(release, 'pause');
    release.hooks = () => [check('undo', 'Pass', { kind: 'Webhook' })];
    assert.equal(ended(release.run(20)), NOT_PROMOTED);
    assert.equal(release.status.failure?.reason, 'RollbackHook');
  });

  it('is of one revision: another begins anew, and is not paused', () => {
    const release = begun();
    asked(release, 'pause');
    release.land(C);
    release.run(1);
    assert.deepEqual([release.status.lastAppliedSpec, release.status.paused], [C, undefined]);
    assert.equal(ended(release.run(60)), 'Succeeded, primary c, target 0, canary 0%');
  });

  it('holds a release that waits for its gate, and not one that is being promoted', () => {
    const waiting = begun({ webhooks: [gate('confirm-rollout')] });
    assert.equal(asked(waiting, 'pause'), 'Done: held at weight 0');
    asked(waiting, 'approve', { gate: 'confirm-rollout' });
    assert.deepEqual([where(waiting.run(60)), waiting.target?.replicas], ['Waiting 0%', 0]);
    asked(waiting, 'resume');
    assert.equal(ended(waiting.run(60)), PROMOTED);
    const promoting = begun({}, 33);
    assert.match(asked(promoting, 'pause'), /^Rejected: it is being promoted/);
  });
});

describe('promote', () => {
  it('goes on one step, with the checks of the next', () => {
    const release = begun();
    assert.equal(asked(release, 'promote'), 'Done: step 1 is passed, step 2 has weight 20');
    assert.deepEqual([where(release), measures(release)], ['Progressing 20%', 0]);
    assert.equal(ended(release.run(60)), PROMOTED);
    assert.equal(measures(release), 2);
    const [run] = release.status.history ?? [];
    assert.deepEqual([run?.reason, run?.by], ['Promoted', undefined]);
  });

  it('takes two presses for one step, and a step by its number once', () => {
    const release = begun();
    const uids = [release.ask('promote'), release.ask('promote')];
    release.run(1);
    assert.deepEqual(
      [where(release), ...uids.map((uid) => release.answered.get(uid)?.result)],
      [...['Progressing 20%', 'Done', 'Rejected']],
    );
    assert.equal(asked(release, 'promote', { toStep: 3 }), 'Done: step 2 is passed, step 3 has weight 50');
    assert.equal(asked(release, 'promote', { toStep: 3 }), 'Unchanged: it is at step 3 already');
    assert.equal(asked(release, 'promote', { toStep: 2 }), 'Unchanged: it is at step 3 already');
    assert.equal(asked(release, 'promote', { toStep: 4 }), 'Rejected: there are only 3 steps');
  });

  it('goes on from the step that was seen, and from no other', () => {
    const release = begun();
    assert.equal(asked(release, 'promote', { fromStep: 1 }), 'Done: step 1 is passed, step 2 has weight 20');
    assert.equal(asked(release, 'promote', { fromStep: 1 }), 'Unchanged: it is at step 2 by now');
    // Seen anew, and all the same one press.
    assert.match(asked(release, 'promote', { fromStep: 2 }), /^Unchanged: .* has only just gone on to step 2: name/);
    assert.equal(asked(release, 'promote', { fromStep: 3 }), 'Rejected: it is back at step 2');
    assert.equal(where(release), 'Progressing 20%');
    release.run(4);
    assert.equal(asked(release, 'promote', { fromStep: 2 }), 'Done: step 2 is passed, step 3 has weight 50');
  });

  it('is unchanged where it is being promoted or was, and rejected where nothing was released', () => {
    const release = begun({ stepWeights: [50] });
    asked(release, 'promote');
    assert.equal(asked(release, 'promote'), 'Unchanged: it is being promoted already');
    release.run(60);
    assert.match(asked(release, 'promote'), /^Unchanged: no release is under way: .* ended as Succeeded/);
    assert.match(asked(release, 'pause'), /^Rejected: no release is under way/);
    assert.match(asked(release, 'abort'), /^Rejected: no release is under way: .* ended as Succeeded/);
    assert.match(
      asked(atRest({ analysis: STEPS }), 'promote'),
      /^Rejected: no release is under way: there has been none/,
    );
  });

  it('ends a pause, and promotes from the last step', () => {
    const release = begun({ stepWeights: [50] });
    asked(release, 'pause');
    assert.equal(asked(release, 'promote'), 'Done: the last step is passed, it is promoted');
    assert.equal(ended(release.run(60)), PROMOTED);
    const [run] = release.status.history ?? [];
    assert.deepEqual([run?.reason, run?.by, run?.message], ['PromotedByHand', 'jane', 'jane asked for it']);
  });

  it('opens no gate', () => {
    const release = begun({
      webhooks: [gate('confirm-rollout', 'go'), gate('confirm-promotion', 'out')],
      stepWeights: [50],
    });
    assert.match(asked(release, 'promote', { full: true }), /^Rejected: it has no pods before gate go is open/);
    asked(release, 'approve');
    release.run(5);
    assert.equal(asked(release, 'promote'), 'Rejected: gate out is not approved yet');
    assert.equal(where(release), 'Progressing 50%');
  });

  it('asks gates over HTTP, and waits for their answer', () => {
    const release = begun({ webhooks: [overHttp('confirm-traffic-increase', 'office')] }, 0);
    release.hooks = () => [check('office', 'Pass', { kind: 'Webhook' })];
    release.run(5);
    release.hooks = () => [check('office', 'Fail', { kind: 'Webhook', message: 'it is night' })];
    assert.equal(asked(release, 'promote'), 'Rejected: gate office is closed: it is night');
    release.run(10);
    release.hooks = () => 'under way';
    release.run(5);
    const uid = release.ask('promote');
    release.run(30);
    assert.equal(release.answered.get(uid), undefined);
    const open = [check('office', 'Pass', { kind: 'Webhook' })];
    release.answers = Object.fromEntries(Object.entries(release.answers).map(([question]) => [question, open]));
    release.hooks = () => open;
    release.run(30);
    assert.ok(release.answered.has(uid), 'it is left without an answer');
    assert.equal(ended(release.run(60)), PROMOTED);
  });

  it('gives no traffic to pods that are not ready, nor while the primary is not', () => {
    const release = begun({}, 1);
    assert.match(asked(release, 'promote', { full: true }), /^Rejected: the canary is not ready: /);
    assert.match(asked(release, 'promote'), /^Rejected: the canary is not ready: /);
    release.run(5);
    release.primary?.crash(release.elapsed, 60_000);
    assert.match(asked(release, 'promote'), /^Rejected: the primary is not ready: /);
    assert.equal(where(release), 'Progressing 10%');
  });

  it('leaves out all steps and checks that are left when it is full', () => {
    const release = begun();
    release.metrics = () => [check('errors', 'Fail')];
    assert.equal(asked(release, 'promote', { full: true, reason: 'hotfix' }), 'Done: revision bbbbbbbbbb is promoted');
    assert.equal(ended(release.run(30)), PROMOTED);
    const [run] = release.status.history ?? [];
    assert.deepEqual([run?.result, run?.by, run?.message], ['Succeeded', 'jane', 'jane asked for it: hotfix']);
    assert.equal(
      asked(release, 'promote', { full: true }),
      'Unchanged: no release is under way: the last one has ended as Succeeded',
    );
  });
});

describe('abort', () => {
  const phases: Readonly<Record<string, readonly [Partial<Analysis>, number]>> = {
    Waiting: [{ webhooks: [gate('confirm-rollout')] }, 5],
    Progressing: [{}, 15],
    WaitingPromotion: [{ webhooks: [gate('confirm-promotion')] }, 45],
    Promoting: [{}, 33],
  };
  for (const [phase, [analysis, seconds]] of Object.entries(phases)) {
    it(`ends a release in ${phase}, and leaves the primary what it had`, () => {
      const release = begun(analysis, seconds);
      assert.equal(release.status.phase, phase);
      assert.equal(asked(release, 'abort', { reason: 'too slow' }), 'Done: all traffic goes to the primary');
      assert.equal(ended(release.run(30)), NOT_PROMOTED);
      const { failure, history: [run] = [] } = release.status;
      assert.deepEqual([failure?.reason, failure?.by, run?.result, run?.by], ['Aborted', 'jane', 'Aborted', 'jane']);
      assert.equal(run?.message, 'jane asked for it: too slow');
      assert.ok(release.texts().includes('Aborted podinfo.test: jane asked for it: too slow'));
      assert.equal(ended(release.run(3600)), NOT_PROMOTED);
    });
  }

  it('of a promotion does not empty the only side that answers', () => {
    const release = begun({}, 0);
    if (release.primary !== undefined) release.primary.recreates = true;
    release.run(33.5);
    assert.deepEqual([release.status.phase, release.primary?.available], ['Promoting', 0]);
    asked(release, 'abort');
    assert.equal(release.served, 100);
    assert.equal(ended(release.run(30)), NOT_PROMOTED);
  });

  it('is rejected when the release is over', () => {
    const release = begun();
    asked(release, 'abort');
    assert.equal(asked(release, 'abort'), 'Unchanged: the release is over: jane asked for it');
    assert.match(asked(release.run(30), 'abort'), /^Unchanged: no release is under way/);
  });
});

describe('a rollback hook', () => {
  for (const [phase, seconds] of Object.entries({ Waiting: 5, Progressing: 15, WaitingPromotion: 45, Promoting: 33 })) {
    it(`is heard in ${phase}, where the primary has what it had in the end`, () => {
      const gates = { Waiting: [gate('confirm-rollout')], WaitingPromotion: [gate('confirm-promotion')] };
      const release = begun({ webhooks: [overHttp('rollback', 'undo'), ...(gates[phase as 'Waiting'] ?? [])] }, 0);
      let passes = false;
      release.hooks = () => [check('undo', passes ? 'Pass' : 'Fail', { kind: 'Webhook' })];
      release.delays.primary.set(B, Number.POSITIVE_INFINITY);
      release.run(seconds);
      assert.equal(release.status.phase, phase);
      passes = true;
      assert.equal(ended(release.run(40)), NOT_PROMOTED);
      assert.equal(release.status.failure?.reason, 'RollbackHook');
    });
  }
});

describe('retry', () => {
  it('has the revision that failed tried again from the beginning', () => {
    const release = begun({ threshold: 1 }, 0);
    release.metrics = () => [check('errors', 'Fail')];
    assert.equal(ended(release.run(30)), NOT_PROMOTED);
    release.metrics = () => [];
    assert.equal(asked(release, 'retry'), 'Done: it begins again');
    assert.equal(release.status.triggeredBy?.username, 'jane');
    assert.equal(ended(release.run(60)), PROMOTED);
    assert.deepEqual(
      release.status.history?.map(({ result }) => result),
      ['Succeeded', 'Failed'],
    );
  });

  it('may be asked for together with the abort', () => {
    const release = begun();
    const uids = [release.ask('abort'), release.ask('retry')];
    release.run(15);
    assert.deepEqual(
      uids.map((uid) => release.answered.get(uid)?.result),
      ['Done', 'Done'],
    );
    assert.equal(ended(release.run(60)), PROMOTED);
  });

  it('is rejected of what is under way, was promoted, or is not what the target is at', () => {
    const release = begun();
    assert.equal(asked(release, 'retry'), 'Unchanged: the release is under way');
    release.run(60);
    assert.equal(asked(release, 'retry'), 'Rejected: it was promoted');
    const other = begun();
    asked(other, 'abort');
    other.run(30);
    other.refusals = [{ reason: 'Odd', message: 'no releases today', holds: 'releases' }];
    other.land(C);
    assert.equal(asked(other, 'retry'), 'Rejected: the target is at revision cccccccccc by now');
    other.land(B);
    assert.equal(asked(other, 'retry'), 'Rejected: no releases today');
  });
});

describe('a gate without a URL', () => {
  it('holds a release without pods until it is approved', () => {
    const release = begun({ webhooks: [gate('confirm-rollout', 'go')] }, 3600);
    assert.deepEqual([where(release), release.target?.replicas], ['Waiting 0%', 0]);
    const { waitingFor } = release.status;
    assert.deepEqual([waitingFor?.reason, waitingFor?.gate, waitingFor?.until], ['Approval', 'go', undefined]);
    assert.equal(asked(release, 'approve'), 'Done: gate go is open for revision bbbbbbbbbb');
    assert.equal(ended(release.run(60)), PROMOTED);
    const halts = release.texts().filter((text) => text.includes('waiting for approval'));
    assert.deepEqual(halts, ['Halt podinfo.test advancement waiting for approval go']);
  });

  it('before a promotion goes on being checked, and opens at once', () => {
    const release = begun({ webhooks: [gate('confirm-promotion', 'out')] }, 300);
    assert.equal(where(release), 'WaitingPromotion 50%');
    assert.ok(measures(release) > 20, `${measures(release)} measurements`);
    asked(release, 'approve', { gate: 'out' });
    assert.equal(release.status.phase, 'Promoting');
    const failing = begun({ webhooks: [gate('confirm-promotion', 'out')], threshold: 2 }, 60);
    failing.metrics = () => [check('errors', 'Fail')];
    assert.equal(ended(failing.run(60)), NOT_PROMOTED);
  });

  it('may be approved before it is reached, for all increases of the run, and not for the next', () => {
    const release = begun(
      { webhooks: [gate('confirm-traffic-increase', 'more'), gate('confirm-promotion', 'out')] },
      0,
    );
    asked(release, 'approve', { gate: 'out' });
    asked(release, 'approve', { gate: 'more' });
    assert.equal(
      asked(release, 'approve', { gate: 'more' }),
      'Unchanged: gate more is open already: jane asked for it',
    );
    assert.equal(ended(release.run(60)), PROMOTED);
    assert.equal(release.status.approvals, undefined);
    release.land(C);
    assert.equal(where(release.run(60)), 'Progressing 0%');
    assert.equal(release.status.waitingFor?.gate, 'more');
  });

  it('is opened by its name alone directly after another', () => {
    const release = begun(
      { webhooks: [gate('confirm-traffic-increase', 'more'), gate('confirm-promotion', 'out')], stepWeights: [50] },
      5,
    );
    assert.match(asked(release, 'approve'), /^Done: gate more is open/);
    release.run(2);
    assert.match(asked(release, 'approve'), /^Unchanged: gate more was opened only just: name the gate/);
    assert.match(asked(release, 'approve', { gate: 'out' }), /^Done: gate out is open/);
    release.run(7);
    assert.equal(release.status.phase, 'Promoting');
    assert.match(asked(release, 'approve', { gate: 'out' }), /^Unchanged: it is past its gates/);
    assert.match(asked(release, 'reject', { gate: 'out' }), /^Rejected: it is past its gates/);
  });

  it('is rejected for good, and the release has failed', () => {
    const release = begun({ webhooks: [gate('confirm-promotion', 'out')] }, 45);
    assert.equal(
      asked(release, 'reject', { reason: 'not today' }),
      'Done: gate out is rejected, and the release has failed',
    );
    assert.equal(ended(release.run(30)), NOT_PROMOTED);
    const { failure, history: [run] = [] } = release.status;
    assert.deepEqual(
      [failure?.reason, failure?.message],
      ['Rejected', 'gate out was rejected: jane asked for it: not today'],
    );
    assert.deepEqual([run?.result, run?.by], ['Failed', 'jane']);
  });

  it('is not meant where there is none of the name, or it is asked over HTTP', () => {
    const release = begun({ webhooks: [gate('confirm-promotion', 'out'), overHttp('confirm-rollout', 'office')] });
    assert.equal(asked(release, 'approve', { gate: 'in' }), 'Rejected: there is no gate in: there are out');
    assert.match(asked(release, 'approve', { gate: 'office' }), /^Rejected: gate office is asked at its URL/);
    const none = begun();
    assert.match(asked(none, 'approve'), /^Rejected: no gate is waited for/);
  });
});

describe('a confirmation gate that is asked over HTTP', () => {
  for (const type of ['confirm-traffic-increase', 'confirm-promotion'] as const) {
    it(`pauses the release when it closes again, and resumes it when it opens: ${type}`, () => {
      const release = begun({ webhooks: [overHttp(type)] }, 0);
      let opensFrom = 0;
      let opensTo = 104;
      release.hooks = () => {
        const isOpen = release.elapsed >= opensFrom * 1000 && release.elapsed < opensTo * 1000;
        return [check(type, isOpen ? 'Pass' : 'Fail', { kind: 'Webhook', message: 'closed' })];
      };
      release.run(100);
      const held = type === 'confirm-promotion' ? 'WaitingPromotion 50%' : 'Progressing 10%';
      assert.equal(where(release), held);
      assert.equal(release.served, type === 'confirm-promotion' ? 50 : 10);
      // Open for one look, and closed again: as far as that look, where there is another step.
      [opensFrom, opensTo] = [200, 211];
      release.run(60);
      const next = type === 'confirm-promotion' ? 'Succeeded 0%' : 'Progressing 20%';
      assert.equal(where(release), next);
      [opensFrom, opensTo] = [260, Number.POSITIVE_INFINITY];
      assert.equal(ended(release.run(120)), PROMOTED);
    });
  }

  it('is not asked while traffic goes back to the primary step by step', () => {
    const release = begun({ webhooks: [overHttp('confirm-traffic-increase')], stepWeightPromotion: 10 }, 0);
    release.hooks = () => [
      check('confirm-traffic-increase', release.status.phase === 'Promoting' ? 'Fail' : 'Pass', { kind: 'Webhook' }),
    ];
    assert.equal(ended(release.run(200)), PROMOTED);
  });
});

describe('an action', () => {
  it('is decided on once, however often the controller is killed before it has answered', () => {
    const release = begun();
    const uid = release.ask('promote');
    const act = release.decide;
    release.decide = (seen, now) => {
      const decision = act(seen, now);
      const isAnswer = decision.kind === 'act' && decision.effect.kind === 'answer action';
      return isAnswer ? { kind: 'wait', status: seen.canary.status ?? {}, until: now + 500 } : decision;
    };
    release.run(3);
    assert.deepEqual([where(release), release.answered.get(uid)], ['Progressing 20%', undefined]);
    release.decide = act;
    release.run(1);
    assert.equal(where(release), 'Progressing 20%');
    assert.equal(release.answered.get(uid)?.result, 'Done');
    assert.equal(release.status.decisions?.length, 1);
  });

  it('is about the revision that it names, in full or in short', () => {
    const release = begun();
    assert.equal(asked(release, 'pause', { revision: C }), 'Rejected: the canary is at revision bbbbbbbbbb by now');
    assert.match(
      asked(release, 'pause', { revision: B.slice(0, 31) }),
      /^Rejected: b+ is too little of a revision, as others may begin so: write 32 characters of it or more$/,
    );
    assert.equal(asked(release, 'pause', { revision: B.slice(0, 32) }), 'Done: held at weight 10');
    assert.match(asked(release, 'resume', { revision: A }), /^Rejected: /);
  });

  it('that was asked of a canary of the same name before is not carried out', () => {
    const release = begun();
    assert.match(asked(release, 'abort', { createdAt: '2025-12-31T23:59:59Z' }), /^Rejected: it was asked for before/);
  });

  it('is answered also by a canary that is refused, suspended, initializing or going', () => {
    const release = begun();
    release.edit({}, { suspend: true });
    assert.match(asked(release, 'abort'), /^Rejected: spec.suspend is true/);
    assert.equal(asked(release, 'pause'), 'Done: held at weight 10');
    release.refusals = [{ reason: 'InvalidSpec', message: 'spec.x: remove it', holds: 'everything' }];
    assert.equal(asked(release, 'abort'), 'Rejected: nothing is done before this is mended: spec.x: remove it');
    release.deleted = true;
    assert.equal(asked(release, 'abort'), 'Rejected: the canary is being deleted');
    const fresh = atRest();
    fresh.status = {};
    assert.match(asked(fresh, 'promote', { revision: A }), /^Rejected: the canary is being initialized/);
  });

  it('is remembered with who asked, and no more than twenty are', () => {
    const release = begun();
    for (let count = 0; count < 30; count++) asked(release, 'resume', { requestedBy: `user ${count}` });
    const { decisions = [] } = release.status;
    assert.deepEqual([decisions.length, decisions[0]?.by, decisions[19]?.by], [20, 'user 29', 'user 10']);
  });

  it('of somebody whom admission could not name is carried out all the same', () => {
    const release = begun();
    const uid = release.ask('abort');
    release.actions = release.actions.map(({ requestedBy: _nobody, ...action }) => action);
    release.run(30);
    assert.equal(release.answered.get(uid)?.result, 'Done');
    assert.equal(ended(release), NOT_PROMOTED);
    assert.equal(release.status.failure?.message, 'somebody asked for it');
  });
});
