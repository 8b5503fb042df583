import { analysisOf } from '../api/analysis.ts';
import { findingText } from '../api/finding.ts';
import type { Canary } from '../api/generated/canary.ts';
import { type ReleaseNames, readableNames, releaseNames } from '../api/names.ts';
import type { Provider } from '../api/provider-abilities.ts';
import type { Resource } from '../kube/resource.ts';
import { autoscalerFacts, autoscalerOf, autoscalerRefusals } from './autoscaler.ts';
import { requestedActions } from './canary-actions.ts';
import { missingCopies } from './config-copies.ts';
import type { ConfigFacts } from './config-store.ts';
import type { Observation, Refusal, RouteFacts } from './decide/observation.ts';
import type { DeploymentFacts } from './decide/readiness.ts';
import { type DeploymentRecord, primaryFacts, targetFacts } from './deployment-record.ts';
import type { FreshStore } from './fresh-store.ts';
import { type generatedManifest, isAsWanted } from './generated-object.ts';
import { outlivesCanary } from './owners.ts';
import { foreignRefusals, refusalsOf } from './refusals.ts';
import { acceptanceFact } from './router/acceptance-fact.ts';
import type { Router } from './router/router.ts';
import { routerOf } from './router/routers.ts';
import { trafficOf } from './router/traffic-of.ts';
import { routedOf, type Subject, servicesOf } from './subject.ts';
import { UnusableSelector } from './workload/selector.ts';
import type { GenerationOptions, Release } from './workload/workload.ts';
import { type GeneratedObject, LOOK_AGAIN_MS, type World } from './world.ts';

export interface ObserveOptions {
  readonly world: World;
  /** Of a canary that names none. */
  readonly defaultProvider: Provider;
  /** Whether canaries may name objects of other namespaces. @default true */
  readonly crossNamespaceRefs?: boolean;
  readonly generation: GenerationOptions;
  /** What hooks have said about a canary's revision. */
  readonly answers: (canary: Canary) => Observation['answers'];
}

/** The two workloads of a canary, as far as they are there. */
export function deploymentsOf({ metadata, spec }: Canary, { deployments }: World): Pick<Subject, 'target' | 'primary'> {
  const names = readableNames(spec);
  const of = (name = '') => deployments.get(`${metadata.namespace}/${name}`);
  return { target: of(names?.target.name), primary: of(names?.primary) };
}

/** Everything that there is to know about a canary now, from memory. The first canary of a provider has its routes read. */
export async function observe(
  canary: Canary,
  options: ObserveOptions,
  measured?: Observation['measured'],
): Promise<{ readonly subject: Subject; readonly observation: Observation }> {
  const { world, defaultProvider, generation, answers } = options;
  const { namespace } = canary.metadata;
  const provider = canary.spec.provider ?? defaultProvider;
  const router = routerOf(provider);
  const refusals = [...refusalsOf(canary, provider, router, world.canariesSharing(canary))];
  if (options.crossNamespaceRefs === false) refusals.push(...foreignRefusals(canary));
  const isReadable = refusals.every(({ reason }) => reason !== 'InvalidSpec');
  const names = isReadable ? releaseNames(canary.spec) : UNKNOWN;
  const deployment = (name: string) => world.deployments.get(`${namespace}/${name}`);
  const target = deployment(names.target.name);
  const primary = deployment(names.primary);
  const release: Release | undefined = target && { canary, names, target, options: generation };

  const routes = new Map<Resource, FreshStore<GeneratedObject>>();
  for (const resource of (isReadable && router?.resources) || []) {
    const store = await world.routes(resource);
    if (store === undefined) refusals.unshift(notServed(provider, resource));
    else routes.set(resource, store);
  }
  const unlabelled =
    names.adopted && isReadable ? await unlabelledRoute(canary, names, router, routes, world) : undefined;
  const configs = target === undefined ? undefined : await world.configs?.read(namespace, target.configs);
  const autoscaler = isReadable ? await autoscalerOf(canary, names, generation, world) : undefined;
  if (autoscaler !== undefined) refusals.push(...autoscalerRefusals(canary, autoscaler));
  const subject: Subject = {
    ...{ canary, names, provider, router, target, primary, release, routes, unlabelled, autoscaler },
    configs: configs ?? NO_CONFIGS,
  };
  const generated = generatedFacts(subject, world, refusals);
  const endpoints = (service: string) => endpointsOf(service, subject, world);
  return {
    subject,
    observation: {
      ...{ canary, names, refusals, ...generated, answers: answers(canary), actions: requestedActions(canary, world) },
      analysis: isReadable ? analysisOf(canary.spec) : NO_ANALYSIS,
      target: target && {
        ...targetFacts(target, subject.configs, canary.status?.target),
        ...endpoints(names.canaryService),
      },
      primary: primary && {
        ...primaryFacts(primary),
        ...world.primaries.of(primary, canary),
        ...endpoints(names.primaryService),
        outlivesCanary: outlivesCanary(subject),
        lacksCopies: lacksCopies(primary, world),
      },
      ...(autoscaler !== undefined && { autoscaler: autoscalerFacts(canary, autoscaler) }),
      ...(measured !== undefined && { measured }),
    },
  };
}

/** Those of the user's own may have none that Kubernetes lists. */
function endpointsOf(service: string, { canary, names }: Subject, world: World): Pick<DeploymentFacts, 'endpoints'> {
  const key = `${canary.metadata.namespace}/${service}`;
  if (names.adopted || world.services.get(key) === undefined) return {};
  return { endpoints: { service, ready: world.endpoints.ready(key) } };
}

function lacksCopies(primary: DeploymentRecord, { configs }: World): boolean {
  return configs !== undefined && missingCopies(primary, configs).length > 0;
}

async function unlabelledRoute(
  { metadata: { namespace } }: Canary,
  { apexService }: ReleaseNames,
  router: Router | undefined,
  routes: Subject['routes'],
  world: World,
): Promise<GeneratedObject | undefined> {
  const [resource] = router?.resources ?? [];
  if (resource === undefined || routes.get(resource)?.get(`${namespace}/${apexService}`) !== undefined)
    return undefined;
  return world.read(resource, namespace, apexService);
}

function generatedFacts(subject: Subject, world: World, refusals: Refusal[]): Pick<Observation, 'services' | 'route'> {
  const { canary, router } = subject;
  if (router === undefined || refusals.some(({ holds }) => holds === 'everything')) return UNKNOWN_OBJECTS;
  const isTrue = (
    store: FreshStore<GeneratedObject> | undefined,
    manifest: Parameters<typeof generatedManifest>[1],
  ) => {
    const existing = store?.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    return isAsWanted(canary, manifest, existing, subject.target);
  };
  try {
    const wanted = servicesOf(subject);
    const apex = wanted === undefined || isTrue(world.services, wanted.apex);
    const backends =
      wanted === undefined || [wanted.primary, wanted.canary].every((each) => isTrue(world.services, each));
    return { services: { backends, apex }, route: routeFacts(subject, router, isTrue) };
  } catch (error) {
    if (!(error instanceof UnusableSelector)) throw error;
    refusals.unshift({ reason: 'UnusableSelector', message: findingText(error.finding), holds: 'everything' });
    return UNKNOWN_OBJECTS;
  }
}

function routeFacts(
  subject: Subject,
  router: Router,
  isTrue: (
    store: FreshStore<GeneratedObject> | undefined,
    manifest: Parameters<typeof generatedManifest>[1],
  ) => boolean,
): RouteFacts {
  const routed = routedOf(subject);
  const problem = router.problem?.(routed);
  if (problem !== undefined) return { canaryWeight: undefined, isTrue: true, acceptance: { refused: problem } };
  const manifests = router.desired(routed, trafficOf(subject.canary));
  const observed = router.observed(routed);
  return {
    canaryWeight: observed?.canaryWeight,
    isTrue: manifests.every(({ resource, manifest }) => isTrue(subject.routes.get(resource), manifest)),
    acceptance: observed === undefined ? 'pending' : acceptanceFact(observed.acceptance),
  };
}

function notServed(provider: Provider, { kind, apiVersion }: Resource): Refusal {
  const message = `the API server does not serve ${kind} of ${apiVersion}, which provider ${provider} writes: install it, or write another spec.provider`;
  return { reason: 'ProviderNotInstalled', message, holds: 'everything', lookAgainMs: LOOK_AGAIN_MS };
}

/** Of a canary that is refused nothing more is looked at. */
const UNKNOWN_OBJECTS = {
  services: { backends: true, apex: true },
  route: { canaryWeight: undefined, isTrue: true, acceptance: 'pending' },
} as const;
const UNKNOWN: ReleaseNames = {
  target: { apiVersion: 'apps/v1', kind: 'Deployment', name: '' },
  ...{ primary: '', apexService: '', primaryService: '', canaryService: '', adopted: true },
};
const NO_CONFIGS: ConfigFacts = { digests: {} };
const NO_ANALYSIS = {
  ...{ interval: '60s', threshold: 1, drainSeconds: 5 },
  ...{ primaryReadyThreshold: 100, canaryReadyThreshold: 100 },
};
