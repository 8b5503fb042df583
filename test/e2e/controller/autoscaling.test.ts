// Releases of Deployments that HorizontalPodAutoscalers scale: by the real controller manager, by metrics that the test makes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { DEPLOYMENTS } from '../../../api/resources.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { type Autoscaler, autoscaler, readAutoscaler } from '../autoscaler.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { type PodMetrics, servePodMetrics } from './pod-metrics.ts';
import { canaryOf, eventsOf, follow, followStatus, untilPhase, untilStatus } from './release.ts';

const SECOND = 'scale.test/second';
const QUICK = { interval: '1s', threshold: 1, stepWeights: [25, 50], drainSeconds: 0 };
/** As long as an autoscaler takes to look twice. */
const TWO_LOOKS_MS = 35_000;

interface Sized {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number };
}

describe('a release of a Deployment with an autoscaler', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has, and it serves the metrics of pods itself'),
}, () => {
  const namespace = testNamespace('autoscaling');
  const followed = new AbortController();
  /** All sizes that a Deployment has been given, in order. */
  const sizes = new Map<string, number[]>();
  const statuses = new Map<string, CanaryStatus[]>();
  let server: Transport;
  let metrics: PodMetrics | undefined;
  let following: readonly Promise<void>[] = [];
  before(async () => {
    server = await apiServer();
    following = [
      follow<Sized>(server, collectionPath(DEPLOYMENTS, namespace), followed.signal, ({ metadata, spec }) => {
        const known = sizes.get(metadata.name) ?? [];
        if (known.at(-1) !== spec.replicas) sizes.set(metadata.name, [...known, spec.replicas]);
      }),
      followStatus(server, namespace, followed.signal, (status, name) => {
        statuses.set(name, [...(statuses.get(name) ?? []), status]);
      }),
    ];
    metrics = await servePodMetrics(namespace);
  });
  after(async () => {
    followed.abort();
    await metrics?.remove();
    await Promise.all(following);
    server.close();
  });

  const canary = (name: string, spec: object = {}) =>
    canaryOf(
      namespace,
      {
        autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name },
        analysis: QUICK,
        ...spec,
      },
      name,
    );
  const scaler = (name: string, minReplicas: number, maxReplicas: number, cpu = 100) =>
    autoscaler({ namespace, name, minReplicas, maxReplicas, cpu });
  const change = (name: string) => kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${SECOND}`);
  const replicas = async (name: string) =>
    Number(await kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}'));
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);

  /** The primary's autoscaler once it is as wanted. */
  const untilScaler = (name: string, isWanted: (scaler: Autoscaler) => boolean, what: string) =>
    eventually(async () => {
      const found = await readAutoscaler(namespace, `${name}-primary`);
      assert.ok(isWanted(found), `${name}-primary is not ${what}: ${JSON.stringify(found)}`);
      return found;
    }, 120_000);
  const limitsOf = ({
    spec: {
      minReplicas,
      maxReplicas,
      metrics: [metric],
    },
  }: Autoscaler) => `${minReplicas} to ${maxReplicas} by ${metric?.resource.target.averageValue}`;

  /** The sizes of a Deployment and then, as long as the promise takes. */
  async function sizesDuring<T>(name: string, doing: Promise<T>): Promise<readonly number[]> {
    const from = Math.max(0, (sizes.get(name)?.length ?? 0) - 1);
    await doing;
    return (sizes.get(name) ?? []).slice(from);
  }

  it('gives all the traffic back to as many pods of the primary as it had before', async (t) => {
    const name = 'herd';
    const spec = { analysis: { ...QUICK, stepWeights: [50], interval: `${TWO_LOOKS_MS / 1000}s` } };
    await apply(scaleDeployment(namespace, name, 1), scaler(name, 2, 6), canary(name, spec));
    await untilPhase(server, namespace, name, 'Initialized');
    await metrics?.use(`${name}-primary`, 450);
    await eventually(async () => assert.equal(await replicas(`${name}-primary`), 5), 120_000);
    // Which the first one is after a while: what is held here is for this release.
    await until(name, ({ primaryReplicas }) => primaryReplicas === undefined, 'let go');

    const release = async () => {
      await change(name);
      await until(name, ({ actualWeight = 0 }) => actualWeight === 50, 'at weight 50');
      await metrics?.use(`${name}-primary`, 150);
      const held = await untilScaler(
        name,
        ({ status }) => status?.conditions?.some(({ reason }) => reason === 'TooFewReplicas') === true,
        'wanting fewer pods',
      );
      assert.equal(limitsOf(held), '5 to 6 by 100m');
      const { primaryReplicas, phase } = await until(name, (status) => status.phase !== 'Progressing', 'over');
      assert.equal(primaryReplicas, 5, `while ${phase}`);
      return untilPhase(server, namespace, name, 'Succeeded');
    };
    const during = await sizesDuring(`${name}-primary`, release());
    assert.deepEqual(during, [5], 'the primary had another size while the canary had traffic');
    const moved = (statuses.get(name) ?? []).filter(({ desiredWeight = 0 }) => desiredWeight > 0);
    assert.ok(moved.length > 0 && moved.every(({ primaryReplicas }) => primaryReplicas === 5), 'it was not held');

    const ended = performance.now();
    // Only then, and by what its autoscaler says.
    await until(name, ({ primaryReplicas }) => primaryReplicas === undefined, 'let go');
    await eventually(async () => assert.equal(await replicas(`${name}-primary`), 2), 120_000);
    t.diagnostic(`scaled in ${((performance.now() - ended) / 1000).toFixed(0)} s after the release`);
    assert.deepEqual((sizes.get(`${name}-primary`) ?? []).slice(-2), [5, 2], 'it did not go down at once');
    assert.equal(limitsOf(await readAutoscaler(namespace, `${name}-primary`)), '2 to 6 by 100m');
    // The canary had as many pods as its autoscaler leaves it, from the write that changed it.
    assert.deepEqual(sizes.get(name), [1, 0, 2, 0]);
  });

  it('has a copy for its primary, which follows its own with the next promotion and not before', async () => {
    const name = 'copied';
    const ref = { apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', name };
    await apply(scaleDeployment(namespace, name, 1), scaler(name, 1, 4), canary(name, { autoscalerRef: ref }));
    await untilPhase(server, namespace, name, 'Initialized');
    const copy = await untilScaler(name, (found) => limitsOf(found) === '1 to 4 by 100m', 'as the target’s');
    assert.equal(copy.spec.scaleTargetRef.name, `${name}-primary`);
    assert.deepEqual(copy.metadata.labels, { 'flagger.app/canary': name });
    assert.deepEqual(
      copy.metadata.ownerReferences?.map(({ kind, name: owner }) => `${kind} ${owner}`),
      [`Canary ${name}`],
    );
    assert.deepEqual(copy.spec.behavior, (await readAutoscaler(namespace, name)).spec.behavior);

    await apply(scaler(name, 2, 8, 50));
    const edit = { spec: { maxReplicas: 9, metrics: null, behavior: null } };
    await kubectl(...['-n', namespace, 'patch', 'hpa', `${name}-primary`, '--type=merge', '-p', JSON.stringify(edit)]);
    await untilScaler(name, (found) => limitsOf(found) === '1 to 4 by 100m', 'put right');
    await kubectl('-n', namespace, 'delete', 'hpa', `${name}-primary`);
    const made = await untilScaler(name, ({ metadata }) => metadata.uid !== copy.metadata.uid, 'made anew');
    assert.equal(limitsOf(made), '1 to 4 by 100m');
    assert.deepEqual(made.spec.behavior, copy.spec.behavior);

    await change(name);
    await untilPhase(server, namespace, name, 'Succeeded');
    await untilScaler(name, (found) => limitsOf(found) === '2 to 8 by 50m', 'promoted');
    const told = `Copying the autoscaler of ${name}.${namespace} to ${name}-primary.${namespace}`;
    await eventually(async () => {
      const events = await eventsOf(namespace, name);
      assert.ok(events.includes(told), events.join('\n'));
    });
    // A person's own limits of the primary hold at once.
    await apply(canary(name, { autoscalerRef: { ...ref, primaryScalerReplicas: { minReplicas: 3, maxReplicas: 5 } } }));
    await untilScaler(name, (found) => limitsOf(found) === '3 to 5 by 50m', 'within the canary’s limits');
    await eventually(async () => assert.equal(await replicas(`${name}-primary`), 3), 90_000);
    // Whom the canary names no more scales nothing more.
    await apply(canary(name, { autoscalerRef: { ...ref, name: 'other' } }), { ...scaler('other', 1, 2) });
    await untilScaler('other', (found) => found.spec.scaleTargetRef.name === `${name}-primary`, 'in its place');
    const names = await kubectl('-n', namespace, 'get', 'hpa', '-o', 'name');
    assert.ok(!names.includes(`${name}-primary`), names);
  });

  it('that fails leaves the primary as large as it was, and its autoscaler as it was', async () => {
    const name = 'failing';
    const webhooks = [{ name: 'no', type: 'rollout', url: 'http://127.0.0.1:9/', timeout: '1s' }];
    const spec = { canaryReplicas: 3, analysis: { ...QUICK, interval: '5s', webhooks } };
    await apply(scaleDeployment(namespace, name, 1), scaler(name, 1, 6), canary(name, spec));
    await untilPhase(server, namespace, name, 'Initialized');
    await kubectl('-n', namespace, 'scale', 'deployment', `${name}-primary`, '--replicas=4');
    const release = async () => {
      await change(name);
      return untilPhase(server, namespace, name, 'Failed');
    };
    const during = await sizesDuring(`${name}-primary`, release());
    assert.deepEqual(during.slice(-1), [4]);
    assert.ok(!during.slice(during.indexOf(4)).some((size) => size < 4), `${during.join()} pods`);
    const all = statuses.get(name) ?? [];
    const shared = all.filter(({ desiredWeight = 0 }) => desiredWeight > 0);
    assert.deepEqual([...new Set(shared.map(({ primaryReplicas }) => primaryReplicas))], [4]);
    // Who watches the target may hear of it later than who watches the canary.
    await eventually(async () => assert.deepEqual(sizes.get(name), [1, 0, 3, 0]));
    await until(name, ({ primaryReplicas }) => primaryReplicas === undefined, 'let go');
    await untilScaler(name, (found) => limitsOf(found) === '1 to 6 by 100m', 'as it was');
  });

  it('waits for an autoscaler that is not there, and the target serves until then', async () => {
    const name = 'missing';
    await apply(scaleDeployment(namespace, name, 2), canary(name));
    const message = `spec.autoscalerRef: there is no HorizontalPodAutoscaler ${name}: make it, or remove autoscalerRef`;
    const isHeld = ({ waitingFor }: CanaryStatus) => waitingFor?.reason === 'AutoscalerMissing';
    const held = await until(name, isHeld, 'held');
    assert.equal(held.waitingFor?.message, message);
    const ready = held.conditions?.find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.status, ready?.reason], ['False', 'AutoscalerMissing']);
    await sleep(1000);
    assert.equal(await replicas(name), 2);
    await apply(scaler(name, 1, 3));
    await untilPhase(server, namespace, name, 'Initialized');
    // As large as the target was, for as long as its autoscaler cannot know better.
    assert.equal(await replicas(`${name}-primary`), 2);
    assert.equal(limitsOf(await readAutoscaler(namespace, `${name}-primary`)), '2 to 3 by 100m');
  });
});
