import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { type LoadReport, startLoad } from '../controller/load.ts';
import { CONTOUR_GATEWAY, canaryOf, rootProxy, setImage, untilPhase } from '../controller/release.ts';
import { setRevision } from '../controller/revision.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { startFaultProxy } from '../kube/fault-proxy.ts';
import { apply } from '../kubectl.ts';
import type { InstalledPlugin } from '../plugin/installed-plugin.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import type { Fault } from './fault.ts';
import type { FaultyMetrics } from './faulty-metrics.ts';
import { assertRulesKept } from './kept-rules.ts';
import { startOwnController } from './own-controllers.ts';
import { recordRelease } from './release-record.ts';
import { untilAllSeen } from './sights.ts';
import { assertTraffic } from './traffic.ts';

export interface Scene {
  readonly transport: Transport;
  readonly metrics: FaultyMetrics;
  readonly plugin: InstalledPlugin;
  /** The folder of the bundled `controller` and `jumping-clock`. */
  readonly programs: string;
}

/** What became of a release and of its users' requests. */
export interface Outcome {
  readonly requests: number;
  readonly failed: number;
  /** By their status, without those of 200. */
  readonly others: ReadonlyMap<number, number>;
  /** From the change of the revision to the end of the release. */
  readonly seconds: number;
}

const OLD = '6.9.0';
const NEW: NonNullable<Fault['revision']> = { version: '6.9.1' };
/** Time for a fault to begin at a weight, and for who judges to notice. */
const ANALYSIS = { interval: '8s', threshold: 2, stepWeights: [25, 50], drainSeconds: 5 };
const PER_SECOND = 20;
/** A fault goes on for so long once all has been seen: what it does may come later. */
const GOES_ON_MS = 5000;
const HOUR_MS = 3_600_000;

/** Makes podinfo and its canary, with a controller of its own if the fault is one of controllers. */
export async function prepare(t: TestContext, fault: Fault, namespace: string, scene: Scene) {
  const { transport, metrics } = scene;
  const { gateway = 'contour', replicas = 1 } = fault;
  const host = `podinfo.${namespace}.test`;
  const ownControllers = await startControllers(t, fault, namespace, scene);
  const [deployment = {}, ...others] = podinfo({ name: 'podinfo', namespace, version: OLD, replicas });
  const { spec } = deployment as { spec: object };
  const roots = gateway === 'contour' ? [rootProxy(namespace, host)] : [];
  await apply({ ...deployment, spec: { ...spec, ...fault.workload } }, ...others, ...roots);
  await rolledOut(namespace, 'podinfo');
  const gatewayRefs = [{ name: 'contour', namespace: 'projectcontour' }];
  const throughGateway = {
    provider: 'gatewayapi:v1',
    service: { port: 9898, hosts: [host], gatewayRefs },
  };
  const canary = canaryOf(namespace, {
    ...(gateway === 'gateway-api' && throughGateway),
    ...(fault.metrics !== undefined && { metricsServer: metrics.address(fault.metrics) }),
    ...fault.spec,
    analysis: { ...ANALYSIS, ...fault.analysis },
  });
  await apply(canary);
  await untilPhase(transport, namespace, 'podinfo', 'Initialized');
  await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
  return { host, ...ownControllers };
}

async function startControllers(
  t: TestContext,
  { controllers }: Fault,
  namespace: string,
  { programs }: Pick<Scene, 'programs'>,
) {
  if (controllers === undefined) return { controllers: [], proxy: undefined };
  const { count, isProxied = false, jumpHours = 0 } = controllers;
  const proxy = isProxied ? await startFaultProxy() : undefined;
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startOwnController({ folder: programs, namespace, proxy, index, jumpMs: jumpHours * HOUR_MS }),
    ),
  );
  t.after(async () => {
    await Promise.all(started.map((controller) => controller.end()));
    await proxy?.close();
  });
  // The first of all waits a whole lease.
  await eventually(
    () =>
      Promise.resolve(
        assert.ok(
          started.some(({ leads }) => leads),
          'nobody leads',
        ),
      ),
    120_000,
  );
  return { controllers: started, proxy };
}

/** Releases under load, has the fault befall it, and asserts what is to be seen, what fails, and how it ends. */
export async function runTrial(
  t: TestContext,
  fault: Fault,
  namespace: string,
  scene: Scene,
  { host, controllers, proxy }: Awaited<ReturnType<typeof prepare>>,
): Promise<Outcome> {
  const { transport, metrics, plugin } = scene;
  const { gateway = 'contour', revision = NEW } = fault;
  const record = await recordRelease(transport, namespace, gateway);
  const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: PER_SECOND });
  t.after(async () => {
    await Promise.all([record.stop(), load.stop()]);
  });
  // What there was before the fault began is none of it.
  let begun = 0;
  const statuses = () => record.statuses.slice(begun).map(({ status }) => status);
  const view = { namespace, plugin, statuses, log: () => controllers.map(({ log }) => log).join('\n') };
  const until = (isWanted: (status: CanaryStatus) => boolean, what: string) =>
    eventually(async () => {
      const last = JSON.stringify(statuses().at(-1));
      assert.ok(statuses().some(isWanted), `${namespace} was never ${what}: ${last}`);
    }, 150_000);

  await fault.beforehand?.(namespace);
  const started = performance.now();
  // Its probes are patient with flags, and would not notice a pod that is no longer ready.
  if (revision.flags === undefined) await setImage(namespace, revision.version);
  else await setRevision(namespace, 'podinfo', revision);
  await until(({ phase }) => phase === 'Progressing', 'Progressing');
  const isHeld = ({ actualWeight = 0, waitingFor }: CanaryStatus) =>
    actualWeight > 0 && waitingFor?.reason === 'StepInterval';
  if (fault.begins === undefined) await until(isHeld, 'held at its first weight');
  const before = load.take();
  begun = record.statuses.length - 1;
  await fault.befall({
    ...{ namespace, transport, metrics, proxy, controllers, until },
    status: () => statuses().at(-1) ?? {},
    async untilSeen() {
      await untilAllSeen(fault.during, view);
      await sleep(GOES_ON_MS);
    },
  });
  const during = load.take();
  await until(({ phase }) => phase === 'Succeeded' || phase === 'Failed', 'through');
  const seconds = (performance.now() - started) / 1000;
  const last = statuses().at(-1);
  assert.equal(last?.phase, fault.end, JSON.stringify(last));
  assert.equal(last.actualWeight, 0);
  await untilAllSeen(fault.afterwards, view);
  const after = await load.stop();

  const promoted = fault.end === 'Succeeded' ? (fault.promoted ?? revision.version) : OLD;
  await record.caughtUp();
  assertRulesKept(record, { old: OLD, last: promoted });
  const { version } = JSON.parse(await getOk(`${CONTOUR_GATEWAY}/version`, { host })) as { version: string };
  assert.equal(version, promoted);
  await assertTraffic(fault, namespace, { before, during, after });
  return outcomeOf([before, during, after], seconds);
}

function outcomeOf(reports: readonly LoadReport[], seconds: number): Outcome {
  const others = new Map<number, number>();
  for (const { statuses } of reports)
    for (const [status, count] of statuses) if (status !== 200) others.set(status, (others.get(status) ?? 0) + count);
  return {
    requests: reports.reduce((sum, { requests }) => sum + requests, 0),
    failed: reports.reduce((sum, { failures }) => sum + failures.length, 0),
    ...{ others, seconds },
  };
}
