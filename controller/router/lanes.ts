import { analysisOf } from '../../api/analysis.ts';
import type {
  CanaryMatch,
  CanaryService,
  HeaderMatch,
  RequestMatch,
  SessionAffinity,
  StringMatch,
} from '../../api/generated/canary.ts';
import { literalRegex } from './prefix-regex.ts';
import type { Routed, Traffic } from './router.ts';

/** Requests that are split alike. */
export interface Lane {
  /** One of these has to fit, with all of its conditions; every request does where there is none. */
  readonly match: readonly RequestMatch[];
  /** Percent of them that goes to the canary; the rest goes to the primary. */
  readonly canaryWeight: number;
  /** Percent of them that the canary gets copies of. */
  readonly mirrorWeight: number;
  /** The header Set-Cookie that is added to what either side answers. */
  readonly setCookie: { readonly primary?: string; readonly canary?: string };
}

/** A canary's requests by how they are split, the more particular ones first. */
export function lanesOf({ canary }: Routed, { match = [] }: CanaryService, traffic: Traffic): readonly Lane[] {
  const { canaryWeight, matchedOnly = false, mirrorWeight = 0, stickiness } = traffic;
  const lane = (of: Partial<Lane>): Lane => ({ match, canaryWeight, mirrorWeight, setCookie: {}, ...of });
  if (matchedOnly && canaryWeight > 0) {
    const { match: entries = [] } = analysisOf(canary.spec);
    const matched = entries.flatMap((entry) => narrowed(match, requestMatch(entry)));
    return [lane({ match: matched }), lane({ canaryWeight: 0 })];
  }
  if (stickiness === undefined) return [lane({})];
  const { affinity, canary: ofCanary, primary, expired } = stickiness;
  const holding = (cookie: string, of: Partial<Lane>) => lane({ match: narrowed(match, hasCookie(cookie)), ...of });
  if (expired !== undefined && canaryWeight === 0) {
    return [holding(expired, { setCookie: { primary: setCookie(expired, affinity, -1) } }), lane({})];
  }
  if (ofCanary === undefined || canaryWeight === 0) return [lane({})];
  return [
    holding(ofCanary, { canaryWeight: 100 }),
    ...(primary === undefined ? [] : [holding(primary.cookie, { canaryWeight: 0 })]),
    lane({
      setCookie: {
        canary: setCookie(ofCanary, affinity, affinity.maxAge),
        ...(primary !== undefined && { primary: setCookie(primary.cookie, affinity, primary.seconds) }),
      },
    }),
  ];
}

/** The requests of a route that fulfil these conditions as well. */
function narrowed(match: readonly RequestMatch[], by: RequestMatch): readonly RequestMatch[] {
  const { headers, queryParams, sourceLabels } = by;
  return (match.length === 0 ? [{}] : match).map((entry) => ({
    ...entry,
    ...(headers !== undefined && { headers: { ...entry.headers, ...headers } }),
    ...(queryParams !== undefined && { queryParams: { ...entry.queryParams, ...queryParams } }),
    ...(sourceLabels !== undefined && { sourceLabels: { ...entry.sourceLabels, ...sourceLabels } }),
  }));
}

function requestMatch({ headers = {}, ...rest }: CanaryMatch): RequestMatch {
  const entries = Object.entries(headers).map(([name, text]) => [name, withoutSuffix(text)] as const);
  return { ...rest, ...(entries.length > 0 && { headers: Object.fromEntries(entries) }) };
}

/** No gateway of ours knows suffixes; all know regular expressions for the whole text. */
function withoutSuffix({ suffix, ...rest }: HeaderMatch): StringMatch {
  return suffix === undefined ? rest : { regex: `.*${literalRegex(suffix)}` };
}

/** The header has all cookies, with a semicolon and a space between. */
function hasCookie(cookie: string): RequestMatch {
  return { headers: { cookie: { regex: `^(.*?;\\s*)?(${literalRegex(cookie)})(;.*)?$` } } };
}

function setCookie(cookie: string, affinity: SessionAffinity, seconds: number): string {
  const { domain, path, httpOnly, secure, sameSite, partitioned } = affinity;
  return [
    cookie,
    `Max-Age=${seconds}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(path === undefined ? [] : [`Path=${path}`]),
    ...(httpOnly === true ? ['HttpOnly'] : []),
    ...(secure === true ? ['Secure'] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(partitioned === true ? ['Partitioned'] : []),
  ].join('; ');
}
