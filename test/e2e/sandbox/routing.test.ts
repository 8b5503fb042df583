import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { queryPrometheus } from '../prometheus.ts';
import { assertShare, countVersions } from '../split.ts';

const REQUESTS = 200;

describe('the gateways', { skip: sandboxOnly('the tests must reach the gateway’s Service by its name') }, () => {
  const namespace = testNamespace('routing');

  before(async () => {
    await apply(
      ...podinfo({ name: 'podinfo-primary', namespace, version: '6.9.1' }),
      ...podinfo({ name: 'podinfo-canary', namespace, version: '6.9.2' }),
    );
    await Promise.all([rolledOut(namespace, 'podinfo-primary'), rolledOut(namespace, 'podinfo-canary')]);
  });

  /** Sends requests until the route is served at all, then counts who answers. */
  async function assertSplit(gateway: string, host: string, canaryShare: number): Promise<void> {
    const url = `http://${gateway}/version`;
    await eventually(() => getOk(url, { host }));
    // Both versions known to the gateway: its clusters warm up one after the other.
    await eventually(async () => assert.equal((await countVersions(url, host, 40)).size, 2));
    const counts = await countVersions(url, host, REQUESTS);
    assert.equal(
      [...counts.values()].reduce((sum, count) => sum + count, 0),
      REQUESTS,
    );
    assertShare(counts.get('6.9.2') ?? 0, REQUESTS, canaryShare);
  }

  it('split by an HTTPProxy on Contour’s Envoy', async () => {
    const host = `httpproxy.${namespace}.test`;
    await apply({
      apiVersion: 'projectcontour.io/v1',
      kind: 'HTTPProxy',
      metadata: { name: 'podinfo', namespace },
      spec: {
        virtualhost: { fqdn: host },
        routes: [
          {
            conditions: [{ prefix: '/' }],
            services: [
              { name: 'podinfo-primary', port: 9898, weight: 80 },
              { name: 'podinfo-canary', port: 9898, weight: 20 },
            ],
          },
        ],
      },
    });
    await assertSplit('envoy.projectcontour', host, 0.2);
    assert.match(await kubectl('-n', namespace, 'get', 'httpproxy', 'podinfo'), /valid/);
  });

  it('split by an HTTPRoute on Contour’s Envoy', async () => {
    const host = `httproute.${namespace}.test`;
    await apply({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'podinfo', namespace },
      spec: {
        parentRefs: [{ name: 'contour', namespace: 'projectcontour' }],
        hostnames: [host],
        rules: [
          {
            backendRefs: [
              { name: 'podinfo-primary', port: 9898, weight: 80 },
              { name: 'podinfo-canary', port: 9898, weight: 20 },
            ],
          },
        ],
      },
    });
    await assertSplit('envoy.projectcontour', host, 0.2);
  });

  it('are counted by Prometheus, and so is podinfo', async () => {
    const requests = await eventually(async () => {
      const query = `sum(envoy_cluster_upstream_rq_total{envoy_cluster_name=~"${namespace}_podinfo-primary_9898.*"})`;
      const count = await queryPrometheus(query);
      // At least 160 by the HTTPProxy's and the HTTPRoute's split together, whichever way chance goes.
      assert.ok(count >= 160, `${count} requests`);
      return count;
    });
    const served = await eventually(async () => {
      const count = await queryPrometheus(
        `sum(http_requests_total{namespace="${namespace}",app="podinfo-primary",status="200"})`,
      );
      assert.ok(count >= 160, `${count} requests`);
      return count;
    });
    assert.ok(requests > 0 && served > 0);
  });

  it('split by a VirtualService on Istio’s ingress gateway', async () => {
    const host = `virtualservice.${namespace}.test`;
    await apply(
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
        },
      },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'podinfo', namespace },
        spec: {
          hosts: [host],
          gateways: ['public'],
          http: [
            {
              route: [
                { destination: { host: 'podinfo-primary', port: { number: 9898 } }, weight: 80 },
                { destination: { host: 'podinfo-canary', port: { number: 9898 } }, weight: 20 },
              ],
            },
          ],
        },
      },
    );
    await assertSplit('istio-ingressgateway.istio-system', host, 0.2);
    await eventually(async () => {
      const cluster = `outbound|9898||podinfo-primary.${namespace}.svc.cluster.local`;
      const query = `sum(envoy_cluster_upstream_rq_total{app="istio-ingressgateway",cluster_name="${cluster}"})`;
      assert.ok((await queryPrometheus(query)) > 0);
    });
  });
});
