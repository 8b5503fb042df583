import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import { waitGoalOf } from './wait-goal.ts';
import { type Waited, waitVerdict } from './wait-verdict.ts';

const revision = (letter: string) => letter.repeat(64);
const [A, B, C] = [revision('a'), revision('b'), revision('c')];

interface Facts extends Partial<Omit<Waited, 'canary'>> {
  readonly status?: CanaryStatus;
  readonly generation?: number;
  readonly spec?: object;
}

/** What `--for` comes to: its kind, and its message where there is one. */
function verdict(goal: string, { status = {}, generation = 1, spec = {}, ...waited }: Facts): string {
  const canary = {
    metadata: { name: 'podinfo', namespace: 'test', generation },
    spec,
    status: { observedGeneration: 1, ...status },
  } as Canary;
  const result = waitVerdict(waitGoalOf(goal), { wasUnderWay: false, pastGates: false, ...waited, canary });
  return result.kind === 'waiting' ? 'waiting' : `${result.kind}: ${result.message}`;
}

const AT_REST: CanaryStatus = { phase: 'Succeeded', lastAppliedSpec: A, lastPromotedSpec: A };
const UNDER_WAY: CanaryStatus = { phase: 'Progressing', lastAppliedSpec: B, lastPromotedSpec: A, actualWeight: 20 };
const PROMOTED: CanaryStatus = { phase: 'Succeeded', lastAppliedSpec: B, lastPromotedSpec: B };
const FAILED: CanaryStatus = {
  ...{ phase: 'Failed', lastAppliedSpec: B, lastPromotedSpec: A, startedAt: '2026-01-01T00:00:00Z' },
  failure: { reason: 'ThresholdReached', message: '3 checks have failed' },
};
const GATED: CanaryStatus = { ...UNDER_WAY, waitingFor: { reason: 'Approval', gate: 'qa' } };
const PAUSED: CanaryStatus = { ...UNDER_WAY, paused: { at: '2026-01-01T00:00:00Z', by: 'jane' } };
const at = (templateRevision: string, changedAt?: string) => ({ templateRevision, changedAt });

describe('what is waited for', () => {
  const cases: Readonly<Record<string, readonly [goal: string, facts: Facts, expected: string]>> = {
    'is reached with a promotion': [
      'promoted',
      { status: PROMOTED, target: at(B) },
      'reached: promoted: revision bbbbbbbbbb',
    ],
    'is reached where the first revision serves': [
      'promoted',
      { status: { ...AT_REST, phase: 'Initialized' } },
      'reached: promoted: revision aaaaaaaaaa',
    ],
    'is not reached before the controller has seen the canary': ['promoted', { status: {} }, 'waiting'],
    'is not over while the canary is being made': ['finished', { status: { phase: 'Initializing' } }, 'waiting'],
    'is not reached while the release goes on': ['promoted', { status: UNDER_WAY, target: at(B) }, 'waiting'],
    'is not reached while the release is cleared away': [
      'finished',
      { status: { ...UNDER_WAY, ending: { result: 'Failed', reason: 'x', message: 'x' } } },
      'waiting',
    ],
    'fails with the release': [
      'promoted',
      { status: FAILED, target: at(B) },
      'failed: failed: ThresholdReached: 3 checks have failed',
    ],
    'fails when the release that was seen is taken back': [
      'promoted',
      { status: { ...AT_REST, history: [{ revision: B, result: 'Reverted', message: 'back' }] }, wasUnderWay: true },
      'failed: reverted: back',
    ],
    'is reached at rest, whatever was taken back before': [
      'promoted',
      { status: { ...AT_REST, history: [{ revision: B, result: 'Reverted' }] } },
      'reached: promoted: revision aaaaaaaaaa',
    ],
    'is over with either end': [
      'finished',
      { status: FAILED },
      'reached: failed: ThresholdReached: 3 checks have failed',
    ],
    'may be the failure': ['failed', { status: FAILED }, 'reached: failed: ThresholdReached: 3 checks have failed'],
    'may be a failure that is yet to come': ['failed', { status: AT_REST }, 'waiting'],
    'may be a failure that does not come': [
      'failed',
      { status: PROMOTED, wasUnderWay: true },
      'missed: promoted: revision bbbbbbbbbb',
    ],
    'is missed where the canary is being deleted': [
      'promoted',
      { status: { phase: 'Terminating' } },
      'missed: the canary is being deleted',
    ],
    'may be that a release begins': ['started', { status: UNDER_WAY }, 'reached: started'],
    'may be that a release began and is over': [
      'started',
      { status: PROMOTED, wasUnderWay: true },
      'reached: promoted: revision bbbbbbbbbb',
    ],
    'may be a pause': ['paused', { status: PAUSED }, 'reached: paused by jane'],
    'may be a gate': ['gate', { status: GATED }, 'reached: at gate qa'],
    'may be this gate': ['gate=qa', { status: GATED }, 'reached: at gate qa'],
    'may be another gate': ['gate=security', { status: GATED }, 'waiting'],
    'is missed with the release that had no gate': [
      'gate',
      { status: PROMOTED, wasUnderWay: true },
      'missed: promoted: revision bbbbbbbbbb',
    ],
    'fails with the release that came to no gate': [
      'gate',
      { status: FAILED, wasUnderWay: true },
      'failed: failed: ThresholdReached: 3 checks have failed',
    ],
    'is not missed with a release of before': ['gate', { status: FAILED }, 'waiting'],
    'may be a weight': ['weight=20', { status: UNDER_WAY }, 'reached: at weight 20'],
    'may be a greater weight': ['weight=21', { status: UNDER_WAY }, 'waiting'],
    'may be a weight that was passed': [
      'weight=50',
      { status: PROMOTED, wasUnderWay: true },
      'reached: promoted: revision bbbbbbbbbb',
    ],
    'may be that it can be used': ['initialized', { status: UNDER_WAY }, 'reached: initialized'],
    'may be that it cannot be used yet': ['initialized', { status: { phase: 'Initializing' } }, 'waiting'],
    'may be that all is in order': [
      'ready',
      { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', observedGeneration: 1 }] } },
      'reached: ready',
    ],
    'is not that all was in order before the last change': [
      'ready',
      {
        status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', observedGeneration: 1 }] },
        generation: 2,
      },
      'waiting',
    ],
  };
  for (const [what, [goal, facts, expected]] of Object.entries(cases)) {
    it(what, () => assert.equal(verdict(goal, facts), expected));
  }
});

describe('a promotion that needs a person', () => {
  const suspended = { status: UNDER_WAY, spec: { suspend: true } };
  it('is stopped at a gate, by a pause and by a suspension', () => {
    const gate = 'at a gate: at gate qa, which a person has to approve';
    assert.equal(verdict('promoted', { status: GATED }), gate);
    assert.equal(verdict('finished', { status: GATED }), gate);
    assert.equal(verdict('promoted', { status: PAUSED }), 'at a gate: paused by jane, until a person resumes it');
    assert.equal(verdict('promoted', suspended), 'at a gate: suspended: spec.suspend is true');
    const changed = { ...suspended, status: AT_REST, target: at(B) };
    assert.equal(verdict('promoted', changed), 'at a gate: suspended: spec.suspend is true');
    assert.match(verdict('promoted', { ...changed, pastGates: true }), /^unseen: /);
  });

  it('is waited for all the same by whoever says so', () => {
    for (const facts of [{ status: GATED }, { status: PAUSED }, suspended]) {
      assert.equal(verdict('promoted', { ...facts, pastGates: true }), 'waiting');
    }
  });
});

describe('what was before the last change', () => {
  const unseen = 'unseen: the controller has not begun with the last change of the target';

  it('does not count, while the target is of another revision than the status', () => {
    for (const status of [AT_REST, FAILED, GATED, UNDER_WAY]) {
      assert.equal(verdict('promoted', { status, target: at(C) }), unseen);
      assert.equal(verdict('finished', { status, target: at(C) }), unseen);
    }
    assert.equal(verdict('gate', { status: GATED, target: at(C) }), unseen);
  });

  it('does not count, while the canary itself is of a later generation', () => {
    const said = 'unseen: the controller has not seen the last change of the canary';
    assert.equal(verdict('promoted', { status: AT_REST, target: at(A), generation: 2 }), said);
  });

  it('does not count, while a revision that failed was brought back', () => {
    assert.equal(verdict('promoted', { status: FAILED, target: at(B, '2026-01-01T00:00:01Z') }), unseen);
    assert.match(verdict('promoted', { status: FAILED, target: at(B, '2025-12-31T23:59:59Z') }), /^failed: /);
  });

  it('counts where its configuration is part of the revision, and where the revision is one of Flagger', () => {
    const configured = `${'1'.repeat(32)}${A.slice(0, 32)}`;
    const status = { ...AT_REST, lastAppliedSpec: configured, lastPromotedSpec: configured };
    assert.match(verdict('promoted', { status, target: at(A) }), /^reached: /);
    const flaggers = { ...AT_REST, lastAppliedSpec: '5876f4', lastPromotedSpec: '5876f4' };
    assert.match(verdict('promoted', { status: flaggers, target: at(A) }), /^reached: /);
  });
});

describe('a revision that is pinned', () => {
  const pinned = { revision: 'bbbbbb' };
  const newer: CanaryStatus = { ...UNDER_WAY, lastAppliedSpec: C };
  const ran = (result: 'Superseded' | 'Failed' | 'Succeeded') => ({
    status: { ...newer, history: [{ revision: B, result, message: 'so it was' }] },
    target: at(C),
    ...pinned,
  });

  it('is waited for as any other while it is what is released', () => {
    assert.equal(verdict('promoted', { status: UNDER_WAY, target: at(B), ...pinned }), 'waiting');
    assert.equal(
      verdict('promoted', { status: PROMOTED, target: at(B), ...pinned }),
      'reached: promoted: revision bbbbbbbbbb',
    );
    assert.match(
      verdict('promoted', { status: FAILED, target: at(B), ...pinned }),
      /^failed: failed: ThresholdReached/,
    );
  });

  it('is not waited for any longer for the sake of a newer one that has not begun', () => {
    assert.match(verdict('promoted', { status: PROMOTED, target: at(C), ...pinned }), /^reached: /);
    assert.match(verdict('promoted', { status: FAILED, target: at(C), ...pinned }), /^failed: /);
  });

  it('is not satisfied by a newer one, but superseded', () => {
    assert.equal(verdict('promoted', ran('Superseded')), 'failed: superseded: revision bbbbbbbbbb: so it was');
    assert.equal(verdict('promoted', ran('Failed')), 'failed: failed: revision bbbbbbbbbb: so it was');
    assert.equal(verdict('failed', ran('Failed')), 'reached: failed: revision bbbbbbbbbb: so it was');
    const said = 'promoted: revision bbbbbbbbbb, revision cccccccccc has come since';
    assert.equal(verdict('promoted', ran('Succeeded')), `reached: ${said}`);
    assert.equal(verdict('failed', ran('Succeeded')), `missed: ${said}`);
    assert.equal(verdict('promoted', { status: { ...newer, lastPromotedSpec: B }, ...pinned }), `reached: ${said}`);
  });

  it('that nobody has seen is superseded, unless the target is at it', () => {
    assert.equal(
      verdict('promoted', { status: newer, target: at(C), ...pinned }),
      'failed: superseded: revision bbbbbb is neither released nor what the target is at, revision cccccccccc has come since',
    );
    const unseen = 'unseen: the controller has not begun with revision bbbbbb';
    assert.equal(verdict('promoted', { status: AT_REST, target: at(B), ...pinned }), unseen);
    const again = { ...AT_REST, history: [{ revision: B, result: 'Failed' as const }] };
    assert.equal(verdict('promoted', { status: again, target: at(B), ...pinned }), `${unseen}bbbb`);
  });
});

it('what cannot be waited for is refused with what can', () => {
  for (const text of ['', 'promotion', 'weight', 'weight=0', 'weight=101', 'weight=x', 'promoted=1']) {
    assert.throws(() => waitGoalOf(text), { message: /cannot be waited for: there are promoted, .* weight=PERCENT$/ });
  }
});
