// A reference names a kind together with the group that has it.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

export function* targetIsOfItsGroup({ spec }: Canary): Iterable<Finding> {
  if (spec.targetRef === undefined) return;
  const { apiVersion, kind } = spec.targetRef;
  const path = 'spec.targetRef.apiVersion';
  if (kind === 'Service') {
    if (!['v1', 'core/v1', 'serving.knative.dev/v1'].includes(apiVersion)) {
      yield { path, message: 'write v1 for a Service, or serving.knative.dev/v1 for a Knative Service' };
    }
  } else if (apiVersion !== 'v1' && !startsWithOne(apiVersion, ['apps/', 'extensions/'])) {
    // The group of a Deployment was never looked at, and examples that say v1 are around.
    yield { path, message: 'write apps/v1 for a Deployment or a DaemonSet' };
  }
}

export function* autoscalerIsOfItsGroup({ spec }: Canary): Iterable<Finding> {
  if (spec.autoscalerRef === undefined) return;
  const { apiVersion, kind } = spec.autoscalerRef;
  if (!apiVersion.startsWith(kind === 'ScaledObject' ? 'keda.sh/' : 'autoscaling/')) {
    const message = 'write autoscaling/v2 for a HorizontalPodAutoscaler, keda.sh/v1alpha1 for a ScaledObject';
    yield { path: 'spec.autoscalerRef.apiVersion', message };
  }
}

export function* routingIsOfItsGroup({ spec }: Canary): Iterable<Finding> {
  const expected = [
    ['ingressRef', ['networking.k8s.io/', 'extensions/'], 'write networking.k8s.io/v1, the group of Ingress'],
    ['routeRef', ['apisix.apache.org/'], 'write apisix.apache.org/v2, the group of ApisixRoute'],
    ['upstreamRef', ['gloo.solo.io/', 'gateway.solo.io/'], 'write gloo.solo.io/v1, the group of Upstream'],
  ] as const;
  for (const [field, groups, message] of expected) {
    const reference = spec[field];
    if (reference !== undefined && !startsWithOne(reference.apiVersion, groups)) {
      yield { path: `spec.${field}.apiVersion`, message };
    }
  }
}

function startsWithOne(text: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => text.startsWith(beginning));
}
