import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { primaryDeployment, primaryPatch, primaryTemplate } from './primary.ts';
import { adoptedRelease, deployment, TEMPLATE, testRelease } from './test-release.ts';
import type { Deployment, PodTemplate } from './workload.ts';

const text = fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== '__proto__');
const pairs = fc.dictionary(
  fc.oneof(fc.constantFrom('app', 'a/b', 'a~b', 'x.toolkit.fluxcd.io/y'), text),
  fc.string(),
  {
    noNullPrototype: true,
  },
);
const unknownFields = fc
  .dictionary(text, fc.jsonValue(), { noNullPrototype: true })
  // JSON.stringify, which is how a template travels, knows no negative zero.
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Record<string, unknown>);

const template: fc.Arbitrary<PodTemplate> = fc
  .record({ labels: pairs, annotations: pairs, known: fc.boolean(), inTemplate: unknownFields, inSpec: unknownFields })
  .map(({ labels, annotations, known, inTemplate, inSpec }) => ({
    ...inTemplate,
    metadata: { labels: { ...labels, app: 'podinfo' }, annotations },
    spec: {
      ...inSpec,
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'podinfo' } } }],
        },
      },
      topologySpreadConstraints: known ? [] : [{ labelSelector: { matchLabels: { app: 'podinfo', ...labels } } }],
    },
  }));

function patched(existing: Deployment, operations: ReturnType<typeof primaryPatch>): Deployment {
  return jsonPatch.applyPatch(structuredClone(existing), [...operations], true).newDocument;
}

describe('primaryTemplate()', () => {
  it("has the primary's label, and no annotations of Flux", () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': 'now', 'reconcile.toolkit.fluxcd.io/x': 'y' };
    const { metadata, spec } = TEMPLATE;
    assert.deepEqual(primaryTemplate(testRelease(), { metadata: { ...metadata, annotations }, spec: spec ?? {} }), {
      metadata: {
        labels: { app: 'podinfo-primary', tier: 'web' },
        annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' },
      },
      spec,
    });
  });

  it("rewrites spreading for the selector's value and for the Deployment's name, of its own label alone", () => {
    const release = testRelease({ deploymentSpec: { selector: { matchLabels: { app: 'web' } } } });
    const constraint = (app: string) => ({ labelSelector: { matchLabels: { app, name: 'web' } } });
    const spread = { topologySpreadConstraints: [constraint('web'), constraint('podinfo'), constraint('other')] };
    const labels = { app: 'web', name: 'web' };
    assert.deepEqual(primaryTemplate(release, { metadata: { labels }, spec: spread }).spec, {
      topologySpreadConstraints: [constraint('web-primary'), constraint('web-primary'), constraint('other')],
    });
  });

  it('keeps every field that it does not know', () => {
    fc.assert(
      fc.property(template, (given) => {
        const { metadata: _, spec, ...rest } = primaryTemplate(testRelease(), given);
        const { metadata: __, spec: givenSpec, ...givenRest } = given;
        assert.deepEqual(rest, givenRest);
        const rules = { affinity: 0, topologySpreadConstraints: 0 };
        assert.deepEqual({ ...spec, ...rules }, { ...givenSpec, ...rules });
      }),
    );
  });

  it('is the same when it is made of itself', () => {
    fc.assert(
      fc.property(template, (given) => {
        const once = primaryTemplate(testRelease(), given);
        assert.deepEqual(primaryTemplate(testRelease(), once), once);
      }),
    );
  });

  it('has the labels that a primary which is there selects its pods by', () => {
    const existing = deployment('podinfo-primary', { app: 'podinfo-primary', side: 'primary' }, TEMPLATE);
    const labels = { app: 'podinfo-primary', side: 'primary', tier: 'web' };
    assert.deepEqual(primaryTemplate(testRelease(), TEMPLATE, existing).metadata?.labels, labels);
  });

  it("changes of a canary's template only what the user's own primary selects by", () => {
    const existing = deployment('podinfo-blue', { app: 'blue' }, TEMPLATE);
    assert.deepEqual(primaryTemplate(adoptedRelease(), TEMPLATE, existing), {
      ...TEMPLATE,
      metadata: { labels: { app: 'blue', tier: 'web' } },
    });
    assert.throws(() => primaryTemplate(adoptedRelease(), TEMPLATE), /podinfo-blue is not there/);
  });
});

describe('primaryDeployment()', () => {
  it('rolls out as the target does, and selects its pods by one label', () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };
    const release = testRelease({
      metadata: { labels: { app: 'podinfo', 'team.io/name': 'a' }, annotations: { 'team.io/pager': 'b', note: 'c' } },
      deploymentSpec: {
        selector: { matchLabels: { app: 'podinfo', tier: 'web' } },
        strategy,
        progressDeadlineSeconds: 60,
        revisionHistoryLimit: 2,
        paused: true,
      },
      options: { includeLabelPrefixes: ['team.io/'] },
    });
    assert.deepEqual(primaryDeployment(release, TEMPLATE, 3), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'podinfo-primary',
        namespace: 'test',
        labels: { app: 'podinfo-primary', 'team.io/name': 'a' },
        annotations: { 'team.io/pager': 'b' },
      },
      spec: {
        strategy,
        progressDeadlineSeconds: 60,
        revisionHistoryLimit: 2,
        replicas: 3,
        selector: { matchLabels: { app: 'podinfo-primary' } },
        template: primaryTemplate(release, TEMPLATE),
      },
    });
  });

  it("is not there for a primary that is the user's own", () => {
    assert.throws(() => primaryDeployment(adoptedRelease(), TEMPLATE, 1), /podinfo-blue is the user's own/);
  });
});

describe('primaryPatch()', () => {
  const revision = 'f'.repeat(64);

  it("leads from any template to the primary's, and leaves the replicas", () => {
    const existing = deployment('podinfo-primary', { app: 'podinfo-primary' }, TEMPLATE);
    fc.assert(
      fc.property(template, template, (before, after) => {
        const primary = { ...existing, spec: { ...existing.spec, replicas: 7, template: before } };
        const { spec, metadata } = patched(primary, primaryPatch(testRelease(), after, revision, primary));
        assert.deepEqual(spec.template, primaryTemplate(testRelease(), after, primary));
        assert.equal(spec.replicas, 7);
        assert.deepEqual(metadata.annotations, { 'flagger.app/revision': revision });
      }),
    );
  });

  it("has the target's way of rolling out, and its included labels beside those that others gave", () => {
    const release = testRelease({
      metadata: { labels: { 'team.io/a~b': '1', app: 'podinfo' }, annotations: { 'team.io/x': '2', 'team.io/y': '3' } },
      deploymentSpec: { strategy: { type: 'Recreate' } },
      options: { includeLabelPrefixes: ['team.io/', 'app'] },
      service: { unmanagedMetadata: { annotations: ['team.io/y'] } },
    });
    const { metadata, spec } = deployment('podinfo-primary', { app: 'podinfo-primary' }, TEMPLATE);
    const primary = {
      metadata: { ...metadata, labels: { mine: 'x' }, annotations: { mine: 'x', 'flagger.app/revision': '1' } },
      spec: { ...spec, strategy: { type: 'RollingUpdate', rollingUpdate: {} }, minReadySeconds: 5 },
    };
    const result = patched(primary, primaryPatch(release, TEMPLATE, revision, primary));
    assert.deepEqual(result.metadata.labels, { mine: 'x', 'team.io/a~b': '1' });
    assert.deepEqual(result.metadata.annotations, { mine: 'x', 'team.io/x': '2', 'flagger.app/revision': revision });
    assert.deepEqual(result.spec, {
      ...spec,
      strategy: { type: 'Recreate' },
      template: primaryTemplate(release, TEMPLATE, primary),
    });
  });

  it('is refused for another Deployment of the same name', () => {
    const primary = deployment('podinfo-primary', { app: 'podinfo-primary' }, TEMPLATE);
    const another = { ...primary, metadata: { ...primary.metadata, uid: 'another' } };
    assert.throws(
      () => patched(another, primaryPatch(testRelease(), TEMPLATE, revision, primary)),
      /TEST_OPERATION_FAILED/,
    );
  });

  it("gives the user's own primary nothing but the template and its revision", () => {
    const primary = deployment('podinfo-blue', { app: 'blue' }, TEMPLATE);
    const paths = primaryPatch(adoptedRelease(), TEMPLATE, revision, primary).map(({ path }) => path);
    assert.deepEqual(paths, ['/metadata/uid', '/spec/template', '/metadata/annotations']);
  });
});
