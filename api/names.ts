import type { CanarySpec, TargetRef } from './generated/canary.ts';

/** The objects of a release, by their names in the canary's namespace. */
export interface ReleaseNames {
  /** The workload whose changes are released. */
  readonly target: TargetRef;
  /** The workload that has the promoted revision. */
  readonly primary: string;
  /** The Service that clients call. It is also the name of the route that splits its traffic. */
  readonly apexService: string;
  readonly primaryService: string;
  readonly canaryService: string;
  /** Whether the primary, the Services and the route are the user's own: then they are neither made nor deleted. */
  readonly adopted: boolean;
}

/** The names for a canary that `validate` has nothing against. Knative makes its own Services: there are none of ours. */
export function releaseNames({ targetRef, service, canary, primary, virtualService }: CanarySpec): ReleaseNames {
  if (targetRef !== undefined) {
    const apexService = service?.name ?? targetRef.name;
    return {
      target: targetRef,
      primary: `${targetRef.name}-primary`,
      apexService,
      primaryService: `${apexService}-primary`,
      canaryService: `${apexService}-canary`,
      adopted: false,
    };
  }
  if (canary === undefined || primary === undefined || virtualService === undefined) {
    throw new TypeError('a canary has a targetRef, or all of canary, primary and virtualService');
  }
  return {
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: canary.name },
    primary: primary.name,
    apexService: virtualService.name,
    primaryService: primary.host,
    canaryService: canary.host,
    adopted: true,
  };
}

/** The same of any canary; `undefined` of one that was made under another definition, such as Flagger's own. */
export function readableNames(spec: CanarySpec): ReleaseNames | undefined {
  try {
    return releaseNames(spec);
  } catch {
    return undefined;
  }
}
