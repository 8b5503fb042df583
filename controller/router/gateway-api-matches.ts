import type { RequestMatch, StringMatch } from '../../api/generated/canary.ts';
import { prefixRegex } from './prefix-regex.ts';

/**
 * The entries of `service.match` as the matches of an HTTPRoute's rule, of which one has to fit.
 *
 * An HTTPRoute has no word for scheme, withoutHeaders, the case of the path, and who calls; its host names are those of
 * the whole route; and a method is compared as a whole. Such conditions are left out.
 */
export function httpRouteMatches(entries: readonly RequestMatch[]): readonly object[] {
  return entries.length === 0 ? [httpRouteMatch({})] : entries.map(httpRouteMatch);
}

function httpRouteMatch({ uri = {}, method, headers = {}, queryParams = {} }: RequestMatch): object {
  return {
    path: pathMatch(uri),
    ...(method?.exact === undefined ? {} : { method: method.exact }),
    ...(Object.keys(headers).length === 0 ? {} : { headers: valueMatches(headers) }),
    ...(Object.keys(queryParams).length === 0 ? {} : { queryParams: valueMatches(queryParams) }),
  };
}

/** A prefix ends where an element of the path does: `/api` is not one of `/apis`, as it is with Istio. */
function pathMatch({ exact, prefix, regex }: StringMatch): object {
  if (exact !== undefined) return { type: 'Exact', value: exact };
  if (regex !== undefined) return { type: 'RegularExpression', value: regex };
  return { type: 'PathPrefix', value: prefix === undefined || prefix === '' ? '/' : prefix };
}

function valueMatches(texts: Readonly<Record<string, StringMatch>>): readonly object[] {
  return Object.entries(texts).map(([name, { exact, prefix, regex }]) =>
    // A value has a character at least, so an empty one is written as what begins and ends there.
    exact !== undefined && exact !== ''
      ? { type: 'Exact', name, value: exact }
      : { type: 'RegularExpression', name, value: exact === '' ? '^$' : regexOf(prefix, regex) },
  );
}

/** Without any condition the value has only to be there. */
function regexOf(prefix: string | undefined, regex: string | undefined): string {
  if (prefix !== undefined) return prefixRegex(prefix);
  return regex === undefined || regex === '' ? '.*' : regex;
}
