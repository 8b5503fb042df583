import { isDeepStrictEqual } from 'node:util';

/**
 * The JSON merge patch (RFC 7396) that leads from one JSON value to another; `undefined` when they are equal.
 *
 * ```
 * mergePatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2, d: 4 } })   is   { a: null, b: { d: 4 } }
 * ```
 *
 * A field that is `undefined` is one that is not there, as in JSON. A `null` inside an object cannot be told by a merge
 * patch, which takes it for a removal; Kubernetes has none either.
 */
export function mergePatch(from: unknown, to: unknown): unknown {
  if (!isObject(to)) return isEqual(from, to) ? undefined : (to ?? null);
  const before = isObject(from) ? from : {};
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(to)])) {
    if (before[name] === undefined && to[name] === undefined) continue;
    const change = mergePatch(before[name], to[name]);
    if (change !== undefined) patch[name] = change;
  }
  // An empty object that takes the place of nothing, or of something else, is a change of its own.
  return Object.keys(patch).length > 0 || !isObject(from) ? patch : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As JSON: whatever the order of the fields, which the API server sorts. */
function isEqual(from: unknown, to: unknown): boolean {
  return isDeepStrictEqual(from, to === undefined ? undefined : JSON.parse(JSON.stringify(to)));
}
