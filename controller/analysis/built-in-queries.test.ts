import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABILITIES, type Provider } from '../../api/provider-abilities.ts';
import { builtInQueriesOf, MEASURED_PROVIDERS, type Observed } from './built-in-queries.ts';

const observed: Observed = {
  namespace: 'test',
  target: { kind: 'Deployment', name: 'podinfo' },
  service: 'podinfo',
  canaryService: 'podinfo-canary',
  interval: '1m',
};

function queryOf(provider: Provider, given: Partial<Observed> = {}): string {
  return builtInQueriesOf(provider)?.['request-success-rate']({ ...observed, ...given }) ?? '';
}

/** The regular expression of a label's matcher as Prometheus applies it: it is anchored. */
function pattern(query: string, label: string): RegExp {
  const [, text = '""'] = new RegExp(`${label}=~("(?:[^"\\\\]|\\\\.)*")`).exec(query) ?? [];
  return new RegExp(`^(?:${JSON.parse(text) as string})$`);
}

describe('the built-in queries', () => {
  it('are there only for providers that can be measured', () => {
    assert.ok(MEASURED_PROVIDERS.every((provider) => ABILITIES[provider].builtInChecks));
    assert.equal(builtInQueriesOf('smi:v1alpha3'), undefined);
  });

  it('of Istio are the canary workload’s at its destination', () => {
    assert.equal(
      queryOf('istio'),
      '100 - 100 * ((sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="test",' +
        'destination_workload="podinfo",response_code=~"5.*"}[1m])) or vector(0)) / ' +
        'sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="test",' +
        'destination_workload="podinfo"}[1m])))',
    );
  });

  it('of Linkerd are those that the canary workload’s own proxies got, and failed as they say', () => {
    const matchers = 'namespace="test",deployment="podinfo",direction="inbound"';
    assert.equal(
      queryOf('linkerd'),
      `100 - 100 * ((sum(rate(response_total{${matchers},classification="failure"}[1m])) or vector(0)) / ` +
        `sum(rate(response_total{${matchers}}[1m])))`,
    );
    assert.match(queryOf('linkerd', { target: { kind: 'DaemonSet', name: 'agent' } }), /,daemonset="agent",/);
  });

  it('of Contour fit the clusters of the canary’s Service, with a hash and without', () => {
    const clusters = pattern(queryOf('contour'), 'envoy_cluster_name');
    for (const name of ['test_podinfo-canary_9898', 'test_podinfo-canary_80_da39a3ee5e']) assert.match(name, clusters);
    for (const name of [
      'test_podinfo_9898',
      'test_podinfo-primary_9898',
      'test_podinfo-canary-2_9898',
      'test_my-podinfo-canary_9898',
      'my-test_podinfo-canary_9898',
      'test_podinfo-canary_',
    ]) {
      assert.doesNotMatch(name, clusters);
    }
  });

  describe('of the Gateway API fit the names of pods', () => {
    const fits = (target: Observed['target'], ...names: string[]): void => {
      const pods = pattern(queryOf('gatewayapi:v1', { target }), 'kubernetes_pod_name');
      for (const name of names) assert.match(name, pods);
    };
    const fitsNot = (target: Observed['target'], ...names: string[]): void => {
      const pods = pattern(queryOf('gatewayapi:v1', { target }), 'kubernetes_pod_name');
      for (const name of names) assert.doesNotMatch(name, pods);
    };

    it('of a Deployment', () => {
      const target = { kind: 'Deployment', name: 'podinfo' } as const;
      fits(target, 'podinfo-7c8d6f5b9d-x2k4d', 'podinfo-66bff467f8-zzzzz', 'podinfo-5b9d4f8c7-bcdfg');
      fitsNot(target, 'podinfo-primary-7c8d6f5b9d-x2k4d', 'podinfo-canary-2-7c8d6f5b9d-x2k4d', 'podinfo-x2k4d');
      fitsNot(target, 'my-podinfo-7c8d6f5b9d-x2k4d', 'podinfo-db-x2k4d', 'podinfo-primary-x2k4d', 'podinfo-0');
    });

    it('of a DaemonSet', () => {
      const target = { kind: 'DaemonSet', name: 'agent' } as const;
      fits(target, 'agent-x2k4d');
      fitsNot(target, 'agent-primary-x2k4d', 'agent-7c8d6f5b9d-x2k4d');
    });

    it('of a name with a dot', () => {
      const target = { kind: 'Deployment', name: 'a.b' } as const;
      fits(target, 'a.b-7c8d6f5b9d-x2k4d');
      fitsNot(target, 'a-b-7c8d6f5b9d-x2k4d');
    });

    it('of which Kubernetes cuts the hash or the dash off', () => {
      for (let length = 40; length <= 63; length++) {
        const target = { kind: 'Deployment', name: 'a'.repeat(length) } as const;
        const podName = (workload: string): string => `${`${workload}-7c8d6f5b9d-`.slice(0, 58)}x2k4d`;
        fits(target, podName(target.name));
        // Of longer names the primary's pods have no more than `-pr` left, which might be a hash.
        if (length <= 54) fitsNot(target, podName(`${target.name}-primary`));
      }
    });
  });
});
