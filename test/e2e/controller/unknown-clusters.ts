import assert from 'node:assert/strict';

/**
 * Contour sends Envoy routes and clusters over streams of their own. On a busy machine Envoy may get a route first, and until it
 * has the clusters, which no route of before led to, it answers 503 and no word: nothing that a controller sees or could wait for.
 */
export function assertOnlyUnknownClusters(failures: readonly string[]): void {
  assert.deepEqual(
    failures.filter((what) => !/503:? $/.test(what)),
    [],
  );
  assert.ok(failures.length <= 20, `${failures.length} requests failed`);
}
