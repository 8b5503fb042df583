// What the stories of the decisions are worth telling, from their statuses as they were written one after the other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Analysis, Canary, CanarySpec, CanaryStatus } from '../../api/generated/canary.ts';
import { A, atRest, B, C, check, type PretendOptions, PretendRelease } from '../decide/pretend-release.ts';
import type { Alert } from './alert.ts';
import { alertsOf, type Known } from './alerts-of.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const UNKNOWN: Known = { target: undefined, primary: undefined, answers: {}, now: NOW };
const WELL = check('request-success-rate', 'Pass', { value: 100, thresholdRange: { min: 99 } });
const ILL = check('request-success-rate', 'Fail', { value: 69.1666, thresholdRange: { min: 99 }, message: 'too low' });
const gate = (type: string, more: object = {}) => ({
  name: type,
  type,
  url: 'http://gate.test',
  timeout: '10s',
  ...more,
});
const passing = (name: string) => [check(name, 'Pass', { kind: 'Webhook' })];
const closed = (name: string) => [check(name, 'Fail', { kind: 'Webhook', message: 'answered 403: by hand' })];

/** The alerts of all that was written since the story began, and the times that nothing was written between. */
function told(release: PretendRelease, before: CanaryStatus, given: Partial<Known> = {}): readonly Alert[] {
  const metadata = { name: 'podinfo', namespace: 'test' };
  const alerts: Alert[] = [];
  let last = before;
  for (const { status } of release.moments) {
    const spec = { ...release.spec, analysis: release.analysis };
    const written = { metadata, spec, status } as unknown as Canary;
    alerts.push(...alertsOf(last, written, { ...UNKNOWN, answers: release.answers, ...given }));
    // Whoever looks again at the same status has nothing new to tell, a new leader as well.
    assert.deepEqual(alertsOf(status, written, UNKNOWN), []);
    last = status;
  }
  return alerts;
}

function story(options: PretendOptions, tell: (release: PretendRelease) => void, given: Partial<Known> = {}) {
  const release = atRest({ replicas: 2, ...options });
  release.metrics = () => [WELL];
  const before = release.status;
  tell(release);
  return told(release, before, given);
}

const lines = (alerts: readonly Alert[]) =>
  alerts.map(({ severity, phase, message }) => `${severity} ${phase} ${message}`);
const analysis = (given: object) => ({ analysis: given as Partial<Analysis> });
const BEGUN = 'info Progressing New revision of podinfo.test detected. The analysis begins';
const PROMOTED = 'info Succeeded Promotion of podinfo.test completed: every check has passed';

describe('alertsOf()', () => {
  it('tells that a canary is initialized, with its plan', () => {
    const release = new PretendRelease({ analysis: { stepWeights: [5, 50] } });
    release.run(30);
    const alerts = told(release, {});
    assert.deepEqual(lines(alerts), [
      'info Initialized Canary podinfo.test is initialized: its primary serves all traffic',
    ]);
    assert.deepEqual(alerts[0]?.plan, { threshold: 3, progressDeadlineSeconds: 60, routing: 'weights 5, 50' });
    assert.deepEqual([alerts[0]?.revision, alerts[0]?.triggeredBy, alerts[0]?.at], [A, undefined, NOW]);
  });

  it('tells how a release begins, and that it was promoted', () => {
    const alerts = story({}, (release) => {
      release.land(B, 'jane');
      release.run(120);
    });
    assert.deepEqual(lines(alerts), [BEGUN, PROMOTED]);
    assert.deepEqual(
      new Set(alerts.map(({ revision, triggeredBy }) => `${revision} ${triggeredBy}`)),
      new Set([`${B} jane`]),
    );
    assert.deepEqual(
      alerts.map(({ plan }) => plan?.routing),
      ['weights 50, 100', undefined],
    );
  });

  it('tells that the analysis was skipped', () => {
    const alerts = story({ spec: { skipAnalysis: true } }, (release) => {
      release.land(B);
      release.run(120);
    });
    assert.deepEqual(lines(alerts), [
      BEGUN,
      'info Succeeded Promotion of podinfo.test completed: its analysis was skipped',
    ]);
  });

  it('tells of the threshold with value and limit of every failed check', () => {
    const alerts = story({}, (release) => {
      release.metrics = () => [WELL, ILL];
      release.land(B, 'jane');
      release.run(120);
    });
    const why = '3 checks have failed; success rate 69.17% < 99%';
    assert.deepEqual(lines(alerts), [BEGUN, `error Failed Rolling back podinfo.test: ${why}`]);
    const { failure, revision, triggeredBy } = alerts[1] ?? assert.fail();
    assert.deepEqual(failure, { reason: 'ThresholdReached', message: why, checks: [ILL] });
    assert.deepEqual([revision, triggeredBy], [B, 'jane']);
  });

  it('tells of a deadline with the pods that were waited for', () => {
    const alerts = story(
      {},
      (release) => {
        release.delays.target.set(B, 3_600_000);
        release.land(B);
        release.run(600);
      },
      { target: record({ replicas: 2 }, { availableReplicas: 0, updatedReplicas: 2 }) },
    );
    assert.equal(alerts.length, 2);
    const { failure, severity, message } = alerts[1] ?? assert.fail();
    assert.match(message, /^Rolling back podinfo\.test: podinfo\.test rollout made no progress in 1m0s: /);
    assert.deepEqual([severity, failure?.reason, failure?.deadlineSeconds], ['error', 'CanaryDeadlineExceeded', 60]);
    assert.deepEqual(failure?.checks, [
      { kind: 'Metric', name: 'available pods', verdict: 'Fail', value: 0, thresholdRange: { min: 2 } },
    ]);
  });

  it('tells of the deadline that the Deployment itself has', () => {
    const of = (spec: object) => {
      const ending = { result: 'Failed', reason: 'ProgressDeadlineExceeded', message: 'm' } as const;
      return alertsOf({}, canary({ ending }), { ...UNKNOWN, target: record({ replicas: 1, ...spec }, {}) })[0]?.failure;
    };
    assert.equal(of({ progressDeadlineSeconds: 30 })?.deadlineSeconds, 30);
    assert.equal(of({})?.deadlineSeconds, 600);
    assert.deepEqual(
      of({})?.checks.map(({ value }) => value),
      [0],
    );
  });

  it('tells that the primary did not come up', () => {
    const alerts = story(
      {},
      (release) => {
        release.delays.primary.set(B, 3_600_000);
        release.land(B);
        release.run(600);
      },
      { primary: record({ replicas: 1 }, { availableReplicas: 0 }) },
    );
    const { failure, severity, phase } = alerts[1] ?? assert.fail();
    assert.deepEqual([alerts.length, severity, phase, failure?.reason], [2, 'error', 'Failed', 'PrimaryNotReady']);
    assert.deepEqual(
      failure?.checks.map(({ value, thresholdRange }) => [value, thresholdRange]),
      [[0, { min: 1 }]],
    );
  });

  it('tells of a rollback that somebody asked for as less than an error', () => {
    const alerts = story(analysis({ webhooks: [gate('rollback')] }), (release) => {
      release.hooks = () => closed('rollback');
      release.at(15, () => (release.hooks = () => passing('rollback')));
      release.land(B);
      release.run(120);
    });
    assert.deepEqual(lines(alerts), [
      BEGUN,
      'warn Failed Rolling back podinfo.test: rollback hook rollback asked for it',
    ]);
    assert.deepEqual(alerts[1]?.failure?.checks, []);
    const severityOf = (reason: string) =>
      alertsOf({}, canary({ ending: { result: 'Aborted', reason, message: 'm' } }), UNKNOWN)[0]?.severity;
    assert.deepEqual(['TargetMissing', 'Aborted'].map(severityOf), ['error', 'warn']);
    const rejected = canary({ ending: { result: 'Failed', reason: 'Rejected', message: 'm' } });
    assert.equal(alertsOf({}, rejected, UNKNOWN)[0]?.severity, 'warn');
  });

  it('tells that the target is gone, and that it was brought back', () => {
    const gone = story({}, (release) => {
      release.land(B);
      release.run(5);
      release.target = undefined;
      release.run(60);
    });
    assert.deepEqual(lines(gone).slice(0, 2), [
      BEGUN,
      'error Failed Rolling back podinfo.test: there is no Deployment podinfo',
    ]);
    const back = story({}, (release) => {
      release.land(B);
      release.run(5);
      release.land(A);
      release.run(60);
    });
    assert.deepEqual(lines(back), [
      BEGUN,
      'info Progressing The release of podinfo.test is over: the target was brought back to the promoted revision',
    ]);
  });

  it('tells of a revision that comes meanwhile', () => {
    const alerts = story({}, (release) => {
      release.land(B);
      release.run(5);
      release.land(C);
      release.run(120);
    });
    const anew = BEGUN.replace('The analysis begins', 'The analysis begins anew');
    assert.deepEqual(lines(alerts), [BEGUN, anew, PROMOTED]);
    assert.deepEqual(
      alerts.map(({ revision }) => revision),
      [B, C, C],
    );
  });

  for (const [moment, wanted] of [
    ['confirm-rollout', 'approval of its rollout'],
    ['confirm-traffic-increase', 'approval of its next weight'],
    ['confirm-promotion', 'approval of its promotion'],
  ] as const) {
    it(`tells once that it waits at ${moment}, however often that is asked`, () => {
      const alerts = story(analysis({ webhooks: [gate(moment)] }), (release) => {
        release.hooks = () => closed(moment);
        release.land(B);
        release.run(300);
      });
      const waits = alerts.filter(({ severity }) => severity === 'warn');
      const message = `Canary podinfo.test is waiting for ${wanted} (${moment}: answered 403: by hand)`;
      assert.deepEqual(
        waits.map((each) => [each.message, each.gate]),
        [[message, moment]],
      );
    });

    it(`tells nothing of a muted gate at ${moment}`, () => {
      const muted = story(analysis({ webhooks: [gate(moment, { muteAlert: true })] }), (release) => {
        release.hooks = () => closed(moment);
        release.land(B);
        release.run(300);
      });
      assert.deepEqual(
        muted.filter(({ severity }) => severity === 'warn'),
        [],
      );
    });
  }

  it('tells of each gate that a person has to open, unless that is muted', () => {
    const person = (name: string, more: object = {}) => ({ name, type: 'confirm-promotion', ...more });
    const webhooks = [person('qa'), person('owner'), person('quiet', { muteAlert: true })];
    const at = (name: string): CanaryStatus => {
      const message = `gate ${name} is opened by a CanaryAction that approves it for revision a`;
      const waitingFor = { reason: 'Approval', message, gate: name };
      return { phase: 'WaitingPromotion', waitingFor };
    };
    const alertsAt = (before: CanaryStatus, name: string) =>
      alertsOf(before, canary(at(name), { webhooks }), UNKNOWN).map(
        ({ severity, message }) => `${severity} ${message}`,
      );
    const waits = 'warn Canary podinfo.test is waiting for approval of its promotion';
    const how = (name: string) => `gate ${name} is opened by a CanaryAction that approves it for revision a`;
    assert.deepEqual(alertsAt({}, 'qa'), [`${waits} (qa: ${how('qa')})`]);
    assert.deepEqual(alertsAt(at('qa'), 'owner'), [`${waits} (owner: ${how('owner')})`]);
    assert.deepEqual([alertsAt(at('qa'), 'qa'), alertsAt({}, 'quiet'), alertsAt({}, 'gone')], [[], [], []]);
  });

  it('tells that a revision is tried again', () => {
    const again = canary({ phase: 'Progressing', startedAt: '2026-01-02T00:00:00Z', lastAppliedSpec: A });
    const before: CanaryStatus = { phase: 'Failed', startedAt: '2026-01-01T00:00:00Z', lastAppliedSpec: A };
    const [alert] = alertsOf(before, again, UNKNOWN);
    assert.equal(alert?.message, 'The analysis of the same revision of podinfo.test begins again');
  });

  it('tells of a gate that is not muted beside one that is, and the other way round nothing', () => {
    const webhooks = [
      gate('confirm-promotion', { name: 'quiet', muteAlert: true }),
      gate('confirm-promotion', { name: 'loud' }),
    ];
    const waits = (shut: string) =>
      story(analysis({ webhooks }), (release) => {
        release.hooks = () => ['quiet', 'loud'].flatMap((name) => (name === shut ? closed(name) : passing(name)));
        release.land(B);
        release.run(120);
      }).filter(({ severity }) => severity === 'warn');
    assert.deepEqual(
      waits('loud').map(({ message }) => message),
      ['Canary podinfo.test is waiting for approval of its promotion (loud: answered 403: by hand)'],
    );
    assert.deepEqual(waits('quiet'), []);
  });

  it('names the images of the revision, where it is still known', () => {
    const target = { ...record({}, {}), revision: B };
    const primary = record({}, {}, { 'flagger.app/revision': C }, 'podinfo:c');
    const imagesOf = (revision: string) =>
      alertsOf({}, canary({ phase: 'Initialized', lastAppliedSpec: revision }), { ...UNKNOWN, target, primary })[0]
        ?.images;
    assert.deepEqual([B, C, A].map(imagesOf), [['podinfo:1', 'proxy:2'], ['podinfo:c'], []]);
  });

  it('says which cluster it is, and what kind of release', () => {
    const of = (given: object) => {
      const { spec } = canary({}, given);
      const status: CanaryStatus = { phase: 'Initialized' };
      return alertsOf({}, { ...canary({}), spec, status }, { ...UNKNOWN, cluster: 'blue' })[0];
    };
    assert.equal(of({})?.cluster, 'blue');
    const many = Array.from({ length: 30 }, (_, index) => index + 1);
    assert.deepEqual(
      [{ iterations: 5 }, { iterations: 5, match: [{}] }, { stepWeights: many }].map((each) => of(each)?.plan?.routing),
      ['blue/green, 5 iterations', 'A/B, 5 iterations', `weights ${many.slice(0, 20).join(', ')} and so on to 30`],
    );
  });

  it('tells of each release once how it began and how it ended, whatever happens', () => {
    const land = fc.record({
      at: fc.integer({ min: 1, max: 200 }),
      what: fc.constantFrom(A, B, C, 'gone' as const, 'ill' as const, 'well' as const),
    });
    fc.assert(
      fc.property(fc.array(land, { minLength: 1, maxLength: 6 }), fc.boolean(), (events, isGated) => {
        const options = isGated ? analysis({ webhooks: [gate('confirm-promotion')] }) : {};
        const release = atRest({ replicas: 2, ...options });
        release.metrics = () => [WELL];
        release.hooks = () => passing('confirm-promotion');
        const before = release.status;
        for (const { at, what } of events) {
          release.at(100 + at, () => {
            if (what === 'gone') release.target = undefined;
            else if (what === 'ill') release.metrics = () => [ILL];
            else if (what === 'well') release.metrics = () => [WELL];
            else if (release.target === undefined) release.makeTarget(what, 1);
            else release.land(what);
          });
        }
        release.run(600);
        const said = told(release, before).map(({ message }) => message);
        const count = (start: string) => said.filter((each) => each.startsWith(start)).length;
        const { history = [], ending, phase } = release.status;
        const ended = (...results: readonly string[]) =>
          history.filter(({ result }) => results.includes(result)).length;
        // One that is being cleared away, or waits for its target, is not in the list yet.
        const open = ending?.result;
        const isOpen = (...results: readonly string[]) => (open !== undefined && results.includes(open) ? 1 : 0);
        const running =
          phase === 'Progressing' || phase === 'Waiting' || phase === 'WaitingPromotion' || phase === 'Promoting';
        const under = open !== undefined || running ? 1 : 0;
        assert.deepEqual(
          [
            count('New revision') + count('The analysis of'),
            count('Promotion'),
            count('Rolling back'),
            count('The release'),
          ],
          [
            history.length + under,
            ended('Succeeded'),
            ended('Failed', 'Aborted') + isOpen('Failed', 'Aborted'),
            ended('Reverted') + isOpen('Reverted'),
          ],
        );
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing to say where nothing has happened', () => {
    assert.deepEqual(alertsOf({}, canary({}), UNKNOWN), []);
    const withoutSpec = { ...canary({ phase: 'Succeeded' }), spec: {} as unknown as CanarySpec };
    assert.deepEqual(alertsOf({ phase: 'Succeeded' }, withoutSpec, UNKNOWN), []);
  });
});

function canary(status: CanaryStatus, given: object = {}): Canary {
  const whole = {
    interval: '1m',
    threshold: 1,
    stepWeights: [50],
    canaryReadyThreshold: 100,
    primaryReadyThreshold: 100,
  };
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
  return {
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: { targetRef, progressDeadlineSeconds: 60, analysis: { ...whole, ...given } },
    status,
  } as unknown as Canary;
}

function record(spec: object, status: object, annotations: object = {}, ...images: readonly string[]) {
  const all = images.length === 0 ? ['podinfo:1', 'proxy:2'] : images;
  const containers = all.map((image, index) => ({ name: `c${index}`, image }));
  return {
    metadata: { name: 'podinfo', namespace: 'test', annotations },
    spec: { template: { spec: { containers } }, ...spec },
    status,
  } as unknown as NonNullable<Known['target']>;
}
