// What no definition can know: manifests beside what else there is. test/e2e/webhook has them against a real webhook.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cluster } from '../../api/cluster/cluster.ts';
import { type Reference, referencesOfAction, referencesOfCanary } from '../../api/cluster/references.ts';
import { validateInCluster } from '../../api/cluster/validate-in-cluster.ts';
import { withDefaults } from '../../api/defaults.ts';
import type { Canary } from '../../api/generated/canary.ts';
import type { CanaryAction } from '../../api/generated/canary-action.ts';
import type { MetricTemplate } from '../../api/generated/metric-template.ts';
import { action, analysis, canary, type Manifest, metrics, template } from './manifest.ts';
import { examples, rightManifests } from './right.ts';
import { wrongInACluster } from './wrong-in-a-cluster.ts';

const inNamespace = (manifest: Manifest) =>
  ({ ...manifest, metadata: { namespace: 'test', ...manifest.metadata } }) as unknown;
const ofKind = <T>(kind: string, manifests: readonly Manifest[]) =>
  manifests.filter((manifest) => manifest.kind === kind).map((manifest) => inNamespace(manifest) as T);

function beside(existing: readonly Manifest[], more: Partial<Cluster> = {}): Cluster {
  return {
    defaultProvider: 'istio',
    scrapeIntervalMs: 15_000,
    canaries: ofKind<Canary>('Canary', existing),
    templates: ofKind<MetricTemplate>('MetricTemplate', existing),
    missing: [],
    ...more,
  };
}

const check = (manifest: Manifest, cluster: Cluster) =>
  validateInCluster(manifest.kind, inNamespace(manifest), cluster);
const paths = (findings: readonly { readonly path: string }[]) => findings.map(({ path }) => path);

const right = [...rightManifests, ...(await examples())];

describe('a manifest beside what else there is', () => {
  for (const { why, manifest, path, existing, provider } of wrongInACluster) {
    it(`is refused: ${manifest.kind}, ${why}`, () => {
      const { errors } = check(manifest, beside(existing, { defaultProvider: provider }));
      assert.deepEqual(paths(errors), [path]);
    });
  }

  for (const { what, manifest } of right) {
    it(`is accepted where there is nothing else: ${manifest.kind}, ${what}`, () => {
      assert.deepEqual(check(manifest, beside([])).errors, []);
    });
  }

  it('may be what it was, with another name of its target than its neighbours', () => {
    const neighbour: Manifest = { ...canary({ targetRef: { name: 'backend' } }), metadata: { name: 'backend' } };
    assert.deepEqual(check(canary(), beside([canary(), neighbour])).errors, []);
  });

  it('may take the target of one that is being deleted, or that has a shape of which nothing can be said', () => {
    const ending = { ...canary(), metadata: { name: 'other', deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const foreign: Manifest = { ...canary({ targetRef: null }), metadata: { name: 'foreign' } };
    assert.deepEqual(check(canary(), beside([ending, foreign])).errors, []);
  });

  it('is refused for what is wrong in it by itself before anything else is looked at', () => {
    const { errors, warnings } = check(
      analysis({ threshold: -1 }),
      beside([{ ...canary(), metadata: { name: 'other' } }]),
    );
    assert.deepEqual(paths(errors), ['spec.analysis.threshold']);
    assert.deepEqual(warnings, []);
  });
});

describe('a warning', () => {
  it('is given for each object that is not there yet', () => {
    const references = [
      { path: 'spec.targetRef', apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'test', name: 'podinfo' },
    ];
    const { errors, warnings } = check(canary(), beside([], { missing: references }));
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings, [{ path: 'spec.targetRef', message: 'there is no Deployment test/podinfo yet' }]);
  });

  it('is given for a canary that its autoscaler does not leave as small as it says', () => {
    const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
    const warned = (spec: Parameters<typeof canary>[0], scalerMinReplicas?: number) =>
      check(canary(spec), beside([], scalerMinReplicas === undefined ? {} : { scalerMinReplicas })).warnings;
    assert.deepEqual(warned({ autoscalerRef, canaryReplicas: 2 }, 3), [
      {
        path: 'spec.canaryReplicas',
        message: 'is less than the minReplicas of HorizontalPodAutoscaler podinfo, which makes it 3 soon after',
      },
    ]);
    assert.deepEqual(warned({ autoscalerRef, canaryReplicas: 3 }, 3), []);
    assert.deepEqual(warned({ autoscalerRef, canaryReplicas: 2 }), []);
    assert.deepEqual(warned({ autoscalerRef, canaryReplicas: '10%' }, 3), []);
    assert.deepEqual(warned({ canaryReplicas: 2 }, 3), []);
  });

  it('names the analysis as the manifest does', () => {
    const canaryAnalysis = {
      ...{ interval: '1m', threshold: 5, stepWeight: 10, maxWeight: 50 },
      metrics: [{ name: 'request-success-rate', threshold: 99, interval: '10s' }],
    };
    const old = canary({ analysis: null, canaryAnalysis });
    assert.deepEqual(paths(check(old, beside([])).warnings).toSorted(), [
      'spec.canaryAnalysis',
      'spec.canaryAnalysis.metrics[0].interval',
    ]);
  });

  it('is given for an interval that is shorter than two scrapes, where Prometheus is asked', () => {
    const elsewhere = template({ type: 'datadog', address: null, secretRef: { name: 'keys' } });
    const asksElsewhere = metrics({ name: 'errors', interval: '20s', templateRef: { name: 'error-rate' } });
    assert.deepEqual(paths(check(metrics({ interval: '20s' }), beside([])).warnings), [
      'spec.analysis.metrics[0].interval',
    ]);
    assert.deepEqual(paths(check(metrics({ interval: '30s' }), beside([])).warnings), []);
    assert.deepEqual(paths(check(asksElsewhere, beside([template()])).warnings), ['spec.analysis.metrics[0].interval']);
    assert.deepEqual(paths(check(asksElsewhere, beside([elsewhere])).warnings), []);
  });

  it('is given for a variable whose value would change what the query asks', () => {
    const asking = template({}, { query: 'rate(x{path="{{ variables.path }}"}[{{ variables.over }}])' });
    const warned = (templateVariables: object) =>
      check(metrics({ name: 'errors', templateRef: { name: 'error-rate' }, templateVariables }), beside([asking]))
        .warnings;
    assert.deepEqual(warned({ path: '"}[1m]) or x{a="', over: '5m' }), []);
    const [wrong, ...others] = warned({ path: '/', over: '5m]) or (y[5m' });
    assert.deepEqual(others, []);
    assert.equal(wrong?.path, 'spec.analysis.metrics[0].templateVariables');
    assert.match(wrong.message, /^does not fit MetricTemplate error-rate, line 1, column 37: variables.over is /);
  });

  it('is not given for a stored template that nobody can read', () => {
    const asks = metrics({ name: 'errors', interval: '20s', templateRef: { name: 'error-rate' } });
    for (const spec of [undefined, null, {}, { provider: null, query: 7 }, { provider: { type: 7 } }])
      assert.deepEqual(check(asks, beside([{ ...template(), spec } as Manifest])), { errors: [], warnings: [] });
  });
});

describe('references', () => {
  const short = ({ path, kind, apiVersion, namespace, name }: Reference) =>
    `${path} ${apiVersion} ${kind} ${namespace}/${name}`;
  const ofCanary = (manifest: Manifest) =>
    referencesOfCanary(withDefaults('Canary', inNamespace(manifest)) as Canary).map(short);

  it('are a canary’s target, templates and alert providers, in its own namespace where none is named', () => {
    const manifest = analysis({
      metrics: [
        { name: 'request-success-rate', thresholdRange: { min: 99 } },
        { name: 'a', thresholdRange: { max: 1 }, templateRef: { name: 'errors' } },
        { name: 'b', thresholdRange: { max: 1 }, templateRef: { name: 'errors', namespace: 'shared' } },
      ],
      alerts: [{ name: 'on-call', severity: 'error', providerRef: { name: 'slack', namespace: 'shared' } }],
    });
    assert.deepEqual(ofCanary(manifest), [
      'spec.targetRef apps/v1 Deployment test/podinfo',
      'spec.analysis.metrics[1].templateRef flagger.app/v1beta1 MetricTemplate test/errors',
      'spec.analysis.metrics[2].templateRef flagger.app/v1beta1 MetricTemplate shared/errors',
      'spec.analysis.alerts[0].providerRef flagger.app/v1beta1 AlertProvider shared/slack',
    ]);
  });

  it('are the autoscaler of its target as it is served today, whatever version is written', () => {
    const ref = { apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
    const [, scaler] = ofCanary(canary({ autoscalerRef: ref }));
    assert.equal(scaler, 'spec.autoscalerRef autoscaling/v2 HorizontalPodAutoscaler test/podinfo');
  });

  it('are read of the group that a kind is in, whatever is written', () => {
    const of = (targetRef: object) => ofCanary(canary({ targetRef: { ...targetRef } }))[0];
    assert.equal(of({ apiVersion: 'v1' }), 'spec.targetRef apps/v1 Deployment test/podinfo');
    assert.equal(of({ apiVersion: 'core/v1', kind: 'Service' }), 'spec.targetRef v1 Service test/podinfo');
    const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service' };
    assert.equal(of(knative), 'spec.targetRef serving.knative.dev/v1 Service test/podinfo');
  });

  it('are an action’s canary', () => {
    const references = referencesOfAction(inNamespace(action()) as CanaryAction);
    assert.deepEqual(references.map(short), ['spec.canary flagger.app/v1beta1 Canary test/podinfo']);
  });
});
