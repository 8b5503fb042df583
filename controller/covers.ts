/**
 * Whether an object has everything that a manifest says: what the API server or others have added does not count. Lists
 * have to be of one length, as the order and the number of routes, ports and matches mean something.
 */
export function covers(existing: unknown, manifest: unknown): boolean {
  if (Array.isArray(manifest)) {
    // Of an empty list, some kinds have null.
    if (!Array.isArray(existing)) return manifest.length === 0 && (existing === undefined || existing === null);
    return existing.length === manifest.length && manifest.every((item, index) => covers(existing[index], item));
  }
  if (typeof manifest === 'object' && manifest !== null) {
    const fields = Object.entries(manifest).filter(([, value]) => value !== undefined);
    // The API server leaves empty maps out.
    if (existing === undefined) return fields.every(([, value]) => covers(undefined, value));
    if (typeof existing !== 'object' || existing === null || Array.isArray(existing)) return false;
    const there = existing as Readonly<Record<string, unknown>>;
    return fields.every(([name, value]) => covers(there[name], value));
  }
  return existing === manifest;
}
