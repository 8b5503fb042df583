// The safety rules that a single write can break, by what the API server has at that moment.
import type { Canary } from '../../../api/generated/canary.ts';
import { CANARIES, DEPLOYMENTS } from '../../../api/resources.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import { isNotFound } from '../../../kube/errors.ts';
import { objectPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { placeOf } from './what-is-written.ts';
import type { Write } from './write-proxy.ts';

export interface Deployment {
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly availableReplicas?: number };
}
interface HttpProxy {
  readonly spec?: {
    readonly routes?: readonly {
      readonly services?: readonly { readonly name: string; readonly weight?: number }[];
    }[];
  };
}
interface Operation {
  readonly path: string;
  readonly value?: unknown;
}

/** What there is when a write arrives. */
export interface Sight {
  readonly canary: Canary | undefined;
  readonly target: Deployment | undefined;
  readonly primary: Deployment | undefined;
  readonly route: HttpProxy | undefined;
}

export async function lookAt(server: Transport, namespace: string, name: string): Promise<Sight> {
  const read = async <T>(resource: Resource, of: string): Promise<T | undefined> => {
    try {
      return await server.request<T>({ path: objectPath(resource, { namespace, name: of }) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const [canary, target, primary, route] = await Promise.all([
    read<Canary>(CANARIES, name),
    read<Deployment>(DEPLOYMENTS, name),
    read<Deployment>(DEPLOYMENTS, `${name}-primary`),
    read<HttpProxy>(HTTP_PROXY, name),
  ]);
  return { canary, target, primary, route };
}

/** Why a write must not be; `undefined` where nothing speaks against it. */
export function brokenRule(write: Write, namespace: string, name: string, sight: Sight): string | undefined {
  const place = placeOf(write);
  if (place.namespace !== namespace) return 'it is in another namespace';
  if (write.method === 'DELETE') return 'nothing of these releases is to be deleted';
  if (place.plural === 'httpproxies') return brokenByRoute(write.body as HttpProxy, name, sight);
  if (place.plural !== 'deployments' || !Array.isArray(write.body)) return undefined;
  const operations = write.body as readonly Operation[];
  return place.name === name ? brokenByScale(operations, name, sight) : brokenByTemplate(operations, sight);
}

/** Weights sum to 100, are what the status wants, and go to a canary that is ready. */
function brokenByRoute(route: HttpProxy, name: string, { canary, target }: Sight): string | undefined {
  const [toPrimary, toCanary] = weightsOf(route, name);
  const isIntroduced = toPrimary === 0 && toCanary === 0 && canary?.status?.phase === 'Initializing';
  if (isIntroduced) return undefined;
  const { desiredWeight = 0 } = canary?.status ?? {};
  if (toCanary !== desiredWeight) return `the status wants ${desiredWeight} % on the canary, and not ${toCanary}`;
  if (toPrimary + toCanary !== 100) return `${toPrimary} % and ${toCanary} % are not all`;
  const ready = target?.status?.availableReplicas ?? 0;
  return toCanary > 0 && ready === 0 ? 'no pod of the canary is available' : undefined;
}

/** No pod of the target goes while the route leads to it, or nobody else answers. */
function brokenByScale(operations: readonly Operation[], name: string, { primary, route }: Sight): string | undefined {
  const replicas = operations.find(({ path }) => path === '/spec/replicas')?.value;
  if (replicas !== 0) return undefined;
  const [toPrimary, toCanary] = weightsOf(route, name);
  if (toPrimary !== 100 || toCanary !== 0)
    return `the route leads to the primary by ${toPrimary}, to the canary by ${toCanary}`;
  return (primary?.status?.availableReplicas ?? 0) === 0 ? 'no pod of the primary is available' : undefined;
}

/** The primary's template becomes the one that has passed every step of its run. */
function brokenByTemplate(operations: readonly Operation[], { canary }: Sight): string | undefined {
  if (!operations.some(({ path }) => path === '/spec/template')) return undefined;
  const { phase, ending, step, steps, lastAppliedSpec } = canary?.status ?? {};
  if (phase !== 'Promoting' || ending !== undefined) return `the status does not promote: it is ${phase}`;
  if (step !== steps) return `only ${step} of ${steps} steps have passed`;
  const isOfRun = operations.some(({ path, value }) => isRevision(path) && value === lastAppliedSpec);
  return isOfRun ? undefined : 'it is not the revision that the status promotes';
}

function isRevision(path: string): boolean {
  return path.endsWith('/flagger.app~1revision');
}

function weightsOf(route: HttpProxy | undefined, name: string): readonly [primary: number, canary: number] {
  const services = route?.spec?.routes?.[0]?.services ?? [];
  const weightOf = (of: string) => services.find((service) => service.name === of)?.weight ?? 0;
  return [weightOf(`${name}-primary`), weightOf(`${name}-canary`)];
}
