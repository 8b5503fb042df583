import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { referredNamespace } from '../referred-namespace.ts';
import type { Cluster } from './cluster.ts';

/** References to objects of other namespaces, where the installation forbids them; as Flagger, it lets Gateways be anywhere. */
export function* staysInItsNamespace(canary: Canary, { crossNamespaceRefs = true }: Cluster): Iterable<Finding> {
  if (!crossNamespaceRefs) yield* foreignReferences(canary);
}

export function* foreignReferences({ metadata: { namespace: own }, spec }: Canary): Iterable<Finding> {
  const { metrics = [], alerts = [] } = spec.analysis ?? {};
  const references = [
    { path: 'spec.upstreamRef', kind: 'Upstream', reference: spec.upstreamRef },
    ...metrics.map(({ templateRef: reference }, index) => ({
      ...{ path: `spec.analysis.metrics[${index}].templateRef`, kind: 'MetricTemplate', reference },
    })),
    ...alerts.map(({ providerRef: reference }, index) => ({
      ...{ path: `spec.analysis.alerts[${index}].providerRef`, kind: 'AlertProvider', reference },
    })),
  ];
  for (const { path, kind, reference } of references) {
    if (reference === undefined) continue;
    const namespace = referredNamespace(reference, own);
    if (namespace !== own) yield { path, message: forbiddenText(`${kind} ${namespace}/${reference.name}`) };
  }
}

/** @param title such as `MetricTemplate observability/latency` */
export function forbiddenText(title: string): string {
  return `${title} is of another namespace, which --no-cross-namespace-refs forbids: use one of the canary's own`;
}
