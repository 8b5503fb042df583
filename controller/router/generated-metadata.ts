import type { Manifest } from '../../kube/apply.ts';
import type { Routed } from './router.ts';

/** Flux leaves objects with these alone: it would set a route that somebody keeps in git back to the weights there. */
export const HANDS_OFF = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

/** Metadata of the object that splits the traffic: as the apex Service's, less what is said to be somebody else's. */
export function routeMetadata({ canary, names }: Routed): Manifest['metadata'] {
  const { apex, unmanagedMetadata } = canary.spec.service ?? {};
  const labels = without(apex?.labels ?? {}, unmanagedMetadata?.labels);
  const annotations = { ...without(apex?.annotations ?? {}, unmanagedMetadata?.annotations), ...HANDS_OFF };
  return { name: names.apexService, ...(Object.keys(labels).length === 0 ? {} : { labels }), annotations };
}

/** Metadata of an object beside it. */
export function companionMetadata(name: string): Manifest['metadata'] {
  return { name, annotations: HANDS_OFF };
}

function without(map: Readonly<Record<string, string>>, keys: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}
