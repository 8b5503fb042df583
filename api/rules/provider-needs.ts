// What a provider has to be told. Where spec.provider is empty it is the controller's own, which only the webhook knows.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { isKnative } from '../knative.ts';

export function* ingressProviderHasIngress({ spec }: Canary): Iterable<Finding> {
  const { provider } = spec;
  if ((provider === 'nginx' || provider === 'skipper') && spec.ingressRef === undefined) {
    yield { path: 'spec.ingressRef', message: `write the Ingress in front of the target, which ${provider} splits` };
  }
}

export function* apisixHasRoute({ spec }: Canary): Iterable<Finding> {
  if (spec.provider === 'apisix' && spec.routeRef === undefined) {
    yield { path: 'spec.routeRef', message: 'write the ApisixRoute in front of the target, which apisix splits' };
  }
}

export function* gatewayApiHasParent({ spec }: Canary): Iterable<Finding> {
  const { provider = '', service } = spec;
  if (!provider.startsWith('gatewayapi:') || service === undefined) return;
  if ((service.gatewayRefs ?? []).length === 0) {
    yield { path: 'spec.service.gatewayRefs', message: 'write the Gateway that the HTTPRoute is attached to' };
  }
}

export function* appMeshHasMesh({ spec }: Canary): Iterable<Finding> {
  const { provider, service } = spec;
  if (provider !== 'appmesh' || service === undefined) return;
  if ((service.meshName ?? '') === '') {
    yield { path: 'spec.service.meshName', message: 'write the mesh that the virtual nodes belong to' };
  }
}

export function* knativeServiceHasKnative({ spec }: Canary): Iterable<Finding> {
  if (isKnative(spec.targetRef) && spec.provider !== 'knative') {
    yield { path: 'spec.provider', message: 'write knative, which alone splits a Knative Service' };
  }
}

export function* knativeHasKnativeService({ spec }: Canary): Iterable<Finding> {
  if (spec.provider === 'knative' && spec.targetRef !== undefined && !isKnative(spec.targetRef)) {
    const message = 'write a Knative Service (apiVersion serving.knative.dev/v1, kind Service), or another provider';
    yield { path: 'spec.targetRef', message };
  }
}

export function* knativeHasNoAutoscaler({ spec }: Canary): Iterable<Finding> {
  if (spec.provider === 'knative' && spec.autoscalerRef !== undefined) {
    yield { path: 'spec.autoscalerRef', message: 'remove it, as Knative scales its revisions itself' };
  }
}
