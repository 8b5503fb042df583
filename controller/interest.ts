import { autoscalerNames, primaryScalerName } from '../api/autoscaler-names.ts';
import type { Canary } from '../api/generated/canary.ts';
import { readableNames } from '../api/names.ts';

/** Which canaries a Deployment or an autoscaler is of interest to, and which there are in a namespace, by `namespace/name`. */
export interface Interest {
  /** A canary as it is now; `undefined` when it is gone. */
  set(key: string, canary: Canary | undefined): void;
  ofDeployment(key: string): readonly string[];
  ofAutoscaler(key: string): readonly string[];
  inNamespace(namespace: string): readonly string[];
  /** Of its namespace, those that have a name for one of their objects that it has for one of its own; itself too, if it is set. */
  sharing(canary: Canary): readonly string[];
}

export function createInterest(): Interest {
  const byDeployment = new Map<string, Set<string>>();
  const byAutoscaler = new Map<string, Set<string>>();
  const byNamespace = new Map<string, Set<string>>();
  const byObject = new Map<string, Set<string>>();
  const placesOf = new Map<string, readonly (readonly [Map<string, Set<string>>, string])[]>();
  return {
    set(key: string, canary: Canary | undefined): void {
      for (const [map, place] of placesOf.get(key) ?? []) {
        map.get(place)?.delete(key);
        if (map.get(place)?.size === 0) map.delete(place);
      }
      placesOf.delete(key);
      if (canary === undefined) return;
      const { namespace } = canary.metadata;
      const places = [
        [byNamespace, namespace] as const,
        ...deploymentNames(canary).map((name) => [byDeployment, `${namespace}/${name}`] as const),
        ...autoscalersOf(canary).map((name) => [byAutoscaler, `${namespace}/${name}`] as const),
        ...objectNames(canary).map((name) => [byObject, `${namespace}/${name}`] as const),
      ];
      for (const [map, place] of places) map.set(place, (map.get(place) ?? new Set()).add(key));
      placesOf.set(key, places);
    },
    ofDeployment: (key: string): readonly string[] => [...(byDeployment.get(key) ?? [])],
    ofAutoscaler: (key: string): readonly string[] => [...(byAutoscaler.get(key) ?? [])],
    inNamespace: (name: string): readonly string[] => [...(byNamespace.get(name) ?? [])],
    sharing(canary: Canary): readonly string[] {
      const { namespace } = canary.metadata;
      const keys = objectNames(canary).flatMap((name) => [...(byObject.get(`${namespace}/${name}`) ?? [])]);
      return [...new Set(keys)];
    },
  };
}

function autoscalersOf({ spec, status }: Canary): readonly string[] {
  const names = autoscalerNames(spec);
  const { scaler } = status ?? {};
  return [
    ...(names === undefined ? [] : [names.target, names.primary]),
    ...(scaler === undefined ? [] : [primaryScalerName(scaler.name)]),
  ];
}

/** A canary that another definition let through is refused when it is looked at. */
export function deploymentNames({ spec }: Canary): readonly string[] {
  const names = readableNames(spec);
  return names === undefined ? [] : [names.target.name, names.primary];
}

/** Of whatever kind: what two canaries both have a name for may still be two things. */
function objectNames({ spec }: Canary): readonly string[] {
  const names = readableNames(spec);
  if (names === undefined) return [];
  const { target, primary, apexService, primaryService, canaryService } = names;
  return [...new Set([target.name, primary, apexService, primaryService, canaryService])];
}
