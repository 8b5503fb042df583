// Releases that do not go the plain way.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { DEPLOYMENTS } from '../../../api/resources.ts';
import { objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { get, getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { type LoadReport, startLoad } from './load.ts';
import {
  CONTOUR_GATEWAY,
  canaryOf,
  followStatus,
  initializedCanary,
  readCanary,
  rootProxy,
  setImage,
  toldInOrder,
  untilPhase,
  untilStatus,
} from './release.ts';

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly initContainers?: object } };
  };
  readonly status: { readonly readyReplicas?: number };
}

const QUICK = { interval: '1s', threshold: 2, stepWeights: [50], drainSeconds: 0 };
const FIRST = 'scale.test/nothing';
const SECOND = 'scale.test/second';

function read(server: Transport, namespace: string, name: string): Promise<Deployment> {
  return server.request<Deployment>({ path: objectPath(DEPLOYMENTS, { namespace, name }) });
}

/** Every status of a canary from now on, until it is stopped or the test is over. */
function recorded(t: TestContext, server: Transport, namespace: string, name: string) {
  const over = new AbortController();
  const statuses: CanaryStatus[] = [];
  const followed = followStatus(server, namespace, over.signal, (status, of) => {
    if (of === name) statuses.push(status);
  });
  t.after(() => over.abort());
  return {
    statuses: statuses as readonly CanaryStatus[],
    async stop(): Promise<readonly CanaryStatus[]> {
      over.abort();
      await followed;
      return statuses;
    },
  };
}

/** What it was, one after another, without what was the same as before. */
function changesOf<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, index) => index === 0 || value !== values[index - 1]);
}

describe('a release, with pods that are ready at once,', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('odd');
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  const initialized = (name: string, spec: object, replicas = 2) =>
    initializedCanary(server, namespace, name, spec, replicas);
  const change = (name: string, image = SECOND) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
  const patchSpec = (name: string, spec: object) =>
    kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', JSON.stringify({ spec }));
  const imageOf = (name: string) =>
    kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={..containers[0].image}');

  it('with skipAnalysis is promoted without traffic as soon as its pods are ready', async (t) => {
    const name = 'skipping';
    // Nothing but the analysis would take long.
    await initialized(name, { skipAnalysis: true, analysis: { ...QUICK, interval: '1h' } });
    const record = recorded(t, server, namespace, name);
    await change(name);
    const { lastPromotedSpec, lastAppliedSpec, history } = await untilPhase(server, namespace, name, 'Succeeded');
    const statuses = await record.stop();
    assert.deepEqual(
      statuses.filter(({ desiredWeight = 0, actualWeight = 0 }) => desiredWeight + actualWeight > 0),
      [],
    );
    assert.equal(lastPromotedSpec, lastAppliedSpec);
    assert.equal(history?.[0]?.result, 'Succeeded');
    assert.equal(await imageOf(`${name}-primary`), SECOND);
    assert.equal((await read(server, namespace, name)).spec.replicas, 0);
  });

  it('of a suspended canary is not started until that is over', async () => {
    const name = 'suspended';
    await initialized(name, { analysis: QUICK });
    await patchSpec(name, { suspend: true });
    await untilStatus(server, namespace, name, ({ waitingFor }) => waitingFor?.reason === 'Suspended', 'suspended');
    await change(name);
    const { status } = await eventually(async () => {
      const earlier = await readCanary(server, namespace, name);
      await sleep(3000);
      assert.deepEqual(await readCanary(server, namespace, name), earlier, 'the Canary is written again and again');
      return earlier;
    });
    assert.equal(status?.phase, 'Initialized');
    assert.equal((await read(server, namespace, name)).spec.replicas, 0);
    assert.equal(await imageOf(`${name}-primary`), FIRST);
    await patchSpec(name, { suspend: false });
    await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal(await imageOf(`${name}-primary`), SECOND);
  });

  it('that is suspended under way stays at its weight, and goes on from there', async (t) => {
    const name = 'halted';
    await initialized(name, { analysis: { ...QUICK, interval: '8s', stepWeights: [20, 40] } });
    const record = recorded(t, server, namespace, name);
    await change(name);
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 20, 'at weight 20');
    await patchSpec(name, { suspend: true });
    await untilStatus(server, namespace, name, ({ waitingFor }) => waitingFor?.reason === 'Suspended', 'suspended');
    const { actualWeight } = (await readCanary(server, namespace, name)).status ?? {};
    await sleep(10_000);
    const later = (await readCanary(server, namespace, name)).status ?? {};
    assert.equal(later.phase, 'Progressing');
    assert.equal(later.actualWeight, actualWeight);
    assert.equal((await read(server, namespace, name)).spec.replicas, 2);
    await patchSpec(name, { suspend: false });
    await untilPhase(server, namespace, name, 'Succeeded');
    const statuses = await record.stop();
    assert.deepEqual(changesOf(statuses.map(({ desiredWeight }) => desiredWeight)), [0, 20, 40, 0]);
  });

  for (const [canaryReplicas, pods] of [
    [1, 1],
    ['50%', 2],
  ] as const) {
    it(`has as many pods as canaryReplicas says: ${canaryReplicas} of 4 is ${pods}`, async () => {
      const name = `sized-${pods}`;
      await initialized(name, { canaryReplicas, analysis: { ...QUICK, interval: '1h' } }, 4);
      await change(name);
      await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
      const { spec, status } = await read(server, namespace, name);
      assert.equal(spec.replicas, pods);
      assert.equal(status.readyReplicas, pods);
      assert.equal((await read(server, namespace, `${name}-primary`)).spec.replicas, 4);
    });
  }

  it('goes through its own steps, and the primary gets its traffic back in steps', async (t) => {
    const name = 'stepped';
    const analysis = { ...QUICK, stepWeights: [1, 10, 80], stepWeightPromotion: 30 };
    await initialized(name, { analysis });
    const record = recorded(t, server, namespace, name);
    await change(name);
    const { history } = await untilPhase(server, namespace, name, 'Succeeded');
    const statuses = await record.stop();
    const of = (phase: CanaryStatus['phase']) =>
      changesOf(statuses.filter((status) => status.phase === phase).map(({ desiredWeight }) => desiredWeight));
    assert.deepEqual(of('Progressing'), [0, 1, 10, 80]);
    assert.deepEqual(of('Promoting'), [80, 50, 20]);
    assert.deepEqual(of('Succeeded'), [0]);
    const steps = changesOf(
      statuses.filter(({ phase }) => phase === 'Progressing').map(({ summary }) => summary?.step),
    );
    assert.deepEqual(steps, ['0/3', '1/3', '2/3', '3/3']);
    // Each weight was on the route, not only wanted.
    const actual = new Set(statuses.map(({ actualWeight }) => actualWeight));
    assert.deepEqual(
      [...actual].toSorted((one = 0, other = 0) => one - other),
      [0, 1, 10, 20, 50, 80],
    );
    assert.equal(history?.[0]?.weight, 80);
    await toldInOrder(
      [namespace, name],
      [
        `Advance ${name}.${namespace} canary weight 1`,
        `Advance ${name}.${namespace} canary weight 80`,
        `Copying ${name}.${namespace} template spec to ${name}-primary.${namespace}`,
        `Advance ${name}-primary.${namespace} primary weight 50`,
        `Advance ${name}-primary.${namespace} primary weight 80`,
        'Routing all traffic to primary',
        `Promotion completed! Scaling down ${name}.${namespace}`,
      ],
    );
  });

  it('whose pods never come up fails at its deadline, and the primary is not touched', async (t) => {
    const name = 'imageless';
    await initialized(name, { analysis: QUICK, progressDeadlineSeconds: 4 });
    const primary = await read(server, namespace, `${name}-primary`);
    const record = recorded(t, server, namespace, name);
    await change(name, 'registry.test/there-is-none:1');
    const status = await untilPhase(server, namespace, name, 'Failed');
    const statuses = await record.stop();
    assert.equal(status.failure?.reason, 'CanaryDeadlineExceeded');
    const rollout = `${name}.${namespace} rollout made no progress in 4s`;
    assert.match(status.failure?.message ?? '', new RegExp(`^${rollout}: 0 of 2 updated replicas are available`));
    assert.deepEqual(
      statuses.filter(({ desiredWeight = 0 }) => desiredWeight > 0),
      [],
    );
    assert.equal(status.history?.[0]?.result, 'Failed');
    assert.equal(status.conditions?.find(({ type }) => type === 'Promoted')?.status, 'False');
    assert.equal((await read(server, namespace, `${name}-primary`)).metadata.generation, primary.metadata.generation);
    assert.equal((await read(server, namespace, name)).spec.replicas, 0);
    // It stays failed until something else comes.
    await sleep(2000);
    assert.equal((await readCanary(server, namespace, name)).status?.phase, 'Failed');
    await change(name, SECOND);
    await untilPhase(server, namespace, name, 'Succeeded');
  });

  it('whose Deployment gives up by a deadline of its own fails then', async () => {
    const name = 'given-up';
    await initialized(name, { analysis: QUICK });
    const spec = JSON.stringify({ spec: { progressDeadlineSeconds: 3 } });
    await kubectl('-n', namespace, 'patch', 'deployment', name, '-p', spec);
    await change(name, 'registry.test/there-is-none:1');
    const { failure } = await untilPhase(server, namespace, name, 'Failed');
    assert.equal(failure?.reason, 'ProgressDeadlineExceeded');
    assert.equal((await read(server, namespace, name)).spec.replicas, 0);
  });
});

/** Envoy may hear of a canary's pods going before it hears that they get no traffic: what is under load is drained. */
const QUICK_DRAINED = { ...QUICK, drainSeconds: 5 };

describe('a release under load', {
  concurrency: true,
  skip: sandboxOnly('the tests must reach the gateway’s Service by its name'),
}, () => {
  const namespace = testNamespace('odd-load');
  const gateway = `${CONTOUR_GATEWAY}/version`;
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  async function served(name: string, spec: object, replicas: number, workload: object = {}): Promise<string> {
    const host = `${name}.${namespace}.test`;
    const [deployment = {}] = podinfo({ name, namespace, replicas });
    const { spec: deploymentSpec } = deployment as { spec: object };
    await apply({ ...deployment, spec: { ...deploymentSpec, ...workload } }, rootProxy(namespace, host, name));
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, spec, name));
    await untilPhase(server, namespace, name, 'Initialized');
    await eventually(() => getOk(gateway, { host }));
    return host;
  }

  it('whose primary does not come up fails, and everybody is answered all the time', async (t) => {
    const name = 'broken';
    const host = await served(name, { analysis: QUICK_DRAINED, progressDeadlineSeconds: 8 }, 2);
    const load = startLoad(gateway, { host });
    t.after(() => load.stop());
    await breakPrimary(name);
    const status = await untilPhase(server, namespace, name, 'Failed');
    await assertRestored(name, status);
    await sleep(2000);
    const { failures, requests, versions } = await load.stop();
    assert.deepEqual(failures, []);
    assert.deepEqual([...versions.keys()].toSorted(), ['6.9.1', '6.9.2']);
    t.diagnostic(`${requests} requests, by version: ${JSON.stringify([...versions])}`);
  });

  it('whose primary loses all its pods at once is served by the canary until the primary is back', async (t) => {
    const name = 'recreated';
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%', maxSurge: 0 } };
    const host = await served(name, { analysis: QUICK_DRAINED, progressDeadlineSeconds: 20 }, 2, { strategy });
    const load = startLoad(gateway, { host });
    t.after(() => load.stop());
    await breakPrimary(name);
    const helps = ({ phase, actualWeight }: CanaryStatus) => phase === 'Promoting' && actualWeight === 100;
    await untilStatus(server, namespace, name, helps, 'served by the canary alone');
    // The primary's share, until the gateway knew, which takes seconds on a busy machine.
    load.take();
    let failed = 0;
    let helped: LoadReport;
    do {
      await sleep(1000);
      helped = load.take();
      failed += helped.failures.length;
      const { phase } = (await readCanary(server, namespace, name)).status ?? {};
      assert.equal(phase, 'Promoting', 'the gateway never knew that the canary alone has the traffic');
    } while (helped.failures.length > 0 || helped.versions.has('6.9.1'));
    assert.deepEqual([...helped.versions.keys()], ['6.9.2']);
    const status = await untilPhase(server, namespace, name, 'Failed');
    await assertRestored(name, status);
    const back = await load.stop();
    assert.deepEqual(back.failures, []);
    assert.ok(back.versions.has('6.9.1'), 'the primary answered nobody after all');
    t.diagnostic(`${failed} requests failed while the primary's pods went`);
    t.diagnostic(`none of ${helped.requests + back.requests} failed while the canary helped out, and on the way back`);
    await toldInOrder(
      [namespace, name],
      [
        `The strategy of the primary may leave it without a pod, routing all traffic to canary ${name}.${namespace}`,
        new RegExp(`^Rolling back ${name}-primary`),
        'Routing all traffic to primary',
        `Canary failed! Scaling down ${name}.${namespace}`,
      ],
    );
  });

  it('whose pod crashes loses its traffic, and has to earn it anew', async (t) => {
    const name = 'crashing';
    await served(name, { analysis: { ...QUICK, interval: '1h', threshold: 3 } }, 1);
    const record = recorded(t, server, namespace, name);
    await setImage(namespace, '6.9.2', name);
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
    // kube-proxy leads to the Service's pods after a second.
    const canary = `http://${name}-canary.${namespace}:9898`;
    await eventually(() => getOk(`${canary}/version`));
    // Ends the process that answers, and so the connection; just once, as one that crashes again loses its traffic again.
    const { status: answered } = await get(`${canary}/panic`).catch(() => ({ status: 0 }));
    assert.equal(answered, 0, 'the pod lives on');
    const weights = () => changesOf(record.statuses.map(({ actualWeight = 0 }) => actualWeight));
    await eventually(async () => assert.equal(weights().length, 4, String(weights())), 120_000);
    assert.deepEqual(weights(), [0, 50, 0, 50]);
    const last = record.statuses.at(-1);
    assert.deepEqual([last?.phase, last?.failedChecks], ['Progressing', 1]);
    await record.stop();
    await toldInOrder(
      [namespace, name],
      [
        `Advance ${name}.${namespace} canary weight 50`,
        `Halt ${name}.${namespace} advancement no canary pod is available, routing all traffic to primary`,
      ],
    );
  });

  /** A change that is well on the target, and does not start on the primary. */
  async function breakPrimary(name: string): Promise<void> {
    const command = ['sh', '-c', 'case $HOSTNAME in *-primary-*) exit 1 ;; esac'];
    const initContainers = [{ name: 'only-on-the-target', image: 'sandbox.test/shell', command }];
    const containers = [{ name: 'podinfo', image: 'ghcr.io/stefanprodan/podinfo:6.9.2' }];
    const template = { spec: { initContainers, containers } };
    await kubectl('-n', namespace, 'patch', 'deployment', name, '-p', JSON.stringify({ spec: { template } }));
  }

  async function assertRestored(name: string, status: CanaryStatus): Promise<void> {
    const { failure, history, lastPromotedSpec, lastAppliedSpec, actualWeight } = status;
    assert.equal(failure?.reason, 'PrimaryNotReady');
    assert.match(
      failure?.message ?? '',
      new RegExp(`^${name}-primary.${namespace} did not come up with the new revision: `),
    );
    assert.equal(history?.[0]?.result, 'Failed');
    assert.notEqual(lastPromotedSpec, lastAppliedSpec);
    assert.equal(actualWeight, 0);
    assert.equal((await read(server, namespace, name)).spec.replicas, 0);
    const primary = await eventually(async () => {
      await rolledOut(namespace, `${name}-primary`);
      return read(server, namespace, `${name}-primary`);
    });
    assert.equal(primary.spec.template.spec.initContainers, undefined);
    assert.equal(primary.status.readyReplicas, 2);
  }
});
