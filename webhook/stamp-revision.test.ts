import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import jsonpatch, { type Operation } from 'fast-json-patch';
import type { CanarySpec } from '../api/generated/canary.ts';
import { configuredRevision, revisionOf } from '../api/revision.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { stampRevision, type TargetRelease } from './stamp-revision.ts';

const NOW = new Date('2026-03-01T12:34:56.789Z');
const template = (image: string) => ({ metadata: { labels: { app: 'podinfo' } }, spec: { containers: [{ image }] } });
const revision = (image: string) => revisionOf(template(image));
const stamps = (image: string, by = 'jane') => ({
  'flagger.app/revision': revision(image),
  'flagger.app/changed-by': by,
  'flagger.app/changed-at': '2026-03-01T12:34:56Z',
});

interface Pods {
  readonly image?: string;
  readonly replicas?: number | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly readyReplicas?: number;
}

function deployment({ image = 'b', replicas = 0, annotations = { team: 'a' }, readyReplicas = 0 }: Pods = {}) {
  return {
    metadata: { name: 'podinfo', namespace: 'test', annotations },
    spec: { replicas, template: template(image) },
    status: { readyReplicas },
  };
}

function request(before: unknown, after: unknown, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u',
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    operation: 'UPDATE',
    ...{ name: 'podinfo', namespace: 'test', subResource: '', userInfo: { username: 'jane' } },
    ...{ object: after, oldObject: before },
    ...more,
  };
}

/** A promoted revision `a`, at rest, with a primary of three pods. */
function released(spec: object = {}, status: object = {}, primaryReplicas: number | undefined = 3): TargetRelease {
  const analysis = { interval: '30s', threshold: 5 };
  return {
    canary: {
      spec: { progressDeadlineSeconds: 600, analysis, ...spec } as CanarySpec,
      status: { phase: 'Succeeded', lastPromotedSpec: revision('a'), ...status },
    },
    primaryReplicas,
  };
}

function patchOf(asked: AdmissionRequest, release: TargetRelease | undefined, now = NOW): readonly Operation[] {
  const verdict = stampRevision(asked, release, now);
  assert.ok(verdict.kind === 'allowed' && verdict.warnings === undefined);
  return verdict.patch ?? [];
}

/** As the API server does it. */
function patched<T>(object: T, patch: readonly Operation[]): T {
  return jsonpatch.applyPatch(jsonpatch.deepClone(object) as T, patch, true, true).newDocument;
}

describe('a change of a target’s pod template', () => {
  it('is stamped beside the annotations that there are, and starts the canary', () => {
    assert.deepEqual(patchOf(request(deployment({ image: 'a' }), deployment()), released()), [
      { op: 'add', path: '/metadata/annotations/flagger.app~1revision', value: revision('b') },
      { op: 'add', path: '/metadata/annotations/flagger.app~1changed-by', value: 'jane' },
      { op: 'add', path: '/metadata/annotations/flagger.app~1changed-at', value: '2026-03-01T12:34:56Z' },
      { op: 'add', path: '/spec/replicas', value: 3 },
    ]);
  });

  it('is stamped where there are no annotations, and over stamps that were sent with it', () => {
    for (const annotations of [null, undefined, { ...stamps('a', 'joe'), 'flagger.app/changed-at': 'never' }]) {
      const after = { ...deployment(), metadata: annotations === undefined ? {} : { annotations } };
      const { metadata } = patched(after, patchOf(request(deployment({ image: 'a' }), after), released()));
      assert.deepEqual(metadata, { annotations: stamps('b') });
    }
  });

  it('is stamped with no more of a name than the status takes', () => {
    const userInfo = { username: 'j'.repeat(5000) };
    const after = deployment();
    const { metadata } = patched(after, patchOf(request(deployment({ image: 'a' }), after, { userInfo }), released()));
    assert.equal(metadata.annotations?.['flagger.app/changed-by']?.length, 1024);
  });

  const gate = { interval: '30s', threshold: 5, webhooks: [{ name: 'ask', type: 'confirm-rollout' }] };
  const begun = { annotations: stamps('b') };
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
  const autoscalerRef = { kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
  const scaler = { name: 'podinfo', minReplicas: 2, maxReplicas: 4, rules: '{}', scaleDownSeconds: 300 };
  const cases: Readonly<
    Record<string, { before?: Pods; after?: Pods; release?: TargetRelease; replicas: number | undefined }>
  > = {
    'starts as many pods as the primary wants': { replicas: 3 },
    'starts one where no primary is known': { release: { ...released(), primaryReplicas: undefined }, replicas: 1 },
    'starts a number that the canary names': { release: released({ canaryReplicas: 5 }), replicas: 5 },
    'starts a share that the canary names': { release: released({ canaryReplicas: '50%' }), replicas: 2 },
    'starts none that the controller does not carry out': {
      release: released({ targetRef, autoscalerRef: { kind: 'ScaledObject', name: 'podinfo' } }),
      replicas: undefined,
    },
    'starts as few as its autoscaler leaves': {
      release: released({ targetRef, autoscalerRef }, { scaler }),
      replicas: 2,
    },
    'starts a share of the primary’s also with an autoscaler': {
      release: released({ targetRef, autoscalerRef, canaryReplicas: '100%' }, { scaler }),
      replicas: 3,
    },
    'starts as many as the primary wants before its autoscaler is known': {
      release: released({ targetRef, autoscalerRef }),
      replicas: 3,
    },
    'starts after the first bootstrap': { release: released({}, { phase: 'Initialized' }), replicas: 3 },
    'starts after a failure': { release: released({}, { phase: 'Failed' }), replicas: 3 },
    'starts a revision that failed, and another was there in between': {
      release: released({}, { phase: 'Failed', lastAppliedSpec: revision('b') }),
      replicas: 3,
    },
    'starts where nobody said how many pods': { after: { replicas: null }, replicas: 3 },
    'starts with an analysis of before v1beta1': {
      release: released({ analysis: undefined, canaryAnalysis: { interval: '30s', threshold: 5 } }),
      replicas: 3,
    },
    'waits for a gate': { release: released({ analysis: gate }), replicas: undefined },
    'waits for a gate of before v1beta1': {
      release: released({ analysis: undefined, canaryAnalysis: gate }),
      replicas: undefined,
    },
    'waits while the canary is suspended': { release: released({ suspend: true }), replicas: undefined },
    'leaves the pods of a run that has not been heard of': {
      before: { replicas: 2 },
      after: { replicas: 2 },
      replicas: undefined,
    },
    'leaves a run alone': { release: released({}, { phase: 'Progressing' }), replicas: undefined },
    'leaves a run alone that waits': { release: released({}, { phase: 'Waiting' }), replicas: undefined },
    'leaves a release alone that is being cleared away': {
      release: released({}, { ending: 'Failed' }),
      replicas: undefined,
    },
    'leaves alone what is not bootstrapped': {
      release: released({}, { phase: 'Initializing', lastPromotedSpec: undefined }),
      replicas: undefined,
    },
    'leaves alone what has no status': {
      release: { ...released(), canary: { spec: released().canary.spec } },
      replicas: undefined,
    },
    'leaves to the controller what Flagger promoted': {
      release: released({}, { lastPromotedSpec: '7d9b5c8f4d' }),
      replicas: undefined,
    },
    'back to the promoted revision starts nothing': {
      before: { image: 'b' },
      after: { image: 'a' },
      replicas: undefined,
    },
    'back to the promoted revision takes back what was started': {
      before: { image: 'b', replicas: 3, ...begun },
      after: { image: 'a', replicas: 3, ...begun },
      replicas: 0,
    },
    'back to the promoted revision leaves pods that the webhook did not start': {
      before: { image: 'b', replicas: 3 },
      after: { image: 'a', replicas: 3 },
      replicas: undefined,
    },
    'back to the promoted revision leaves pods of a change that went by the webhook': {
      before: { image: 'b', replicas: 3, annotations: stamps('a') },
      after: { image: 'a', replicas: 3 },
      replicas: undefined,
    },
    'back to the promoted revision leaves pods that may have traffic': {
      before: { image: 'b', replicas: 3, ...begun, readyReplicas: 1 },
      after: { image: 'a', replicas: 3, ...begun },
      replicas: undefined,
    },
    'back to the promoted revision leaves a run alone': {
      before: { image: 'b', replicas: 3, ...begun },
      after: { image: 'a', replicas: 3, ...begun },
      release: released({}, { phase: 'Progressing' }),
      replicas: undefined,
    },
  };
  for (const [what, { before, after, release = released(), replicas }] of Object.entries(cases)) {
    it(what, () => {
      const asked = request(deployment({ image: 'a', ...before }), deployment(after));
      const patch = patchOf(asked, release);
      const made = patched(asked.object as ReturnType<typeof deployment>, patch);
      assert.equal(made.metadata.annotations?.['flagger.app/revision'], revisionOf(made.spec.template));
      const scaling = patch.filter(({ path }) => path === '/spec/replicas');
      assert.deepEqual(scaling, replicas === undefined ? [] : [{ op: 'add', path: '/spec/replicas', value: replicas }]);
    });
  }
});

describe('what is no change of a target’s pod template', () => {
  const [before, after] = [deployment({ image: 'a' }), deployment()];
  const others: Readonly<Record<string, AdmissionRequest>> = {
    'the same template, scaled': request(deployment(), deployment({ replicas: 3 })),
    'a new Deployment': request(undefined, after, { operation: 'CREATE' }),
    'the end of one': request(before, undefined, { operation: 'DELETE' }),
    'its status': request(before, after, { subResource: 'status' }),
    'another kind': request(before, after, { kind: { group: 'apps', version: 'v1', kind: 'StatefulSet' } }),
    'another group': request(before, after, { kind: { group: 'extensions', version: 'v1beta1', kind: 'Deployment' } }),
    'a template that is none': request(before, { ...after, spec: { replicas: 0, template: 'podinfo' } }),
    'replicas that are no number': request(before, { ...after, spec: { ...after.spec, replicas: '3' } }),
    'annotations that are none': request(before, { ...after, metadata: { annotations: ['a'] } }),
    'an object without metadata': request(before, { spec: after.spec }),
    'no object': request(before, 7),
    'no object before': request(null, after),
  };
  for (const [what, asked] of Object.entries(others)) {
    it(`is let through: ${what}`, () => assert.deepEqual(stampRevision(asked, released(), NOW), { kind: 'allowed' }));
  }

  it('knows the promoted template again, whatever it was configured by when it was promoted', () => {
    const lastPromotedSpec = configuredRevision(revision('a'), { 'configmap/env': revision('x') });
    const release = released({}, { lastPromotedSpec });
    const back = patchOf(request(deployment({ image: 'b' }), deployment({ image: 'a' })), release);
    assert.ok(!back.some(({ path }) => path === '/spec/replicas'), 'a canary of what is promoted was started');
    const started = deployment({ image: 'b', replicas: 3, annotations: stamps('b') });
    const taken = patchOf(
      request(started, { ...started, spec: { ...started.spec, template: template('a') } }),
      release,
    );
    assert.ok(
      taken.some(({ path, ...rest }) => path === '/spec/replicas' && 'value' in rest && rest.value === 0),
      'what was started is left running',
    );
  });

  it('is let through where no canary releases the Deployment', () => {
    assert.deepEqual(stampRevision(request(before, after), undefined, NOW), { kind: 'allowed' });
  });
});

describe('the patch', () => {
  const image = fc.constantFrom('a', 'b', 'c');
  const pods = fc.record({
    ...{ image, replicas: fc.option(fc.nat(4)), readyReplicas: fc.nat(2) },
    annotations: fc.option(
      fc.oneof(fc.dictionary(fc.string(), fc.string()), image.map(stamps) as fc.Arbitrary<Record<string, string>>),
    ),
  });
  const phase = fc.constantFrom('Initializing', 'Initialized', 'Waiting', 'Progressing', 'Succeeded', 'Failed');
  const status = fc.record({ phase, lastPromotedSpec: fc.option(image.map(revision), { nil: undefined }) });
  const spec = fc.record({
    suspend: fc.boolean(),
    canaryReplicas: fc.constantFrom(undefined, 2, '25%'),
    analysis: fc.constant({ webhooks: [] }),
  });
  const release = fc.tuple(spec, status, fc.nat(9)).map(([one, other, replicas]) => released(one, other, replicas));

  it('made again of what it made changes nothing, and never touches the template', () => {
    fc.assert(
      fc.property(pods, pods, release, (one, other, known) => {
        const [before, after] = [deployment(one), deployment(other)];
        const once = patched(after, patchOf(request(before, after), known));
        assert.deepEqual(once.spec.template, after.spec.template);
        assert.deepEqual(patchOf(request(before, once), known), []);
      }),
      { numRuns: 1000 },
    );
  });

  it('starts a canary at rest only, of a revision that is not the promoted one, and with one pod at least', () => {
    fc.assert(
      fc.property(pods, pods, release, (one, other, known) => {
        const [before, after] = [deployment(one), deployment(other)];
        const made = patched(after, patchOf(request(before, after), known));
        if (made.spec.replicas === after.spec.replicas) return;
        const { phase: now = '', lastPromotedSpec } = known.canary.status ?? {};
        assert.ok(['Initialized', 'Succeeded', 'Failed'].includes(now) && known.canary.spec.suspend === false);
        assert.equal(made.spec.replicas === 0, lastPromotedSpec === revisionOf(after.spec.template));
      }),
      { numRuns: 1000 },
    );
  });
});
