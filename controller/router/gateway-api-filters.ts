import { durationMs } from '../../api/duration.ts';
import type { CanaryService, CorsPolicy, HeaderOperations, Rewrite } from '../../api/generated/canary.ts';

/** What an HTTPRoute's rule does with a request besides splitting. */
export function httpRouteFilters(service: CanaryService, corsIsKnown: boolean): readonly object[] {
  const { rewrite = {}, headers, mirror = [], corsPolicy } = service;
  const urlRewrite = urlRewriteOf(rewrite);
  const request = headerModifier(headers?.request);
  const response = headerModifier(headers?.response);
  const cors = corsIsKnown && corsPolicy !== undefined ? corsOf(corsPolicy) : undefined;
  return [
    ...(urlRewrite === undefined ? [] : [{ type: 'URLRewrite', urlRewrite }]),
    ...(request === undefined ? [] : [{ type: 'RequestHeaderModifier', requestHeaderModifier: request }]),
    ...(response === undefined ? [] : [{ type: 'ResponseHeaderModifier', responseHeaderModifier: response }]),
    ...mirror.map(({ backendRef }) => ({ type: 'RequestMirror', requestMirror: { backendRef } })),
    ...(cors === undefined ? [] : [{ type: 'CORS', cors }]),
  ];
}

function urlRewriteOf({ uri, authority, type }: Rewrite): object | undefined {
  const hostname = authority ? { hostname: authority } : undefined;
  const path = uri ? { path: pathRewrite(uri, type) } : undefined;
  return hostname === undefined && path === undefined ? undefined : { ...hostname, ...path };
}

function pathRewrite(uri: string, type: Rewrite['type']): object {
  return type === 'ReplacePrefixMatch'
    ? { type: 'ReplacePrefixMatch', replacePrefixMatch: uri }
    : { type: 'ReplaceFullPath', replaceFullPath: uri };
}

function headerModifier({ add, set, remove = [] }: HeaderOperations = {}): object | undefined {
  const modifier = {
    ...(isEmpty(add) ? {} : { add: nameAndValue(add) }),
    ...(isEmpty(set) ? {} : { set: nameAndValue(set) }),
    ...(remove.length === 0 ? {} : { remove: [...new Set(remove)] }),
  };
  return isEmpty(modifier) ? undefined : modifier;
}

function isEmpty(map: object = {}): boolean {
  return Object.keys(map).length === 0;
}

function nameAndValue(values: Readonly<Record<string, string>> = {}): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** Origins are compared as a whole here: those by prefix or regex have no place. Without any origin there is no rule. */
function corsOf(policy: CorsPolicy): object | undefined {
  const { allowOrigin = [], allowOrigins = [], allowMethods, allowHeaders, exposeHeaders, maxAge } = policy;
  const exact = allowOrigins.flatMap((origin) => (origin.exact === undefined ? [] : [origin.exact]));
  const origins = [...new Set([...allowOrigin, ...exact])];
  if (origins.length === 0) return undefined;
  const ageMs = maxAge === undefined ? undefined : durationMs(maxAge);
  return {
    allowOrigins: origins,
    ...(allowMethods === undefined ? {} : { allowMethods: [...new Set(allowMethods)] }),
    ...(allowHeaders === undefined ? {} : { allowHeaders: [...new Set(allowHeaders)] }),
    ...(exposeHeaders === undefined ? {} : { exposeHeaders: [...new Set(exposeHeaders)] }),
    // Version 1.3 knows `true` only; not to say it is the same as false.
    ...(policy.allowCredentials === true ? { allowCredentials: true } : {}),
    ...(ageMs === undefined ? {} : { maxAge: Math.max(1, Math.round(ageMs / 1000)) }),
  };
}
