import { eventually } from '../../test/e2e/eventually.ts';
import { getOk } from '../../test/e2e/http.ts';
import { apply, kubectl } from '../../test/e2e/kubectl.ts';
import { podinfo, rolledOut } from '../../test/e2e/podinfo.ts';
import { queryPrometheus } from '../../test/e2e/prometheus.ts';
import { countVersions } from '../../test/e2e/split.ts';

/**
 * Two versions of podinfo behind a real Envoy: the weights of an HTTPProxy are moved by hand, and what the gateway makes
 * of them is measured. Runs inside a sandbox.
 */
const NAMESPACE = 'demo';
const HOST = 'podinfo.demo.test';
const GATEWAY = 'http://envoy.projectcontour/version';
const STABLE = '6.9.1';
const NEXT = '6.9.2';
const WEIGHTS = [0, 10, 25, 50, 100];
const REQUESTS = 200;
const BAR = 40;

const say = (line = '') => console.log(line);

function httpProxy(nextWeight: number): object {
  return {
    apiVersion: 'projectcontour.io/v1',
    kind: 'HTTPProxy',
    metadata: { name: 'podinfo', namespace: NAMESPACE },
    spec: {
      virtualhost: { fqdn: HOST },
      routes: [
        {
          services: [
            { name: 'podinfo-stable', port: 9898, weight: 100 - nextWeight },
            { name: 'podinfo-next', port: 9898, weight: nextWeight },
          ],
        },
      ],
    },
  };
}

/** Waits until the gateway has taken a weight up: with 0 or 100 one version answers alone, in between both do. */
async function takenUp(nextWeight: number): Promise<void> {
  const expected = nextWeight === 0 ? [STABLE] : nextWeight === 100 ? [NEXT] : [STABLE, NEXT];
  await eventually(async () => {
    const seen = [...(await countVersions(GATEWAY, HOST, 50)).keys()].toSorted();
    if (seen.join() !== expected.join()) throw new Error(`with weight ${nextWeight}, ${seen.join(' and ')} answer`);
  });
}

say(`Two versions of podinfo, ${STABLE} and ${NEXT}, and their Services`);
await kubectl('create', 'namespace', NAMESPACE);
await apply(
  ...podinfo({ name: 'podinfo-stable', namespace: NAMESPACE, version: STABLE }),
  ...podinfo({ name: 'podinfo-next', namespace: NAMESPACE, version: NEXT }),
);
await Promise.all(['podinfo-stable', 'podinfo-next'].map((name) => rolledOut(NAMESPACE, name)));
say(await kubectl('-n', NAMESPACE, 'get', 'deployments,services'));
say();

say(`An HTTPProxy on Contour's Envoy; at each weight ${REQUESTS} requests are sent and counted`);
say();
say(`  weight of ${NEXT}   answered by ${NEXT}`);
for (const weight of WEIGHTS) {
  await apply(httpProxy(weight));
  await eventually(() => getOk(GATEWAY, { host: HOST }));
  await takenUp(weight);
  const count = (await countVersions(GATEWAY, HOST, REQUESTS)).get(NEXT) ?? 0;
  const share = (100 * count) / REQUESTS;
  const bar = '#'.repeat(Math.round((BAR * count) / REQUESTS)).padEnd(BAR, '.');
  say(`  ${String(weight).padStart(10)} %      ${bar} ${share.toFixed(1).padStart(5)} %`);
}
say();

const counted = await eventually(async () => {
  const count = await queryPrometheus(
    `sum(envoy_cluster_upstream_rq_total{envoy_cluster_name=~"${NAMESPACE}_podinfo.*"})`,
  );
  if (count < WEIGHTS.length * REQUESTS) throw new Error(`Prometheus has ${count} requests yet`);
  return count;
});
say(`Prometheus has counted ${counted} requests at Envoy.`);
say();
say('To look around yourself:');
say('  test/sandbox/sandbox shell          a shell with kubectl in a sandbox of its own');
say('  test/sandbox/sandbox exec -- kubectl get pods -A');
say('  test/sandbox/sandbox down');
