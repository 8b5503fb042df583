// A release for the tests of this folder.
import { withDefaults } from '../../api/defaults.ts';
import type { Canary, CanaryService, CanarySpec } from '../../api/generated/canary.ts';
import { releaseNames } from '../../api/names.ts';
import type { Deployment, GenerationOptions, PodTemplate, Release } from './workload.ts';

export interface TestRelease {
  readonly spec?: Partial<CanarySpec>;
  readonly service?: Partial<CanaryService>;
  readonly options?: Partial<GenerationOptions>;
  readonly metadata?: Partial<Deployment['metadata']>;
  readonly deploymentSpec?: Partial<Deployment['spec']>;
}

export const TEMPLATE: PodTemplate = {
  metadata: { labels: { app: 'podinfo', tier: 'web' } },
  spec: { containers: [{ name: 'podinfo', ports: [{ name: 'http', containerPort: 9898 }] }] },
};

export function deployment(name: string, labels: Readonly<Record<string, string>>, template: PodTemplate): Deployment {
  return {
    metadata: { name, namespace: 'test', uid: `uid-of-${name}`, resourceVersion: '1', generation: 1 },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
}

/** The canary podinfo in the namespace test, with a Service on port 80. */
export function testRelease({ spec, service, options, metadata, deploymentSpec }: TestRelease = {}): Release {
  const canary = withDefaults('Canary', {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: spec ?? {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 80, targetPort: 9898, ...service },
    },
  }) as Canary;
  const target = deployment('podinfo', { app: 'podinfo' }, TEMPLATE);
  return {
    canary,
    names: releaseNames(canary.spec),
    target: {
      metadata: { ...target.metadata, ...metadata },
      spec: { ...target.spec, ...deploymentSpec },
    },
    options: { selectorLabels: ['app', 'name', 'app.kubernetes.io/name'], includeLabelPrefixes: [], ...options },
  };
}

/** In the layout of 2018, where the primary is the user's own Deployment. */
export function adoptedRelease(): Release {
  return testRelease({
    spec: {
      virtualService: { name: 'podinfo' },
      primary: { name: 'podinfo-blue', host: 'podinfo-blue' },
      canary: { name: 'podinfo', host: 'podinfo' },
    },
  });
}
