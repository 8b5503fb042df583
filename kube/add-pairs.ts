import type { Operation } from 'fast-json-patch';

/**
 * The JSON patch that adds pairs to a map, such as an object's annotations: one operation a key, so that keys which somebody
 * adds meanwhile stay. The map itself is made where there is none.
 *
 * @param path of the map: `/metadata/annotations`
 */
export function addPairs(
  path: string,
  existing: Readonly<Record<string, unknown>> | undefined,
  pairs: Readonly<Record<string, string>>,
): Operation[] {
  const entries = Object.entries(pairs);
  if (entries.length === 0) return [];
  if (existing === undefined) return [{ op: 'add', path, value: pairs }];
  return entries.map(([key, value]) => ({ op: 'add', path: `${path}/${pointerToken(key)}`, value }));
}

/** RFC 6901: `flagger.app/revision` is `flagger.app~1revision`. */
function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
