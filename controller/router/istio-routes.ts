import { durationMs } from '../../api/duration.ts';
import type { CanaryService, CorsPolicy, RequestMatch, Retries } from '../../api/generated/canary.ts';
import type { ReleaseNames } from '../../api/names.ts';
import type { IstioRoute, WeightedDestination } from './istio-virtual-service.ts';
import { type Lane, lanesOf } from './lanes.ts';
import type { Routed, Traffic } from './router.ts';

/** Istio's own number, for when only the rest of the retries is given. */
const DEFAULT_ATTEMPTS = 2;

export function isTcp({ appProtocol = '' }: CanaryService): boolean {
  return appProtocol.toLowerCase() === 'tcp';
}

export function httpRoutes(routed: Routed, service: CanaryService, traffic: Traffic): readonly IstioRoute[] {
  const { rewrite, timeout, retries, headers, corsPolicy } = service;
  const settings = {
    ...(rewrite?.uri || rewrite?.authority ? { rewrite: withoutType(rewrite) } : {}),
    ...(isLimit(timeout) ? { timeout } : {}),
    ...(retries === undefined ? {} : { retries: retriesOf(retries) }),
    ...(headers === undefined ? {} : { headers }),
    ...(corsPolicy === undefined ? {} : { corsPolicy: corsOf(corsPolicy) }),
  };
  return lanesOf(routed, service, traffic).flatMap((lane) =>
    conditionsAndPorts(service, lane.match).map(({ match, port }) => {
      const route = destinations(routed.names, port, lane);
      return { ...(match.length === 0 ? {} : { match }), route, ...mirrorOf(routed.names, port, lane), ...settings };
    }),
  );
}

function mirrorOf({ canaryService }: ReleaseNames, port: number | undefined, { mirrorWeight }: Lane): object {
  if (mirrorWeight === 0) return {};
  return { mirror: destination(canaryService, port), mirrorPercentage: { value: mirrorWeight } };
}

/** Of a match, what is known of a connection before anything is read of it. */
export function tcpRoutes(names: ReleaseNames, service: CanaryService, traffic: Traffic): readonly IstioRoute[] {
  const entries = (service.match ?? []).map(({ port, gateways, sourceLabels, sourceNamespace }) => ({
    ...(port === undefined ? {} : { port }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(sourceLabels === undefined ? {} : { sourceLabels }),
    ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
  }));
  // An entry that asks for nothing of these fits every connection, and so do all of them together.
  const conditions = entries.some((entry) => Object.keys(entry).length === 0) ? [] : entries;
  return conditionsAndPorts(service, conditions).map(({ match, port }) => {
    return { ...(match.length === 0 ? {} : { match }), route: destinations(names, port, traffic) };
  });
}

interface ConditionsAndPort {
  readonly match: readonly Pick<RequestMatch, 'gateways'>[];
  readonly port?: number;
}

/** A route's match and port for each way in; at least one, as Istio refuses a VirtualService that routes nothing. */
function conditionsAndPorts(service: CanaryService, entries: ConditionsAndPort['match']): readonly ConditionsAndPort[] {
  const all = entrances(service).flatMap(({ gateways, ...port }) => {
    const match = matchesThrough(gateways, entries);
    return match === undefined ? [] : [{ match, ...port }];
  });
  return all.length === 0 ? [{ match: entries }] : all;
}

/** A way in, with the port that requests which come by it go to. Without gateways it is all that the route is bound to. */
interface Entrance {
  readonly gateways?: readonly string[];
  readonly port?: number;
}

/**
 * A Service with one port needs none to be named. With more of them, Istio takes the port that the client called: right
 * inside the mesh, where each port goes to its like, and wrong from a gateway, whose 80 or 443 is no port of the Service.
 */
function entrances({ portDiscovery, port, delegation, gateways = [] }: CanaryService): readonly Entrance[] {
  if (portDiscovery !== true) return [{}];
  // Which gateways a delegate is reached by, only who delegates to it knows.
  if (delegation === true) return [{ port }];
  const outer = gateways.filter((gateway) => gateway !== 'mesh');
  if (outer.length === 0) return [{}];
  if (outer.length === gateways.length) return [{ port }];
  return [{ gateways: outer, port }, { gateways: ['mesh'] }];
}

/** The matches of requests that come through these gateways; `undefined` where no entry is for any of them. */
function matchesThrough(
  gateways: readonly string[] | undefined,
  entries: ConditionsAndPort['match'],
): ConditionsAndPort['match'] | undefined {
  if (gateways === undefined) return entries;
  if (entries.length === 0) return [{ gateways }];
  const through = entries.flatMap((entry) => {
    const both = entry.gateways === undefined ? gateways : gateways.filter((name) => entry.gateways?.includes(name));
    return both.length === 0 ? [] : [{ ...entry, gateways: both }];
  });
  return through.length === 0 ? undefined : through;
}

function destinations(
  { primaryService, canaryService }: ReleaseNames,
  port: number | undefined,
  { canaryWeight, setCookie }: Pick<Lane, 'canaryWeight'> & Partial<Pick<Lane, 'setCookie'>>,
): readonly WeightedDestination[] {
  const adding = (cookie: string | undefined) =>
    cookie === undefined ? {} : { headers: { response: { add: { 'Set-Cookie': cookie } } } };
  return [
    { destination: destination(primaryService, port), weight: 100 - canaryWeight, ...adding(setCookie?.primary) },
    { destination: destination(canaryService, port), weight: canaryWeight, ...adding(setCookie?.canary) },
  ];
}

function destination(host: string, port: number | undefined) {
  return { host, ...(port === undefined ? {} : { port: { number: port } }) };
}

/** Istio replaces the prefix that matched, or the whole path where the match is exact. */
function withoutType({ uri, authority }: NonNullable<CanaryService['rewrite']>): object {
  return { ...(uri ? { uri } : {}), ...(authority ? { authority } : {}) };
}

/** Istio refuses less than a millisecond, and has no word for no limit, which is what it does when told nothing. */
function isLimit(duration: string | undefined): duration is string {
  return duration !== undefined && (durationMs(duration) ?? 0) >= 1;
}

/** Without attempts, Istio reads the field as 0 and refuses the rest, as it does where they are 0. */
function retriesOf({ attempts = DEFAULT_ATTEMPTS, perTryTimeout, retryOn }: Retries): object {
  if (attempts === 0) return { attempts };
  return {
    attempts,
    ...(isLimit(perTryTimeout) ? { perTryTimeout } : {}),
    ...(retryOn ? { retryOn } : {}),
  };
}

/** Istio looks at allowOrigin only where there are no allowOrigins, so all become these. */
function corsOf({ allowOrigin = [], allowOrigins = [], maxAge, ...rest }: CorsPolicy): object {
  const origins = [...allowOrigin.map((exact) => ({ exact })), ...allowOrigins];
  return {
    ...(origins.length === 0 ? {} : { allowOrigins: origins }),
    ...rest,
    ...(isLimit(maxAge) ? { maxAge } : {}),
  };
}
