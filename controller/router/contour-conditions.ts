import type { RequestMatch, StringMatch } from '../../api/generated/canary.ts';
import { prefixRegex } from './prefix-regex.ts';

/**
 * An entry of `service.match` as the conditions of an HTTPProxy's route, which all have to hold.
 *
 * HTTPProxy has no word for who calls (sourceLabels, sourceNamespace, gateways, port) nor for the case of the path: these
 * belong to meshes, and are left out, as are headers that must not begin so or fit a regular expression.
 */
export function contourConditions(match: RequestMatch): readonly object[] {
  const { uri = {}, method, authority, scheme, headers = {}, withoutHeaders = {}, queryParams = {} } = match;
  // Envoy has these as headers, and Contour hands the names on.
  const pseudoHeaders = { ':method': method, ':authority': authority, ':scheme': scheme };
  return [
    ...pathConditions(uri),
    ...Object.entries({ ...pseudoHeaders, ...headers }).flatMap(([name, text]) =>
      text === undefined ? [] : [{ header: { name, ...headerCondition(text) } }],
    ),
    ...Object.entries(withoutHeaders).flatMap(([name, text]) => {
      const condition = absentHeaderCondition(text);
      return condition === undefined ? [] : [{ header: { name, ...condition } }];
    }),
    ...Object.entries(queryParams).map(([name, text]) => ({ queryParameter: { name, ...parameterCondition(text) } })),
  ];
}

/**
 * None for any path, as Contour adds it to that of the root's include: `/app` and a prefix of `/` would be `/app/`, and
 * requests for `/app` itself would get a 404.
 */
function pathConditions({ exact, prefix, regex }: StringMatch): readonly object[] {
  if (exact !== undefined) return [{ exact }];
  if (regex !== undefined) return [{ regex }];
  return prefix === undefined || prefix === '' ? [] : [{ prefix }];
}

/** A header's condition knows no prefix. */
function headerCondition({ exact, prefix, regex }: StringMatch): object {
  if (exact !== undefined) return { exact };
  if (prefix !== undefined) return { regex: prefixRegex(prefix) };
  return regex === undefined ? { present: true } : { regex };
}

function absentHeaderCondition({ exact, prefix, regex }: StringMatch): object | undefined {
  // Without treatMissingAsEmpty, a request that has no such header at all would not fit.
  if (exact !== undefined) return { notexact: exact, treatMissingAsEmpty: true };
  return prefix === undefined && regex === undefined ? { notpresent: true } : undefined;
}

function parameterCondition({ exact, prefix, regex }: StringMatch): object {
  if (exact !== undefined) return { exact };
  if (prefix !== undefined) return { prefix };
  return regex === undefined ? { present: true } : { regex };
}
