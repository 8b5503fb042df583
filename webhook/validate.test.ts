import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cluster } from '../api/cluster/cluster.ts';
import type { Canary } from '../api/generated/canary.ts';
import type { AdmissionRequest, Verdict } from './admission-review.ts';
import { stampAction } from './stamp-action.ts';
import { subjectOf, validateSubject } from './validate.ts';

const spec = {
  targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
  service: { port: 9898 },
  analysis: { interval: '30s', threshold: 5, stepWeight: 10, maxWeight: 50 },
};
const canary = (name: string, more: object = {}) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { namespace: 'test', name },
  spec: { ...spec, ...more },
});
const alone: Cluster = {
  defaultProvider: 'istio',
  scrapeIntervalMs: 15_000,
  ...{ canaries: [], templates: [], missing: [] },
};
const beside = (name: string): Cluster => ({ ...alone, canaries: [canary(name) as unknown as Canary] });

function request(more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u',
    kind: { group: 'flagger.app', version: 'v1beta1', kind: 'Canary' },
    operation: 'CREATE',
    ...{ name: 'podinfo', namespace: 'test', subResource: '' },
    userInfo: { username: 'jane' },
    object: canary('podinfo'),
    oldObject: undefined,
    ...more,
  };
}

function judge(more: Partial<AdmissionRequest>, cluster: Cluster): Verdict {
  const subject = subjectOf(request(more));
  assert.ok(subject !== undefined);
  return validateSubject(subject, cluster);
}

describe('a request', () => {
  it('is checked when an object of ours is made, or its spec is changed', () => {
    assert.deepEqual(subjectOf(request()), {
      ...{ kind: 'Canary', namespace: 'test', object: canary('podinfo'), before: undefined },
    });
    const changed = { operation: 'UPDATE', oldObject: canary('podinfo', { suspend: true }) } as const;
    assert.deepEqual(subjectOf(request(changed))?.before, changed.oldObject);
  });

  const ending = canary('podinfo');
  const unchecked: Readonly<Record<string, Partial<AdmissionRequest>>> = {
    'to delete': { operation: 'DELETE', object: undefined, oldObject: canary('podinfo') },
    'to connect': { operation: 'CONNECT' },
    'that changes nothing of the spec, as one that takes away a finalizer': {
      operation: 'UPDATE',
      oldObject: { ...canary('podinfo'), metadata: { finalizers: ['a'] } },
    },
    'about what is being deleted': {
      operation: 'UPDATE',
      object: { ...ending, metadata: { ...ending.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      oldObject: canary('podinfo', { suspend: true }),
    },
    'about a status': { subResource: 'status' },
    'about a kind that we do not know': { kind: { group: 'flagger.app', version: 'v1', kind: 'toString' } },
    'about another group': { kind: { group: 'apps', version: 'v1', kind: 'Canary' } },
  };
  for (const [what, more] of Object.entries(unchecked)) {
    it(`${what} is not`, () => assert.equal(subjectOf(request(more)), undefined));
  }
});

describe('a verdict', () => {
  it('denies with every field that is wrong', () => {
    const object = canary('podinfo', { analysis: { ...spec.analysis, threshold: -1, maxWeight: 200 } });
    const verdict = judge({ object }, alone);
    assert.equal(verdict.kind, 'denied');
    const fields = verdict.kind === 'denied' ? verdict.causes.map(({ field }) => field) : [];
    assert.deepEqual(fields.toSorted(), ['spec.analysis.maxWeight', 'spec.analysis.threshold']);
  });

  it('denies what is wrong beside what else there is', () => {
    const verdict = judge({}, beside('other'));
    assert.ok(verdict.kind === 'denied');
    assert.deepEqual(verdict.causes, [
      {
        field: 'spec.targetRef',
        message: 'Deployment podinfo is released by canary other already: change that one, or delete it first',
      },
    ]);
  });

  it('allows with a warning what was wrong before, so that one of two things can be mended', () => {
    const update = { operation: 'UPDATE', oldObject: canary('podinfo', { suspend: true }) } as const;
    const verdict = judge(update, beside('other'));
    assert.equal(verdict.kind, 'allowed');
    assert.match(verdict.warnings?.[0] ?? '', /^spec\.targetRef: Deployment podinfo is released by canary other/);
  });

  it('denies what a change makes wrong beside what was wrong before, and names only that', () => {
    const analysis = { ...spec.analysis, metrics: [{ name: 'up', query: 'up{{', thresholdRange: { min: 1 } }] };
    const update = {
      operation: 'UPDATE',
      object: canary('podinfo', { analysis }),
      oldObject: canary('podinfo'),
    } as const;
    const verdict = judge(update, beside('other'));
    assert.ok(verdict.kind === 'denied');
    assert.deepEqual(
      verdict.causes.map(({ field }) => field),
      ['spec.analysis.metrics[0].query'],
    );
  });
});

describe('stampAction()', () => {
  const action = { group: 'flagger.app', version: 'v1beta1', kind: 'CanaryAction' };
  const wanted = { spec: { canary: 'podinfo', revision: 'abc', action: 'abort' } };

  const now = new Date('2026-03-01T12:34:56.789Z');
  const at = { op: 'add', path: '/spec/requestedAt', value: '2026-03-01T12:34:56Z' };

  it('writes who asks, and when', () => {
    const patch = [{ op: 'add', path: '/spec/requestedBy', value: 'jane' }, at];
    assert.deepEqual(stampAction(request({ kind: action, object: wanted }), now), { kind: 'allowed', patch });
  });

  it('leaves a name that is there for the policy to judge, and no other time', () => {
    const named = { spec: { ...wanted.spec, requestedBy: 'joe', requestedAt: '2020-01-01T00:00:00Z' } };
    assert.deepEqual(stampAction(request({ kind: action, object: named }), now), { kind: 'allowed', patch: [at] });
  });

  it('leaves alone what is none', () => {
    const cases: Partial<AdmissionRequest>[] = [
      { kind: action, object: { spec: 'abort' } },
      { kind: action, object: undefined },
      { kind: action, object: wanted, operation: 'UPDATE' },
      {},
    ];
    for (const each of cases) assert.deepEqual(stampAction(request(each), now), { kind: 'allowed' });
  });
});
