// Releases from their beginning to their end, in a pretend world. Times are in seconds; pods of the target take 2.1 s to be
// available, those of the primary 3.1 s.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckStatus } from '../../api/generated/canary.ts';
import { A, atRest, B, C, check, PretendRelease } from './pretend-release.ts';

const UNOBSERVED = /has not been observed/;
/** What was done and told, but for the moments in which a Deployment's controller has not looked yet. */
const told = (release: PretendRelease) => release.lines().filter((line) => !UNOBSERVED.test(line));
const acts = (release: PretendRelease) =>
  told(release).flatMap((line) => (line.includes('[') ? [] : [line.replace(/^\S+ /, '')]));
/** The weights that the status wanted, each once. */
const weights = (release: PretendRelease) =>
  release.moments
    .map(({ status }) => status.desiredWeight ?? 0)
    .filter((weight, index, all) => weight !== all[index - 1]);
const phases = (release: PretendRelease) =>
  release.moments.map(({ status }) => status.phase).filter((phase, index, all) => phase !== all[index - 1]);
const lastRun = ({ status }: PretendRelease) => {
  const { revision = '', result, reason } = status.history?.[0] ?? {};
  return `${revision.slice(0, 1)} ${result} ${reason}`;
};
/** Is what everybody sees in the end. */
const ended = (release: PretendRelease) =>
  `${release.status.phase}, primary ${release.primary?.template.slice(0, 1)}, target ${release.target?.replicas}, canary ${release.served}%`;
const promoted = (revision: string) => `Succeeded, primary ${revision.slice(0, 1)}, target 0, canary 0%`;
const NOT_PROMOTED = 'Failed, primary a, target 0, canary 0%';
const successRate = (value: number): CheckStatus =>
  check('request-success-rate', value < 99 ? 'Fail' : 'Pass', { value, thresholdRange: { min: 99 } });
/** Answers one after the other, the last of them for ever. */
const inTurn = (...answers: readonly CheckStatus[]) => {
  let call = 0;
  return () => [answers[Math.min(call++, answers.length - 1)] ?? check('none', 'Pass')];
};

describe('the first release of all', () => {
  it('makes Services, primary, apex and route in the order in which no request is lost', () => {
    assert.deepEqual(told(new PretendRelease().run(30)), [
      '0s [Initializing 0%]',
      '0s hold canary',
      '0s apply backend services',
      '0s create primary',
      '0.1s [Initializing 0%] Waiting for podinfo-primary.test rollout to finish: 0 of 1 updated replicas are available',
      '3.1s apply all services',
      '3.1s route 0',
      '8.1s scale target to 0',
      '8.1s [Initialized 0%] Canary podinfo.test is initialized: podinfo-primary.test serves all traffic',
    ]);
  });

  it('makes a primary with a pod for a target without one, and has nothing to drain', () => {
    const release = new PretendRelease({ replicas: 0 }).run(30);
    assert.equal(release.primary?.replicas, 1);
    assert.deepEqual(acts(release), [
      'hold canary',
      'apply backend services',
      'create primary',
      'apply all services',
      'route 0',
    ]);
    assert.equal(release.status.phase, 'Initialized');
  });

  it('waits for a gateway before it takes the pods of the target away', () => {
    const release = new PretendRelease();
    release.routeDelayMs = 20_000;
    release.run(60);
    assert.deepEqual(told(release).slice(-2), [
      '28.1s scale target to 0',
      '28.1s [Initialized 0%] Canary podinfo.test is initialized: podinfo-primary.test serves all traffic',
    ]);
  });

  it('takes over from Flagger, whose last revision is a number, with the primary that is there', () => {
    const release = new PretendRelease({ replicas: 0 });
    release.makePrimary(A, 2);
    release.primary?.becomeReady(0);
    release.services = { backends: true, apex: true };
    release.writeRoute(0);
    release.status = {
      phase: 'Succeeded',
      lastAppliedSpec: '5978589476',
      lastPromotedSpec: '5978589476',
      canaryWeight: 0,
    };
    release.run(30);
    assert.deepEqual(acts(release), ['hold canary', 'share primary', 'take over primary']);
    assert.deepEqual(
      [release.status.phase, release.status.lastPromotedSpec, release.status.lastAppliedSpec],
      ['Initialized', A, A],
    );
    release.land(B);
    assert.equal(ended(release.run(60)), promoted(B));
  });

  it('takes over from Flagger without a primary, which is made of the target as it stands', () => {
    const release = new PretendRelease();
    release.status = { phase: 'Succeeded', lastAppliedSpec: '5978589476', lastPromotedSpec: '5978589476' };
    release.run(30);
    assert.deepEqual(acts(release).slice(0, 3), ['hold canary', 'apply backend services', 'create primary']);
    assert.deepEqual([release.status.phase, release.status.lastPromotedSpec], ['Initialized', A]);
  });

  it('follows a target that is mended before any primary has served', () => {
    const release = new PretendRelease();
    release.delays.primary.set(A, Number.POSITIVE_INFINITY);
    release.at(10, (world) => world.land(B));
    assert.deepEqual(told(release.run(60)).slice(5), [
      '12.1s keep revision b',
      '12.1s [Initializing 0%]',
      '12.1s set primary b',
      '12.2s [Initializing 0%] Waiting for podinfo-primary.test rollout to finish: 1 old replicas are pending termination',
      '15.2s apply all services',
      '15.2s route 0',
      '20.2s scale target to 0',
      '20.2s [Initialized 0%] Canary podinfo.test is initialized: podinfo-primary.test serves all traffic',
    ]);
    assert.equal(release.status.lastPromotedSpec, B);
  });

  it('does not follow it where Flagger has promoted before', () => {
    const release = new PretendRelease();
    release.land(B);
    release.target?.becomeReady(0);
    release.delays.primary.set(A, 20_000);
    release.makePrimary(A, 1);
    release.status = { phase: 'Progressing', lastAppliedSpec: '2', lastPromotedSpec: '1', canaryWeight: 0 };
    assert.ok(!acts(release.run(30)).includes('set primary b'));
    assert.equal(ended(release.run(60)), promoted(B));
  });

  it('does not follow it once a primary has served: what came since is released', () => {
    const release = new PretendRelease();
    release.routeDelayMs = 20_000;
    release.at(10, (world) => {
      world.primary?.crash(world.elapsed, 30_000);
      world.land(B);
    });
    release.run(200);
    assert.ok(release.moments.every(({ status, primary }) => primary !== B || status.phase !== 'Initializing'));
    assert.equal(lastRun(release), 'b Succeeded Promoted');
  });

  it('takes traffic off what Flagger was in the midst of, and releases it anew', () => {
    const release = new PretendRelease();
    release.land(B);
    release.target?.becomeReady(0);
    release.makePrimary(A, 1);
    release.primary?.becomeReady(0);
    release.services = { backends: true, apex: true };
    release.writeRoute(40);
    release.status = { phase: 'Progressing', lastAppliedSpec: '2', lastPromotedSpec: '1', canaryWeight: 40 };
    release.run(80);
    assert.deepEqual(acts(release).slice(0, 6), [
      'hold canary',
      'share primary',
      'take over primary',
      'route 0',
      'scale target to 0',
      'keep revision b',
    ]);
    assert.equal(ended(release), promoted(B));
  });
});

describe('a release', () => {
  it('goes step by step to its promotion', () => {
    const release = atRest({ analysis: { stepWeight: 10, maxWeight: 30 } });
    release.land(B);
    assert.deepEqual(told(release.run(60)), [
      '100s keep revision b',
      '100s [Progressing 0%] New revision detected! Scaling up podinfo.test',
      '100s scale target to 1',
      '100.1s [Progressing 0%] Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
      '102.1s [Progressing 10%] Starting canary analysis for podinfo.test',
      '102.1s [Progressing 10%] Advance podinfo.test canary weight 10',
      '102.1s route 10',
      '112.1s measure',
      '112.1s [Progressing 20%] Advance podinfo.test canary weight 20',
      '112.1s route 20',
      '122.1s measure',
      '122.1s [Progressing 30%] Advance podinfo.test canary weight 30',
      '122.1s route 30',
      '132.1s measure',
      '132.1s [Promoting 30%] Copying podinfo.test template spec to podinfo-primary.test',
      '132.1s set primary b',
      '132.2s [Promoting 30%] Waiting for podinfo-primary.test rollout to finish: 1 old replicas are pending termination',
      '135.2s [Succeeded, ending 0%] Routing all traffic to primary',
      '135.2s route 0',
      '140.2s scale target to 0',
      '140.2s [Succeeded 0%] Promotion completed! Scaling down podinfo.test',
    ]);
    assert.deepEqual(phases(release), ['Initialized', 'Progressing', 'Promoting', 'Finalising', 'Succeeded']);
    assert.equal(lastRun(release), 'b Succeeded Promoted');
  });

  it('takes no longer than its steps, its pods and the drain', () => {
    const release = atRest({ analysis: { stepWeight: 10, maxWeight: 50 } });
    release.land(B);
    release.run(100);
    const [end] = release.moments.filter(({ status }) => status.phase === 'Succeeded');
    assert.equal(((end?.seconds ?? 0) - 100).toFixed(1), (2.1 + 5 * 10 + 3.1 + 5).toFixed(1));
  });

  it('holds a weight from when the gateway has it', () => {
    const release = atRest({ analysis: { stepWeights: [50] } });
    release.routeDelayMs = 4000;
    release.land(B);
    const lines = told(release.run(100));
    assert.ok(lines.includes('102.1s route 50') && lines.includes('116.1s measure'), lines.join('\n'));
  });

  const plans: readonly (readonly [string, Parameters<typeof atRest>[0], readonly number[]])[] = [
    ['stepWeights', { analysis: { stepWeights: [1, 10, 80] } }, [0, 1, 10, 80, 0]],
    ['a maxWeight between two steps', { analysis: { stepWeight: 20, maxWeight: 50 } }, [0, 20, 40, 60, 0]],
    ['no maxWeight', { analysis: { stepWeight: 40 } }, [0, 40, 80, 100, 0]],
    ['stepWeightPromotion', { analysis: { stepWeight: 50, stepWeightPromotion: 30 } }, [0, 50, 100, 70, 40, 10, 0]],
    ['skipAnalysis', { spec: { skipAnalysis: true } }, [0]],
  ];
  for (const [title, options, expected] of plans) {
    it(`has the weights of ${title}`, () => {
      const release = atRest(options);
      release.land(B);
      assert.deepEqual(weights(release.run(150)), expected);
      assert.equal(ended(release), promoted(B));
    });
  }

  it('gives the primary its traffic back in steps, the first of them at once', () => {
    const release = atRest({ analysis: { stepWeights: [60], stepWeightPromotion: 30 } });
    release.land(B);
    assert.deepEqual(told(release.run(60)).slice(-6), [
      '115.2s [Promoting 30%] Advance podinfo-primary.test primary weight 70',
      '115.2s route 30',
      '125.2s [Succeeded, ending 0%] Routing all traffic to primary',
      '125.2s route 0',
      '130.2s scale target to 0',
      '130.2s [Succeeded 0%] Promotion completed! Scaling down podinfo.test',
    ]);
  });

  it('measures nothing with skipAnalysis', () => {
    const release = atRest({ spec: { skipAnalysis: true } });
    release.land(B);
    assert.deepEqual(acts(release.run(60)), [
      'keep revision b',
      'scale target to 1',
      'set primary b',
      'scale target to 0',
    ]);
  });

  it('starts with as many pods as the webhook gave it', () => {
    const release = atRest();
    release.land(B);
    release.target?.change(release.elapsed, { replicas: 2 });
    assert.ok(!acts(release.run(60)).some((act) => act.startsWith('scale target to 2')));
    assert.equal(ended(release), promoted(B));
  });
});

const ERRORS = { name: 'errors', interval: '1m', onNoData: 'fail', onError: 'fail' } as const;

describe('checks', () => {
  it('are counted over the whole release, and roll it back: route, drain, then pods', () => {
    const release = atRest({ analysis: { stepWeight: 20, threshold: 2 } });
    release.metrics = inTurn(successRate(69.17), successRate(100), successRate(69.17));
    release.land(B);
    assert.deepEqual(told(release.run(60)).slice(6), [
      '102.1s route 20',
      '112.1s measure',
      '112.1s [Progressing 20%] Halt podinfo.test advancement success rate 69.17% < 99%',
      '122.1s measure',
      '122.1s [Progressing 40%] Advance podinfo.test canary weight 40',
      '122.1s route 40',
      '132.1s measure',
      '132.1s [Failed, ending 0%] Halt podinfo.test advancement success rate 69.17% < 99%',
      '132.1s [Failed, ending 0%] Rolling back podinfo.test failed checks threshold reached 2',
      '132.1s route 0',
      '137.1s scale target to 0',
      '137.1s [Failed 0%] Canary failed! Scaling down podinfo.test',
    ]);
    assert.equal(ended(release), NOT_PROMOTED);
    assert.equal(release.primary?.generation, 1);
    assert.deepEqual(
      [lastRun(release), release.status.failure?.reason, release.status.failedChecks],
      ['b Failed ThresholdReached', 'ThresholdReached', 2],
    );
  });

  it('are told as users know them', () => {
    const release = atRest({ analysis: { threshold: 10 } });
    const slow = check('request-duration', 'Fail', { value: 2525, thresholdRange: { max: 500 } });
    const other = check('error-rate', 'Fail', { value: 12.5, thresholdRange: { max: 1 } });
    release.metrics = () => [slow, other];
    release.land(B);
    const texts = release.run(150).texts();
    assert.ok(texts.includes('Halt podinfo.test advancement request duration 2.525s > 500ms'));
    assert.ok(texts.includes('Halt podinfo.test advancement error-rate 12.5 > 1'));
    assert.ok(texts.includes('Rolling back podinfo.test failed checks threshold reached 10'));
  });

  const verdicts: readonly (readonly [CheckStatus['verdict'], string, object, string])[] = [
    ['NoData', 'fails', { onNoData: 'fail', onError: 'hold' }, NOT_PROMOTED],
    ['NoData', 'holds', { onNoData: 'hold', onError: 'fail' }, 'Progressing, primary a, target 1, canary 50%'],
    ['NoData', 'passes', { onNoData: 'pass', onError: 'fail' }, promoted(B)],
    ['Error', 'fails', { onNoData: 'pass', onError: 'fail' }, NOT_PROMOTED],
    ['Error', 'holds', { onNoData: 'fail', onError: 'hold' }, 'Progressing, primary a, target 1, canary 50%'],
    ['Inconclusive', 'holds', { onNoData: 'fail', onError: 'fail' }, 'Progressing, primary a, target 1, canary 50%'],
  ];
  for (const [verdict, does, policy, expected] of verdicts) {
    it(`${verdict} ${does} where the metric says ${JSON.stringify(policy)}`, () => {
      const metric = { name: 'errors', interval: '1m', onNoData: 'fail', onError: 'fail', ...policy } as const;
      const release = atRest({ analysis: { metrics: [metric] } });
      release.metrics = () => [check('errors', verdict, { message: 'why' })];
      release.land(B);
      assert.equal(ended(release.run(100)), expected);
      assert.equal(release.status.failedChecks, expected === NOT_PROMOTED ? 3 : 0);
    });
  }

  it('that are answered late hold nothing up but their step', () => {
    const release = atRest({ analysis: { stepWeights: [50], metrics: [ERRORS] } });
    release.metricsDelayMs = 30_000;
    release.land(B);
    release.run(30);
    assert.deepEqual(
      [release.status.waitingFor?.reason, release.status.waitingFor?.message, release.status.desiredWeight],
      ['MetricsRunning', 'the servers of the metrics errors have not all answered yet', 50],
    );
    // What is measured then is not of the revision that lands meanwhile.
    release.land(C);
    assert.equal(ended(release.run(100)), promoted(C));
    const { moments } = release;
    assert.equal(moments.filter(({ effect }) => effect?.kind === 'measure').length, 2);
  });

  it('that are answered at once are not written about', () => {
    const release = atRest({ analysis: { stepWeights: [50], metrics: [ERRORS] } });
    release.metricsDelayMs = 300;
    release.land(B);
    assert.equal(ended(release.run(100)), promoted(B));
    assert.ok(release.moments.every(({ status }) => status.waitingFor?.reason !== 'MetricsRunning'));
  });

  it('do not look back at the requests to the revision before', () => {
    const release = atRest({ analysis: { stepWeights: [50], metrics: [ERRORS] } });
    release.land(B);
    release.run(30);
    assert.equal(ended(release), promoted(B));
    release.startStory().land(C);
    const waits = release.run(100).moments.filter(({ status }) => status.waitingFor?.reason === 'FreshMetrics');
    // B was over at 120.2 s.
    assert.deepEqual(
      [waits[0]?.seconds, told(release).find((line) => line.endsWith('measure'))],
      [142.1, '180.2s measure'],
    );
    assert.equal(ended(release), promoted(C));
    // Nobody asked the revision before in the last minute.
    release.run(600);
    release.startStory().land(A);
    assert.ok(told(release.run(60)).includes('842.1s measure'), told(release).join('\n'));
  });

  it('of any size are told', () => {
    const release = atRest();
    release.metrics = () => [check('request-duration', 'Fail', { value: 1e15, thresholdRange: { max: 500 } })];
    release.land(B);
    assert.equal(ended(release.run(100)), NOT_PROMOTED);
  });
});

describe('pods', () => {
  it('of a canary that do not come up are given up at the deadline', () => {
    const release = atRest();
    release.delays.target.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    assert.deepEqual(told(release.run(100)).slice(3), [
      '100.1s [Progressing 0%] Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
      '160.1s [Failed, ending 0%] Rolling back podinfo.test rollout made no progress in 1m0s: 0 of 1 updated replicas are available',
      '165.1s scale target to 0',
      '165.1s [Failed 0%] Canary failed! Scaling down podinfo.test',
    ]);
    assert.equal(release.status.failure?.reason, 'CanaryDeadlineExceeded');
  });

  it('of a canary that are lost cost it its traffic at once, and it begins anew', () => {
    const release = atRest();
    release.land(B);
    release.at(115, ({ target, elapsed }) => target?.crash(elapsed, 4000));
    assert.deepEqual(told(release.run(60)).slice(9, 15), [
      '112.1s route 100',
      '115s [Progressing 0%] Halt podinfo.test advancement no canary pod is available, routing all traffic to primary',
      '115s route 0',
      '115s [Progressing 0%] Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
      '119s [Progressing 50%] Starting canary analysis for podinfo.test',
      '119s [Progressing 50%] Advance podinfo.test canary weight 50',
    ]);
    assert.equal(ended(release), promoted(B));
  });

  it('of a canary that somebody scaled to zero cost it its traffic before they are made anew', () => {
    const release = atRest();
    release.land(B);
    release.at(105, ({ target, elapsed }) => target?.change(elapsed, { replicas: 0 }));
    assert.deepEqual(told(release.run(100)).slice(7, 10), [
      '105s [Progressing 0%] Halt podinfo.test advancement no canary pod is available, routing all traffic to primary',
      '105s route 0',
      '105s scale target to 1',
    ]);
    assert.equal(ended(release), promoted(B));
  });

  it('of a canary that asks for none of them are waited for all the same', () => {
    const release = atRest({ analysis: { canaryReadyThreshold: 0 } });
    release.land(B);
    assert.ok(told(release.run(60)).includes('102.1s [Progressing 50%] Advance podinfo.test canary weight 50'));
    assert.equal(ended(release), promoted(B));
  });

  it('of a primary that are not ready halt the release', () => {
    const release = atRest();
    release.land(B);
    release.at(105, ({ primary, elapsed }) => primary?.crash(elapsed, 20_000));
    const lines = told(release.run(60));
    assert.ok(
      lines.includes(
        '105s [Progressing 50%] Halt podinfo.test advancement Waiting for podinfo-primary.test rollout to finish: 0 of 1 updated replicas are available',
      ),
    );
    assert.ok(lines.includes('125s measure'), lines.join('\n'));
    assert.equal(ended(release), promoted(B));
  });

  it('of a promoted primary that do not come up give it its last good template back', () => {
    const release = atRest();
    release.delays.primary.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    release.run(120);
    assert.deepEqual(acts(release).slice(-4), ['set primary b', 'set primary a', 'route 0', 'scale target to 0']);
    assert.equal(release.status.failure?.reason, 'PrimaryNotReady');
    assert.equal(ended(release), NOT_PROMOTED);
  });

  it('of a primary whose strategy may take all of them away are replaced while the canary answers', () => {
    const release = atRest({ analysis: { stepWeights: [60] } });
    release.delays.primary.set(B, 20_000);
    if (release.primary !== undefined) release.primary.recreates = true;
    release.land(B);
    const outages: number[] = [];
    for (let second = 0; second < 1200; second++) {
      release.run(0.1);
      const { served, target, primary, elapsed } = release;
      if ((served > 0 && target?.available === 0) || (served < 100 && primary?.available === 0)) outages.push(elapsed);
    }
    assert.deepEqual(outages, []);
    assert.deepEqual(weights(release), [0, 60, 100, 0]);
    assert.deepEqual(acts(release).slice(-4), ['route 100', 'set primary b', 'route 0', 'scale target to 0']);
    assert.equal(ended(release), promoted(B));
  });

  it('of the primary being all gone in a promotion, the canary takes the traffic', () => {
    const release = atRest({ analysis: { stepWeights: [60] } });
    release.delays.primary.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    release.at(113, ({ primary, elapsed }) => primary?.crash(elapsed, 90_000));
    release.run(300);
    assert.deepEqual(weights(release), [0, 60, 100, 0]);
    assert.ok(
      release.texts().includes('No primary pod is available, routing all traffic to canary podinfo.test'),
      release.texts().join('\n'),
    );
    assert.equal(ended(release), NOT_PROMOTED);
  });

  it('of a primary that are lost while it gets its last good template back, the canary takes the traffic, while it can', () => {
    const release = atRest({ analysis: { stepWeights: [60] } });
    release.delays.primary.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    release.at(172.25, ({ primary, elapsed }) => primary?.crash(elapsed, 20_000));
    release.at(180, ({ target, elapsed }) => target?.crash(elapsed, 5000));
    assert.deepEqual(told(release.run(150)).slice(12), [
      '172.2s set primary a',
      '172.25s [Failed, ending 100%] No primary pod is available, routing all traffic to canary podinfo.test',
      '172.25s route 100',
      '172.3s [Failed, ending 100%] Waiting for podinfo-primary.test rollout to finish: 1 old replicas are pending termination',
      '180s [Failed, ending 0%]',
      '180s route 0',
      '185s scale target to 0',
      '185s [Failed 0%] Canary failed! Scaling down podinfo.test',
    ]);
    assert.equal(ended(release), NOT_PROMOTED);
  });

  it('of a primary that need not be ready take no traffic over before there is one', () => {
    const release = atRest({ analysis: { stepWeights: [60], primaryReadyThreshold: 0 } });
    release.delays.primary.set(B, 20_000);
    if (release.primary !== undefined) release.primary.recreates = true;
    release.land(B);
    release.run(100);
    assert.deepEqual(weights(release), [0, 60, 100, 0]);
    assert.ok(told(release).includes('132.2s route 0'), told(release).join('\n'));
  });

  it('of the canary being lost in a promotion, the primary takes the traffic', () => {
    const release = atRest({ analysis: { stepWeights: [60] } });
    release.delays.primary.set(B, 20_000);
    release.land(B);
    release.at(115, ({ target, elapsed }) => target?.crash(elapsed, 60_000));
    release.run(100);
    assert.deepEqual(weights(release), [0, 60, 0]);
    assert.equal(ended(release), promoted(B));
  });
});

describe('another revision', () => {
  for (const [step, at] of [
    ['before the first step', 101],
    ['at the first step', 105],
    ['at the last step', 115],
  ] as const) {
    it(`${step} starts the release again at 0`, () => {
      const release = atRest();
      release.land(B);
      release.at(at, (world) => world.land(C));
      const lines = told(release.run(100));
      const index = lines.indexOf(
        `${at}s [Progressing 0%] New revision detected! Restarting analysis for podinfo.test`,
      );
      assert.equal(lines[index - 1], `${at}s keep revision c`);
      // Before anything that can fail: the pods are becoming what nobody has checked.
      if (at > 102) assert.deepEqual(lines.slice(index - 3, index - 1), [`${at}s [Progressing 0%]`, `${at}s route 0`]);
      assert.equal(ended(release), promoted(C));
      assert.deepEqual(
        release.status.history?.map(({ revision, result }) => `${revision.slice(0, 1)} ${result}`),
        ['c Succeeded', 'b Superseded'],
      );
    });
  }

  for (const [phase, at] of [
    ['Promoting', 124],
    ['Finalising', 128],
  ] as const) {
    it(`while ${phase} waits for the promotion of the one that has passed, and is analysed for itself`, () => {
      const release = atRest();
      const measured: string[] = [];
      release.metrics = (revision, weight) => {
        measured.push(`${revision.slice(0, 1)} ${weight}`);
        return [];
      };
      release.land(B);
      release.at(at, (world) => {
        assert.equal(world.status.phase, phase);
        world.land(C);
      });
      release.run(100);
      assert.deepEqual(measured, ['b 50', 'b 100', 'c 50', 'c 100']);
      assert.equal(ended(release), promoted(C));
      assert.deepEqual(
        release.status.history?.map(({ revision, result }) => `${revision.slice(0, 1)} ${result}`),
        ['c Succeeded', 'b Succeeded'],
      );
    });
  }

  it('during a rollback is released after it', () => {
    const release = atRest({ analysis: { threshold: 1 } });
    release.metrics = (revision) => [successRate(revision === B ? 0 : 100)];
    release.land(B);
    release.at(114, (world) => world.land(C));
    release.run(100);
    assert.equal(ended(release), promoted(C));
    assert.deepEqual(
      release.status.history?.map(({ revision, result }) => `${revision.slice(0, 1)} ${result}`),
      ['c Succeeded', 'b Failed'],
    );
  });

  it('that is the promoted one ends the release, in every phase of it', () => {
    for (const [at, expected] of [
      [101, 'b Reverted TargetReverted'],
      [105, 'b Reverted TargetReverted'],
      [115, 'b Reverted TargetReverted'],
      [124, 'b Reverted TargetReverted'],
    ] as const) {
      const release = atRest();
      release.land(B);
      release.at(at, (world) => world.land(A));
      release.run(100);
      assert.equal(ended(release), promoted(A), `at ${at}`);
      assert.equal(lastRun(release), expected);
      assert.equal(release.status.failure, undefined);
    }
  });

  it('that is the promoted one, in a promotion without a pod of the primary, leaves the traffic where it is served', () => {
    const release = atRest({ analysis: { stepWeights: [60] } });
    release.delays.primary.set(B, Number.POSITIVE_INFINITY);
    if (release.primary !== undefined) release.primary.recreates = true;
    release.land(B);
    release.at(114, (world) => world.land(A));
    assert.deepEqual(told(release.run(60)).slice(9), [
      '112.1s [Promoting 100%] The strategy of the primary may leave it without a pod, routing all traffic to canary podinfo.test',
      '112.1s route 100',
      '112.1s set primary b',
      '112.2s [Promoting 100%] Waiting for podinfo-primary.test rollout to finish: 0 of 1 updated replicas are available',
      '114s [Reverted, ending 100%] Canary podinfo.test was brought back during its promotion! Routing all traffic to primary',
      '114s set primary a',
      '114.1s [Reverted, ending 100%] Waiting for podinfo-primary.test rollout to finish: 0 of 1 updated replicas are available',
      '117.1s [Reverted, ending 0%] Routing all traffic to primary',
      '117.1s route 0',
      '122.1s scale target to 0',
      '122.1s [Succeeded 0%] Canary podinfo.test is at the promoted revision again! Scaling down podinfo.test',
    ]);
  });

  it('that was the promoted one until a moment ago is a release of its own', () => {
    const release = atRest();
    release.land(B);
    release.at(128, (world) => world.land(A));
    release.run(100);
    assert.equal(lastRun(release), 'a Succeeded Promoted');
    assert.equal(ended(release), promoted(A));
  });

  it('that is the promoted one, after a failure, leaves nothing to be released', () => {
    const release = atRest({ analysis: { threshold: 1 } });
    release.metrics = () => [successRate(0)];
    release.land(B);
    release.run(60);
    assert.equal(release.status.phase, 'Failed');
    release.land(A);
    release.run(10);
    assert.deepEqual([release.status.phase, release.status.failure], ['Succeeded', undefined]);
  });

  it('that has failed starts again only when somebody asks for it later', () => {
    const release = atRest({ analysis: { threshold: 1 } });
    release.metrics = inTurn(successRate(0), successRate(100));
    release.land(B, 'anne');
    release.run(60);
    assert.equal(ended(release), NOT_PROMOTED);
    release.startStory().run(3600);
    assert.deepEqual(acts(release), []);
    release.land(A, 'anne');
    release.land(B, 'anne');
    release.run(60);
    assert.equal(ended(release), promoted(B));
    assert.equal(release.status.triggeredBy?.username, 'anne');
  });

  it('that has failed starts again when somebody asked for it while it was being rolled back', () => {
    const release = atRest({ analysis: { threshold: 1 } });
    release.metrics = inTurn(successRate(0), successRate(100));
    release.land(B, 'anne');
    release.at(112.5, (world) => {
      world.land(A, 'anne');
      world.land(B, 'anne');
    });
    assert.equal(ended(release.run(100)), promoted(B));
    assert.deepEqual(
      release.status.history?.map(({ revision, result }) => `${revision.slice(0, 1)} ${result}`),
      ['b Succeeded', 'b Failed'],
    );
  });

  it('that was taken back before we heard of it leaves no pods behind', () => {
    const release = atRest();
    release.land(B, 'anne');
    release.target?.change(release.elapsed, { replicas: 1 });
    release.land(A, 'anne');
    assert.deepEqual(told(release.run(60)), ['100s scale target to 0']);
    // Pods that somebody wants are that person's.
    const other = atRest();
    other.land(B, 'anne');
    other.at(105, (world) => world.land(A, 'anne'));
    other.run(60);
    other.startStory().target?.change(other.elapsed, { replicas: 1 });
    assert.deepEqual(told(other.run(60)), []);
  });

  it('that is only read otherwise releases nothing', () => {
    const E = 'e'.repeat(64);
    for (const isSuspended of [false, true]) {
      const release = atRest();
      release.edit({}, { suspend: isSuspended });
      release.run(1);
      release.rereadAs = (template) => (template === A ? E : template);
      release.run(1);
      release.edit({}, { suspend: false });
      release.run(60);
      assert.deepEqual(acts(release), ['keep revision e', 'set primary e']);
      assert.deepEqual([release.status.phase, release.status.lastPromotedSpec], ['Initialized', E]);
    }
  });
});

describe('what people do meanwhile', () => {
  it('suspend holds everything as it stands', () => {
    const release = atRest();
    release.land(B);
    release.at(105, (world) => world.edit({}, { suspend: true }));
    release.run(10);
    const { length } = acts(release);
    release.run(3600);
    assert.equal(acts(release).length, length);
    assert.equal(release.served, 50);
    assert.ok(release.texts().includes('Canary podinfo.test is suspended'));
    release.edit({}, { suspend: false });
    assert.equal(ended(release.run(60)), promoted(B));
  });

  it('a refusal of everything holds everything, one of releases only the next', () => {
    const release = atRest();
    release.refusals = [{ reason: 'NotSupported', message: 'spec.analysis.match is not done', holds: 'releases' }];
    release.land(B);
    release.run(60);
    assert.deepEqual(release.texts(), ['Halt podinfo.test advancement spec.analysis.match is not done']);
    assert.equal(release.status.phase, 'Initialized');
    release.refusals = [];
    release.run(10);
    release.refusals = [{ reason: 'NotSupported', message: 'not done', holds: 'releases' }];
    assert.equal(ended(release.run(60)), promoted(B));

    release.refusals = [{ reason: 'InvalidSpec', message: 'spec: no', holds: 'everything' }];
    release.startStory().land(C);
    release.writeRoute(7);
    assert.deepEqual(acts(release.run(60)), []);
    const ready = release.status.conditions?.find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.status, ready?.reason], ['False', 'InvalidSpec']);
  });

  it('a target that is deleted takes its release with it', () => {
    const release = atRest();
    release.land(B);
    release.at(105, (world) => {
      world.target = undefined;
    });
    release.run(60);
    assert.deepEqual(
      [release.status.phase, release.served, release.status.waitingFor?.reason, lastRun(release)],
      ['Failed', 0, 'TargetMissing', 'b Aborted TargetMissing'],
    );
  });

  it('a target that is made anew is released, though it failed for want of one, or counts its changes from 1 again', () => {
    const release = atRest();
    release.land(B);
    release.at(105, (world) => {
      world.target = undefined;
    });
    release.at(120, (world) => world.makeTarget(B, 1));
    assert.equal(ended(release.run(100)), promoted(B));
    assert.deepEqual(
      release.status.history?.map(({ revision, result }) => `${revision.slice(0, 1)} ${result}`),
      ['b Succeeded', 'b Aborted'],
    );

    const other = atRest({ replicas: 0 });
    other.makeTarget(B, 1);
    assert.equal(other.target?.generation, other.status.target?.generation);
    assert.equal(ended(other.run(60)), promoted(B));
  });

  it('steps that are edited are gone on with from the weight that there is', () => {
    const release = atRest({ analysis: { stepWeights: [10, 50, 100] } });
    release.land(B);
    release.at(115, (world) => world.edit({ stepWeights: [20, 60, 70] }));
    assert.deepEqual(weights(release.run(100)), [0, 10, 50, 60, 70, 0]);
    assert.equal(release.status.steps, 3);
  });

  it('steps that are taken away altogether do not promote anything', () => {
    const release = atRest({ analysis: { stepWeights: [50] } });
    release.land(B);
    release.at(101, (world) => world.edit({ stepWeights: [] }));
    assert.equal(ended(release.run(60)), 'Progressing, primary a, target 1, canary 0%');
    assert.equal(release.status.waitingFor?.reason, 'NoSteps');
  });

  it('a threshold that is lowered counts what has failed', () => {
    const release = atRest({ analysis: { threshold: 5, interval: '10s' } });
    release.metrics = inTurn(successRate(0), successRate(0), successRate(100));
    release.land(B);
    release.at(125, (world) => world.edit({ threshold: 2 }));
    assert.equal(ended(release.run(60)), NOT_PROMOTED);
  });

  it('a route that is edited by hand is put right, in a release and between two', () => {
    const release = atRest();
    release.writeRoute(30);
    assert.deepEqual(acts(release.run(5)), ['route 0']);
    release.land(B);
    release.run(10);
    release.startStory().writeRoute(3);
    assert.deepEqual(acts(release.run(1)), ['route 50']);
    assert.equal(ended(release.run(60)), promoted(B));
  });

  it('Services that are edited are made anew, in a release and between two', () => {
    const release = atRest();
    const edited = (world: PretendRelease) => {
      world.services = { backends: true, apex: false };
    };
    edited(release);
    assert.deepEqual(acts(release.run(1)), ['apply all services']);
    release.startStory().land(B);
    for (const at of [106, 116, 125]) release.at(at, edited);
    assert.deepEqual(
      told(release.run(60)).filter((line) => line.endsWith('services')),
      ['106s apply all services', '116s apply all services', '125s apply all services'],
    );
    assert.equal(release.moments.find(({ seconds }) => seconds === 125)?.status.phase, 'Promoting');
    assert.equal(ended(release), promoted(B));
  });

  it('Services that nobody takes do not hold up a rollback', () => {
    const rollbacks: readonly (readonly [number, (world: PretendRelease) => void, string])[] = [
      [105, (world) => world.land(A), 'Succeeded'],
      [105, ({ target, elapsed }) => target?.crash(elapsed, 1e9), 'Failed'],
      [124, (world) => world.land(A), 'Succeeded'],
      [124, (world) => world.delays.primary.set(B, 1e9), 'Failed'],
    ];
    for (const [at, happens, phase] of rollbacks) {
      const release = atRest({ analysis: { threshold: 1 } });
      if (at > 120) release.delays.primary.set(B, 1e9);
      release.land(B);
      release.at(at, (world) => {
        world.services = { backends: false, apex: false };
        world.servicesAreRefused = true;
        happens(world);
      });
      // Afterwards the Services are tried again and again.
      release.run(100);
      assert.equal(ended(release), `${phase}, primary a, target 0, canary 0%`, told(release).join('\n'));
    }
  });

  it('a primary that is deleted is made anew of what it ran, or was about to run', () => {
    const deleted: readonly (readonly [number, string, string])[] = [
      [90, 'create primary a', promoted(B)],
      [105, 'create primary a', promoted(B)],
      [124, 'create primary b', promoted(B)],
      [128, 'create primary b', promoted(B)],
    ];
    for (const [at, act, expected] of deleted) {
      const release = atRest();
      if (at < 100) release.primary = undefined;
      release.land(B);
      release.at(at, (world) => {
        if (at > 100) world.primary = undefined;
      });
      assert.deepEqual(
        acts(release.run(100)).filter((each) => each.startsWith('create')),
        [act],
        `deleted at ${at}`,
      );
      assert.equal(ended(release), expected, `deleted at ${at}`);
    }
  });

  it("a primary that is deleted in a rollback is made anew, and one of the user's own is waited for", () => {
    const release = atRest({ analysis: { threshold: 1 } });
    release.metrics = () => [successRate(0)];
    release.land(B);
    release.at(114, (world) => {
      world.primary = undefined;
    });
    assert.deepEqual(acts(release.run(60)).slice(-3), ['route 0', 'create primary a', 'scale target to 0']);
    assert.equal(ended(release), NOT_PROMOTED);

    const adopted = atRest();
    const host = 'podinfo';
    adopted.spec = {
      progressDeadlineSeconds: 60,
      ...{
        canary: { name: 'podinfo', host },
        primary: { name: 'podinfo-primary', host },
        virtualService: { name: host },
      },
    };
    adopted.primary = undefined;
    assert.deepEqual(acts(adopted.run(60)), []);
    assert.equal(adopted.status.waitingFor?.reason, 'PrimaryMissing');
  });

  it('a primary that is deleted with its target ends the release all the same', () => {
    const release = atRest();
    release.land(B);
    release.at(105, (world) => {
      world.target = undefined;
      world.primary = undefined;
    });
    release.at(150, (world) => world.makeTarget(A, 1));
    release.run(30);
    assert.equal(lastRun(release), 'b Aborted TargetMissing');
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template, release.served], ['Succeeded', A, 0]);
  });
});

describe('a gateway', () => {
  it('that refuses a route holds the release, and ends it at the deadline', () => {
    const release = atRest();
    release.land(B);
    release.at(101, (world) => {
      world.routeRefusal = 'no such backend';
    });
    release.at(300, (world) => {
      world.routeRefusal = undefined;
    });
    const lines = told(release.run(250));
    const halt = 'Halt podinfo.test advancement the gateway refuses route podinfo: no such backend';
    assert.ok(lines.includes(`102.1s [Progressing 50%] ${halt}`));
    assert.ok(
      lines.includes('162.1s [Failed, ending 0%] Rolling back podinfo.test route podinfo is refused: no such backend'),
    );
    // Not before it has said that it sends no more requests.
    assert.deepEqual(lines.slice(-2), [
      '305s scale target to 0',
      '305s [Failed 0%] Canary failed! Scaling down podinfo.test',
    ]);
  });

  it('that takes up a route late is waited for', () => {
    const release = atRest();
    release.routeDelayMs = 40_000;
    release.land(B);
    assert.equal(ended(release.run(300)), promoted(B));
  });

  it('gets the deadline anew for a weight that it had taken up before', () => {
    const release = atRest({ analysis: { interval: '200s', stepWeights: [50] } });
    release.land(B);
    release.at(190, (world) => {
      world.routeDelayMs = 300;
      world.writeRoute(3);
    });
    assert.equal(ended(release.run(300)), promoted(B));
  });
});

describe('clocks', () => {
  it('that are set back do not hold up a step, a promotion or a drain', () => {
    for (const at of [105, 127, 137]) {
      const release = atRest({ analysis: { stepWeightPromotion: 50 } });
      release.land(B);
      release.at(at, (world) => {
        world.shiftMs = -3_600_000;
      });
      assert.equal(ended(release.run(120)), promoted(B), `set back at ${at}`);
    }
  });
});
