import assert from 'node:assert/strict';
import type { LoadReport } from '../controller/load.ts';
import { getOk } from '../http.ts';
import { kubectl } from '../kubectl.ts';
import type { Fault, Traffic } from './fault.ts';

interface Reports {
  readonly before: LoadReport;
  /** While the fault lasted. */
  readonly during: LoadReport;
  readonly after: LoadReport;
}

/** Of those that were sent while it lasted: a canary has at most half of them, and loses it as soon as that is known. */
const MOST_TO_THE_CANARY = 0.4;

/** Envoy has the route already, and not yet where it leads: an answer without a text, as no other 503 of it is. */
const OF_NO_CLUSTER = '503 ';

/** Asserts that no request failed but those that the fault itself fails. */
export async function assertTraffic(
  { traffic }: Pick<Fault, 'traffic'>,
  namespace: string,
  { before, during, after }: Reports,
): Promise<void> {
  const failures = [before, during, after].flatMap((report) => report.failures);
  const notFound = [before, after].map(({ statuses }) => statuses.get(404) ?? 0);
  assert.deepEqual(notFound, [0, 0], 'answered with 404 before or after');
  const requests = before.requests + during.requests + after.requests;
  assert.ok(requests > 100, `only ${requests} requests`);
  if (traffic === 'none' || traffic === 'none, in the same split') assert.deepEqual(failures, []);
  await assertOf[traffic](during, namespace, failures.length);
}

const assertOf: Readonly<
  Record<Traffic, (during: LoadReport, namespace: string, failed: number) => Promise<void> | void>
> = {
  none: answered,
  'none, in the same split'(during) {
    answered(during);
    assert.equal(during.versions.size, 2, `only ${[...during.versions.keys()].join()} answered`);
  },
  async 'some to the canary'(during, namespace, failed) {
    assert.equal(await failedByPrimary(namespace), 0, 'requests to the primary failed');
    assert.ok(failed <= during.requests * MOST_TO_THE_CANARY, `${failed} of ${during.requests} failed`);
  },
  'all get 404'(during, _namespace, failed) {
    assert.ok((during.statuses.get(404) ?? 0) > 0, 'the gateway has all answered');
    assert.deepEqual(
      during.failures.filter(({ what }) => what !== OF_NO_CLUSTER),
      [],
    );
    assert.equal(failed, during.failures.length, 'some failed before or after');
  },
};

function answered({ statuses, requests }: LoadReport): void {
  // Those that are under way are reported later.
  assert.deepEqual([...statuses.keys()], [200], `of ${requests}: ${JSON.stringify([...statuses])}`);
}

/** Answers of 5xx that Envoy has counted of requests to a primary, those that it gave itself included. */
async function failedByPrimary(namespace: string): Promise<number> {
  const pods = ['-n', 'projectcontour', 'get', 'pods', '-l', 'app=envoy', '-o', 'jsonpath={.items[*].status.podIP}'];
  const addresses = (await kubectl(...pods)).split(' ');
  const texts = await Promise.all(addresses.map((address) => getOk(`http://${address}:8002/stats/prometheus`)));
  const lines = texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith('envoy_cluster_upstream_rq{'));
  const ofPrimary = lines.filter((line) => line.includes(`"${namespace}_podinfo-primary_9898"`));
  assert.ok(ofPrimary.length > 0, 'Envoy has counted nothing of the primary');
  return ofPrimary
    .filter((line) => line.includes('envoy_response_code="5'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
