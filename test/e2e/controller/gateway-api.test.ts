// Releases through a Gateway: an HTTPRoute on Contour's Envoy, judged by what the pods count themselves.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { startLoad } from './load.ts';
import {
  assertInOrder,
  BUILT_IN_CHECKS,
  CONTOUR_GATEWAY,
  canaryOf,
  eventsOf,
  initializedPodinfo,
  QUICK_ANALYSIS,
  untilPhase,
} from './release.ts';
import { releaseUnderLoad } from './release-under-load.ts';
import { assertItsOwnFailures, FAILING, SLOW, setRevision } from './revision.ts';
import { assertServed } from './served-steps.ts';

const OLD = '6.9.0';
const NEW = '6.9.1';
/** For 150 requests in what is left of a step once the gateway has taken its weight up. */
const ANALYSIS = { ...QUICK_ANALYSIS, interval: '8s', metrics: BUILT_IN_CHECKS };
/** What takes 600 ms is too slow. */
const SLOW_CHECKS = BUILT_IN_CHECKS.map((metric) =>
  metric.name === 'request-duration' ? { ...metric, thresholdRange: { max: 500 } } : metric,
);
const PER_SECOND = 40;
/** Of some 250 in a step on a machine that has nothing else to do; five other files may slow it down to a fifth. */
const AT_LEAST = 20;

/**
 * A ninth of the requests gets a 500. On a machine so busy that a step has none of them the next one does, and what was seen
 * once is not forgotten before the second check.
 */
const BAD_WEIGHTS = [50, 60, 70, 80];
const { stepWeight: _stepWeight, maxWeight: _maxWeight, ...UNWEIGHTED } = ANALYSIS;
const BAD_ANALYSIS = {
  ...{ ...UNWEIGHTED, stepWeights: BAD_WEIGHTS },
  metrics: ANALYSIS.metrics.map((metric) => ({ ...metric, interval: '30s' })),
};

interface HttpRoute {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly rules: readonly { readonly backendRefs: readonly { readonly name: string; readonly weight: number }[] }[];
  };
  readonly status: {
    readonly parents: readonly {
      readonly conditions: readonly {
        readonly type: string;
        readonly status: string;
        readonly observedGeneration: number;
      }[];
    }[];
  };
}

describe('a release through a Gateway', {
  skip: sandboxOnly('the load reaches the gateway’s Service by its name'),
  concurrency: true,
}, () => {
  const namespace = testNamespace('gateway-api');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  /** Applies podinfo and a canary on Contour's Gateway, and waits until it answers; the host name. */
  async function released(name: string, spec: object = {}): Promise<string> {
    const host = `${name}.${namespace}.test`;
    const service = { port: 9898, hosts: [host], gatewayRefs: [{ name: 'contour', namespace: 'projectcontour' }] };
    const wanted = { provider: 'gatewayapi:v1', service, analysis: ANALYSIS, ...spec };
    await initializedPodinfo(transport, namespace, wanted, { name, version: OLD });
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    return host;
  }

  it('promotes a good revision, and nobody loses a request', async (t: TestContext) => {
    const name = 'good';
    const host = await released(name);
    const { status, served } = await releaseUnderLoad(t, {
      ...{ transport, namespace, name, host, gateway: CONTOUR_GATEWAY, perSecond: PER_SECOND, old: OLD },
      revision: { version: NEW },
    });

    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.deepEqual(checksOf(status), ['request-success-rate Pass', 'request-duration Pass']);
    assert.deepEqual(served.failures, []);
    assert.deepEqual([...served.statuses.keys()], [200]);
    assertServed(served.steps, [25, 50], { primary: OLD, atLeast: AT_LEAST });

    const canary = `${name}.${namespace}`;
    assertInOrder(await eventsWith(name, /^Promotion completed!/), [
      `Canary ${canary} is initialized: ${name}-primary.${namespace} serves all traffic`,
      `New revision detected! Scaling up ${canary}`,
      `Advance ${canary} canary weight 25`,
      `Advance ${canary} canary weight 50`,
      `Copying ${canary} template spec to ${name}-primary.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${canary}`,
    ]);
    assert.match(await getOk(`${CONTOUR_GATEWAY}/version`, { host }), new RegExp(NEW.replaceAll('.', '\\.')));
    assertRestored(await kubectlJson<HttpRoute>('-n', namespace, 'get', 'httproute', name), name);
  });

  it('rolls a bad revision back, and only what it failed itself has failed', async (t: TestContext) => {
    const name = 'bad';
    const host = await released(name, { analysis: BAD_ANALYSIS });
    const { status, served } = await releaseUnderLoad(t, {
      ...{ transport, namespace, name, host, gateway: CONTOUR_GATEWAY, perSecond: PER_SECOND, old: OLD },
      revision: { version: NEW, flags: FAILING },
    });

    assert.equal(status.phase, 'Failed', JSON.stringify(status));
    assert.equal(status.failedChecks, QUICK_ANALYSIS.threshold);
    assert.equal(status.failure?.reason, 'ThresholdReached');
    assert.deepEqual(checksOf(status), ['request-success-rate Fail', 'request-duration Pass']);
    assertItsOwnFailures(served);
    assert.ok(served.steps.length < BAD_WEIGHTS.length, 'it got to the last weight');
    assertServed(served.steps, BAD_WEIGHTS.slice(0, served.steps.length), { primary: OLD, atLeast: AT_LEAST });

    const canary = `${name}.${namespace}`;
    assertInOrder(await eventsWith(name, /^Canary failed!/), [
      `New revision detected! Scaling up ${canary}`,
      `Advance ${canary} canary weight 50`,
      new RegExp(`^Halt ${canary} advancement success rate [\\d.]+% < 99%$`),
      `Rolling back ${canary} failed checks threshold reached 2`,
      `Canary failed! Scaling down ${canary}`,
    ]);
    assertRestored(await kubectlJson<HttpRoute>('-n', namespace, 'get', 'httproute', name), name);
    const image = 'jsonpath={.spec.template.spec.containers[0].image}';
    assert.equal(
      await kubectl('-n', namespace, 'get', 'deployment', `${name}-primary`, '-o', image),
      `ghcr.io/stefanprodan/podinfo:${OLD}`,
    );
    assert.equal(await kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}'), '0');
  });

  it('rolls a slow revision back', async (t: TestContext) => {
    const name = 'slow';
    const host = await released(name, { analysis: { ...ANALYSIS, interval: '6s', metrics: SLOW_CHECKS } });
    const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: 10 });
    t.after(() => load.stop());
    await setRevision(namespace, name, { version: NEW, flags: SLOW });
    await untilPhase(transport, namespace, name, 'Progressing');
    const status = await untilPhase(transport, namespace, name, 'Succeeded', 'Failed');
    const { failures } = await load.stop();
    assert.equal(status.phase, 'Failed', JSON.stringify(status));
    assert.deepEqual(checksOf(status), ['request-success-rate Pass', 'request-duration Fail']);
    assert.deepEqual(failures, []);
    assertInOrder(await eventsWith(name, /^Canary failed!/), [
      new RegExp(`^Halt ${name}\\.${namespace} advancement request duration \\d.* > 500ms$`),
      `Rolling back ${name}.${namespace} failed checks threshold reached 2`,
    ]);
  });

  it('waits for a Gateway that has not taken the route up, and keeps the target running', async () => {
    const name = 'waiting';
    await apply(...podinfo({ name, namespace, version: OLD }));
    await rolledOut(namespace, name);
    const service = { port: 9898, hosts: [`${name}.${namespace}.test`], gatewayRefs: [{ name: 'nobody', namespace }] };
    await apply(canaryOf(namespace, { provider: 'gatewayapi:v1', service }, name));
    await eventually(async () => {
      const canary = await kubectlJson<{ status?: CanaryStatus }>('-n', namespace, 'get', 'canary', name);
      const { phase, waitingFor } = canary.status ?? {};
      assert.deepEqual(
        { phase, waitingFor },
        {
          phase: 'Initializing',
          waitingFor: { reason: 'RouteAccepted', message: `the gateway has not taken up route ${name} yet` },
        },
      );
    });
    assert.equal(await kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}'), '1');
    const gatewayRefs = [{ name: 'contour', namespace: 'projectcontour' }];
    const mended = JSON.stringify({ spec: { service: { gatewayRefs } } });
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', mended);
    await untilPhase(transport, namespace, name, 'Initialized');
    const route = await kubectlJson<HttpRoute>('-n', namespace, 'get', 'httproute', name);
    assertRestored(route, name);
  });

  async function eventsWith(name: string, last: RegExp): Promise<readonly string[]> {
    return eventually(async () => {
      const events = await eventsOf(namespace, name);
      assert.ok(
        events.some((text) => last.test(text)),
        events.join('\n'),
      );
      return events;
    });
  }
});

function checksOf({ checks = [] }: CanaryStatus): readonly string[] {
  return checks.map(({ name, verdict }) => `${name} ${verdict}`);
}

/** All is the primary's again, and the gateway has said of this very generation that it has it. */
function assertRestored({ metadata, spec, status }: HttpRoute, name: string): void {
  assert.deepEqual(
    spec.rules.map(({ backendRefs }) => backendRefs.map((ref) => [ref.name, ref.weight])),
    [
      [
        [`${name}-primary`, 100],
        [`${name}-canary`, 0],
      ],
    ],
  );
  const [conditions = []] = status.parents.map((parent) => parent.conditions);
  for (const type of ['Accepted', 'ResolvedRefs']) {
    const condition = conditions.find((each) => each.type === type);
    assert.deepEqual([condition?.status, condition?.observedGeneration], ['True', metadata.generation], type);
  }
}
