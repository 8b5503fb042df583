import type { Provider } from '../../api/provider-abilities.ts';
import { ROUTE_KINDS, type RouteKind } from '../../api/route-kinds.ts';
import { ask } from './ask.ts';
import { type CheckLine, fail, ok, warn } from './check-line.ts';
import type { Site } from './site.ts';

/** Whether a kind is served; nobody needs a right to ask. */
export type IsServed = (kind: RouteKind) => boolean;

/** Asks for each group and version that any provider needs, once. */
export async function readServed({ transport, signal }: Site): Promise<IsServed> {
  const versions = [
    ...new Set(Object.values(ROUTE_KINDS).flatMap((kinds) => kinds.map(({ apiVersion }) => apiVersion))),
  ];
  const served = await Promise.all(
    versions.map(async (apiVersion): Promise<readonly [string, ReadonlySet<string>]> => {
      const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const answer = await ask<{ readonly resources?: readonly { readonly name: string }[] }>(transport, {
        path,
        signal,
      });
      const names = answer.kind === 'found' ? (answer.value.resources ?? []) : [];
      return [apiVersion, new Set(names.map(({ name }) => name))];
    }),
  );
  const resources = new Map(served);
  return ({ apiVersion, plural }) => resources.get(apiVersion)?.has(plural) === true;
}

/** A line for each provider that canaries have, and one for that of canaries that name none. */
export function judgeProviders(
  used: readonly Provider[],
  defaultProvider: Provider,
  isServed: IsServed,
): readonly CheckLine[] {
  const needed = used.map((provider) => judgeProvider(provider, 'canaries have it', isServed, fail));
  if (used.includes(defaultProvider)) return needed;
  return [...needed, judgeProvider(defaultProvider, 'of canaries that name none', isServed, warn)];
}

function judgeProvider(provider: Provider, why: string, isServed: IsServed, bad: typeof fail): CheckLine {
  const name = `provider ${provider}`;
  const kinds = ROUTE_KINDS[provider];
  if (kinds === undefined)
    return warn(name, `${why}, and it is not driven yet: they are held`, 'write another provider in spec.provider');
  const missing = kinds.filter((kind) => !isServed(kind)).map(titleOf);
  if (missing.length === 0) return ok(name, `${why}, and the cluster has ${kinds.map(titleOf).join(' and ')}`);
  return bad(
    name,
    `${why}, and the cluster has no ${missing.join(' and no ')}`,
    `install ${provider.replace(/:.*/, '')}`,
  );
}

/** Before anything is installed: who could split the traffic. */
export function judgeGateways(isServed: IsServed): CheckLine {
  const there = Object.entries(ROUTE_KINDS).filter(([, kinds]) => kinds.every(isServed));
  const names = there.map(([provider]) => provider);
  const name = 'providers';
  return names.some((provider) => provider !== 'kubernetes')
    ? ok(name, names.join(', '))
    : warn(
        name,
        'no gateway or mesh that is driven: only provider kubernetes can be used',
        'install Contour, Istio or a Gateway API',
      );
}

function titleOf({ apiVersion, plural }: RouteKind): string {
  return `${plural} of ${apiVersion}`;
}
