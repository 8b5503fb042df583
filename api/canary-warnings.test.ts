import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canaryWarnings } from './canary-warnings.ts';
import type { Canary } from './generated/canary.ts';

const paths = (spec: object) =>
  canaryWarnings.flatMap((rule) => [...rule({ spec } as Canary)]).map((warning) => warning.path);
const target = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } };

describe('canaryWarnings', () => {
  it('have nothing to say about a plain canary', () => {
    assert.deepEqual(
      paths({
        ...target,
        provider: 'istio',
        service: { gateways: ['mesh'] },
        analysis: { stepWeight: 5, maxWeight: 50 },
      }),
      [],
    );
  });

  it('name a greatest weight that nothing asks for', () => {
    assert.deepEqual(paths({ ...target, analysis: { stepWeights: [10, 60], maxWeight: 50 } }), [
      'spec.analysis.maxWeight',
    ]);
    assert.deepEqual(paths({ ...target, analysis: { iterations: 10, maxWeight: 50 } }), ['spec.analysis.maxWeight']);
  });

  it('name what is for another provider, where the provider is known', () => {
    const fields = { ingressRef: {}, service: { gatewayRefs: [], delegation: true, meshName: 'global' } };
    assert.deepEqual(paths({ ...target, ...fields, provider: 'gatewayapi:v1' }), [
      'spec.ingressRef',
      'spec.service.delegation',
      'spec.service.meshName',
    ]);
    assert.deepEqual(paths({ ...target, ...fields }), []);
  });

  it('name what of a strategy a route has no place for', () => {
    const analysis = {
      ...{ iterations: 3, mirror: true, mirrorWeight: 30, sessionAffinity: {} },
      match: [{ headers: {} }, { sourceLabels: { app: 'web' } }],
    };
    const ofAll = ['spec.analysis.match[1].sourceLabels', 'spec.analysis.sessionAffinity'];
    assert.deepEqual(paths({ ...target, analysis, provider: 'gatewayapi:v1' }), [
      ...ofAll,
      'spec.analysis.mirrorWeight',
    ]);
    assert.deepEqual(paths({ ...target, analysis, provider: 'contour' }), ofAll);
    assert.deepEqual(paths({ ...target, analysis, provider: 'istio' }), ['spec.analysis.sessionAffinity']);
    const byWeight = { stepWeight: 10, sessionAffinity: {}, mirror: true };
    assert.deepEqual(paths({ ...target, analysis: byWeight, provider: 'gatewayapi:v1' }), []);
  });

  it('name what a TrafficSplit has no place for', () => {
    const service = {
      ...{ hosts: ['podinfo', 'app.example.com'], match: [{ uri: { prefix: '/' } }], rewrite: { uri: '/' } },
      ...{ timeout: '5s', retries: { attempts: 3 }, headers: {}, corsPolicy: {}, trafficPolicy: {} },
    };
    for (const provider of ['smi:v1alpha1', 'smi:v1alpha2', 'smi:v1alpha3', 'smi:crossover', 'linkerd']) {
      assert.deepEqual(
        paths({ ...target, provider, service }).toSorted(),
        [
          ...['spec.service.corsPolicy', 'spec.service.headers', 'spec.service.hosts[1]', 'spec.service.match'],
          ...['spec.service.retries', 'spec.service.rewrite', 'spec.service.timeout', 'spec.service.trafficPolicy'],
        ],
        provider,
      );
      assert.deepEqual(paths({ ...target, provider, service: { port: 80, hosts: ['podinfo'] } }), []);
    }
  });

  it('name a query under the name of a built-in check', () => {
    const metrics = [{ name: 'request-duration' }, { name: 'request-duration', templateRef: { name: 'p99' } }];
    assert.deepEqual(paths({ ...target, analysis: { metrics } }), ['spec.analysis.metrics[1].name']);
  });

  it('name a Deployment of v1', () => {
    assert.deepEqual(paths({ targetRef: { ...target.targetRef, apiVersion: 'v1' } }), ['spec.targetRef.apiVersion']);
  });

  it('name the layouts before v1beta1', () => {
    assert.deepEqual(paths({ canary: {}, primary: {}, canaryAnalysis: {} }), ['spec.canary']);
    assert.deepEqual(paths({ ...target, canaryAnalysis: {} }), ['spec.canaryAnalysis']);
  });
});
