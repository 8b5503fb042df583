// The examples and the documents' own manifests, applied as they stand but for their namespace: what this version carries
// out of them is done, and what it does not is said, and holds the next release and not the first.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARY_LABEL } from '../../../api/keys.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { autoscaler, readAutoscaler } from '../autoscaler.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { CONTOUR_GATEWAY, readCanary, rootProxy, setImage, untilPhase, untilStatus } from './release.ts';
import {
  CROSSOVER_CANARY,
  ERROR_RATE_TEMPLATE,
  FIRST_CANARY,
  FIRST_CANARY_SERVICE,
  FIRST_ROLLOUT,
  FIRST_VIRTUAL_SERVICE,
  LATENCY_TEMPLATE,
  manifestsIn,
  SERVICE_CANARY,
} from './seed-manifests.ts';

const OLD = '6.9.0';
const NEW = '6.9.1';

describe('what is applied as it stands', {
  skip: sandboxOnly('it needs Contour and Istio, and the load reaches the gateway’s Service by its name'),
  concurrency: true,
}, () => {
  const contour = testNamespace('example-contour');
  const gatewayApi = testNamespace('example-gatewayapi');
  const istio = testNamespace('example-istio');
  const kubernetes = testNamespace('example-kubernetes');
  const first = testNamespace('seed-first');
  const service = testNamespace('seed-service');
  const crossover = testNamespace('seed-crossover');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  async function example(folder: string, namespace: string): Promise<void> {
    const [deployment] = podinfo({ name: 'podinfo', namespace, version: OLD });
    assert.ok(deployment !== undefined, 'podinfo has no Deployment');
    await apply(deployment, autoscaler({ namespace, name: 'podinfo', minReplicas: 1, maxReplicas: 2 }));
    await rolledOut(namespace, 'podinfo');
    await apply(...manifestsIn(namespace, await readFile(`examples/${folder}/canary.yaml`, 'utf8')));
  }

  /** The primary serves, with all that the canary asks for, and the next revision is released. */
  async function assertReleased(namespace: string): Promise<void> {
    const { conditions = [] } = await untilPhase(transport, namespace, 'podinfo', 'Initialized');
    const ready = conditions.find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.status, ready?.reason], ['True', 'Ready'], ready?.message);
    assert.equal((await readAutoscaler(namespace, 'podinfo-primary')).spec.scaleTargetRef.name, 'podinfo-primary');
    await setImage(namespace, NEW);
    await untilPhase(transport, namespace, 'podinfo', 'Progressing');
  }

  it('is examples/contour', async () => {
    await example('contour', contour);
    const host = `podinfo.${contour}.test`;
    await apply(rootProxy(contour, host));
    await assertReleased(contour);
    const answer = await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    assert.equal((JSON.parse(answer) as { version: string }).version, OLD);
    const { spec } = await kubectlJson<{ spec: { routes: { retryPolicy: object; timeoutPolicy: object }[] } }>(
      ...['-n', contour, 'get', 'httpproxy', 'podinfo'],
    );
    assert.deepEqual(
      spec.routes.map(({ retryPolicy, timeoutPolicy }) => ({ retryPolicy, timeoutPolicy })),
      [
        {
          retryPolicy: { count: 3, perTryTimeout: '5s', retryOn: ['5xx'] },
          timeoutPolicy: { response: '15s' },
        },
      ],
    );
  });

  it('is examples/gatewayapi-v1, whose Gateway is not there', async () => {
    await example('gatewayapi-v1', gatewayApi);
    const waits = ({ waitingFor }: CanaryStatus) => waitingFor?.reason === 'RouteAccepted';
    const { phase, waitingFor } = await untilStatus(transport, gatewayApi, 'podinfo', waits, 'waiting for the Gateway');
    assert.equal(phase, 'Initializing');
    assert.equal(waitingFor?.message, 'the gateway has not taken up route podinfo yet');
    // The target serves until somebody else does.
    await rolledOut(gatewayApi, 'podinfo');
    assert.equal(
      await kubectl('-n', gatewayApi, 'get', 'deployment', 'podinfo', '-o', 'jsonpath={.spec.replicas}'),
      '1',
    );

    const gatewayRefs = [{ name: 'contour', namespace: 'projectcontour' }];
    const mended = JSON.stringify({ spec: { service: { gatewayRefs } } });
    await kubectl('-n', gatewayApi, 'patch', 'canary', 'podinfo', '--type=merge', '-p', mended);
    await assertReleased(gatewayApi);
  });

  it('is examples/istio', async () => {
    await example('istio', istio);
    await assertReleased(istio);
    const rules = await kubectlJson<{ items: { spec: object }[] }>('-n', istio, 'get', 'destinationrules');
    const trafficPolicy = { tls: { mode: 'ISTIO_MUTUAL' } };
    assert.deepEqual(
      rules.items.map(({ spec }) => spec),
      ['podinfo-canary', 'podinfo-primary'].map((host) => ({ host, trafficPolicy })),
    );
  });

  it('is examples/kubernetes', async () => {
    await example('kubernetes', kubernetes);
    await assertReleased(kubernetes);
    const names = (await kubectl('-n', kubernetes, 'get', 'services', '-o', 'name')).trim().split('\n');
    assert.deepEqual(names, ['service/podinfo', 'service/podinfo-canary', 'service/podinfo-primary']);
  });

  it('is a canary of 2018, with all that it asks for', async () => {
    const [deployment] = podinfo({ name: 'podinfo-canary', namespace: first, version: OLD });
    assert.ok(deployment !== undefined, 'podinfo has no Deployment');
    await apply(
      ...[...podinfo({ name: 'podinfo', namespace: first, version: OLD }), deployment],
      ...manifestsIn(first, FIRST_CANARY_SERVICE, FIRST_VIRTUAL_SERVICE),
    );
    await Promise.all([rolledOut(first, 'podinfo'), rolledOut(first, 'podinfo-canary')]);
    await apply(...manifestsIn(first, FIRST_CANARY));
    // Until its user says that the controller may change it, the primary is anybody's Deployment.
    const isRefused = ({ waitingFor }: CanaryStatus) => waitingFor?.reason === 'WriteRefused';
    const { waitingFor } = await untilStatus(transport, first, 'podinfo', isRefused, 'refused');
    const command = `kubectl -n ${first} label deployment podinfo flagger.app/canary=`;
    assert.ok(waitingFor?.message?.includes(command), waitingFor?.message);
    await kubectl('-n', first, 'label', 'deployment', 'podinfo', `${CANARY_LABEL}=podinfo`);
    const { conditions = [] } = await untilPhase(transport, first, 'podinfo', 'Initialized');
    assert.deepEqual(conditions.map(({ type, status }) => `${type} ${status}`).toSorted(), [
      'Promoted True',
      'Ready True',
    ]);
  });

  it('is not the very first one, whose group is another’s', async () => {
    const [rollout] = manifestsIn(first, FIRST_ROLLOUT);
    assert.ok(rollout !== undefined, 'the document has no Rollout');
    const { exitCode, stderr } = await tryKubectl(rollout, 'apply', '-f', '-');
    assert.equal(exitCode, 1);
    assert.match(stderr, /no matches for kind "Rollout" in version "apps.weave.works\/v1beta1"/);
  });

  it('is a canary of a Service of v1alpha3, which waits', async () => {
    await apply(...podinfo({ name: 'podinfo', namespace: service, version: OLD }));
    await apply(...manifestsIn(service, SERVICE_CANARY));
    const message = 'spec.targetRef.kind: Service is not released yet, only Deployment is';
    await assertUntouched(service, message);
  });

  it('is a canary behind Crossover with its templates', async () => {
    await apply(...podinfo({ name: 'podinfo', namespace: crossover, version: OLD }));
    await rolledOut(crossover, 'podinfo');
    await apply(autoscaler({ namespace: crossover, name: 'podinfo', minReplicas: 1, maxReplicas: 2 }));
    await apply(...manifestsIn(crossover, ERROR_RATE_TEMPLATE, LATENCY_TEMPLATE, CROSSOVER_CANARY));
    await assertReleased(crossover);
    const { spec } = await kubectlJson<{ spec: object }>(
      '-n',
      crossover,
      'get',
      'trafficsplits.v1alpha1.split.smi-spec.io',
      'podinfo',
    );
    assert.deepEqual(spec, {
      service: 'podinfo',
      backends: [
        { service: 'podinfo-primary', weight: '100' },
        { service: 'podinfo-canary', weight: '0' },
      ],
    });
  });

  async function assertUntouched(namespace: string, message: string): Promise<void> {
    const isHeld = ({ waitingFor }: CanaryStatus) => waitingFor !== undefined;
    const { waitingFor, conditions = [] } = await untilStatus(transport, namespace, 'podinfo', isHeld, 'held');
    assert.deepEqual(waitingFor, { reason: 'NotSupported', message });
    const ready = conditions.find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.status, ready?.message], ['False', message]);
    await rolledOut(namespace, 'podinfo');
    const names = ['-n', namespace, 'get', 'deployments,services', '-o', 'name'];
    assert.deepEqual((await kubectl(...names)).trim().split('\n'), ['deployment.apps/podinfo', 'service/podinfo']);
    assert.equal((await readCanary(transport, namespace)).status?.phase, undefined);
  }
});
