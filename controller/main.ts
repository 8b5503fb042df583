// The controller: parses its command line once, wires its parts, waits until it leads, and ends them on SIGTERM or SIGINT.
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { CommanderError } from 'commander';
import { Registry } from 'prom-client';
import type { Canary } from '../api/generated/canary.ts';
import { CANARIES, SECRETS } from '../api/resources.ts';
import { VERSION } from '../api/version.ts';
import { systemClock } from '../kube/clock.ts';
import { startController } from '../kube/controller.ts';
import { isNotFound } from '../kube/errors.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { createGuardMetrics } from '../kube/guard/guard-metrics.ts';
import { Marks } from '../kube/guard/marks.ts';
import { startProcessGuard } from '../kube/guard/process-guard.ts';
import type { Suspect } from '../kube/guard/quarantine-record.ts';
import { reportDeaths } from '../kube/guard/report-deaths.ts';
import { Trials } from '../kube/guard/trials.ts';
import { createJsonLog } from '../kube/json-log.ts';
import { connectionFromKubeConfig } from '../kube/kube-config/kube-config.ts';
import { KubeConfigError } from '../kube/kube-config/kube-config-error.ts';
import { electLeader } from '../kube/leader-election/leader-election.ts';
import { createRuntimeMetrics } from '../kube/metrics.ts';
import { registerProcessMetrics } from '../kube/process-metrics.ts';
import { objectPath } from '../kube/resource.ts';
import { RestingRegistry } from '../kube/resting-registry.ts';
import { createStatusServer } from '../kube/status-server.ts';
import { createTransport } from '../kube/transport/transport.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import { measureAll } from './analysis/measure.ts';
import { createMeasureRunner } from './analysis/measure-runner.ts';
import { createCanaryMetrics } from './canary-metrics.ts';
import type { Note } from './decide/decision.ts';
import { createHookRunner } from './hooks/hook-runner.ts';
import { createAlertMetrics } from './notify/alert-metrics.ts';
import { createAlerts } from './notify/alerts.ts';
import { deploymentsOf } from './observe.ts';
import { type ControllerOptions, readOptions } from './options.ts';
import { createEgress } from './outgoing/egress.ts';
import { createOutgoingCall } from './outgoing/outgoing-call.ts';
import { createOutgoingLimit } from './outgoing/outgoing-limit.ts';
import { registerOutgoingMetrics } from './outgoing/outgoing-metrics.ts';
import { followOwnAddresses } from './outgoing/own-addresses.ts';
import { ownServices } from './outgoing/own-service.ts';
import { poisoned } from './poison-for-tests.ts';
import { quarantineNote } from './quarantine-note.ts';
import { createReconcile } from './reconcile.ts';
import type { Subject } from './subject.ts';
import { startWorld } from './world.ts';
import { FIELD_MANAGER } from './writer.ts';

const NAME = 'canaries';
/** What is under way when the program ends may take so long. */
const DRAIN_MS = 10_000;
const EVENTS_MS = 3000;
/** At a time. */
const MAX_SECRET_READS = 32;
const SECRET_TURN_MS = 10_000;
/** And so long when it ends by a fault of its own. */
const FAULT_DRAIN_MS = 1000;
/** A release asks for a few looks in a row; one that changes all the time is looked at five times a second. */
const PACE = { burst: 20, everyMs: 200 };
/** Calls that can be marked, for each worker: with those that have let their workers go on. */
const MARKS_A_WORKER = 5;
/** As the API server takes for one object. */
const MAX_SECRET_KEYS = 1024;

async function run(options: ControllerOptions): Promise<void> {
  const clock = systemClock;
  const log = createJsonLog(process.stdout, options.logLevel, clock);
  const stop = new AbortController();
  const told = new AbortController();
  // Every watch listens to it, and each request under way.
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => told.abort());

  const registry = new Registry();
  const metrics = createRuntimeMetrics(registry);
  registerProcessMetrics(registry, process, stop.signal);
  const connection = await connectionFromKubeConfig({ env: process.env, clock });
  const transportOptions = { connection, clock, log, metrics: metrics.transport, userAgent: 'canary-controller' };
  const transport = createTransport(transportOptions);
  // A renewal of the lease must not queue behind our own writes.
  const leaseTransport = createTransport(transportOptions);

  const identity = `${hostname()}_${randomBytes(4).toString('hex')}`;
  const marks = new Marks({
    ...{ path: join(options.marksFolder, 'marks'), id: identity, slots: options.threadiness * MARKS_A_WORKER },
    now: () => clock.date().getTime(),
    onUnwritable: (err) =>
      log.warn({ err }, 'no marks of what is worked on: after a crash nobody will know which canary it was'),
  });
  // Of one namespace as many as there are workers: with more, the slow ones of others would find no place.
  const queue = new WorkQueue({
    ...{ clock, metrics: metrics.queue(NAME), perNamespace: options.threadiness, pace: PACE },
  });
  metrics.depth(NAME, queue);
  const world = startWorld({
    ...{ transport, clock, log, metrics, signal: stop.signal, namespace: options.namespace },
    tracksConfigs: options.enableConfigTracking,
    onChange: (key) => queue.add(key),
  });
  // All of them are known, so that two of different shards with one target are still found out.
  const isOurs = ({ metadata }: Canary) => options.canarySelector?.(metadata.labels ?? {}) ?? true;
  const ownCanaries = () => [...world.canaries.values()].filter(isOurs);
  const canaryRegistry = new RestingRegistry();
  const canaryMetrics = createCanaryMetrics(registry, canaryRegistry, {
    version: VERSION,
    meshProvider: options.meshProvider,
    canaries: ownCanaries,
  });

  const alertMetrics = createAlertMetrics(registry);
  const trials = new Trials({
    ...{ marks, queue, clock, log },
    generationOf: (key) => world.canaries.get(key)?.metadata.generation,
    onSuspect: (suspect) => quarantined(suspect),
  });
  const guardMetrics = createGuardMetrics(registry, {
    quarantined: () => trials.suspects.length,
    isMemoryTooSmall: () => guard.memory.isTooSmall(),
  });
  let hasFailed = false;
  const guard = startProcessGuard({
    ...{ process, clock, log, signal: stop.signal, memoryLimit: options.memoryLimit, file: marks.file },
    heapLimit: getHeapStatistics().heap_size_limit,
    active: (withinMs) => marks.activeSince(clock.date().getTime() - withinMs),
    onEnd(reason, keys) {
      hasFailed = true;
      // Before the lease is released, which carries it to the next leader.
      trials.judge(marks.dies(reason, keys));
      guardMetrics.died(reason);
      told.abort();
    },
  });
  // Told by an event alone: hooks and alerts may be what is poisonous.
  let tellEvent: ((canary: Canary, note: Note) => void) | undefined;
  const quarantined = (suspect: Suspect): void => {
    log.error({ ...suspect, due: new Date(suspect.due) }, 'a canary is in quarantine');
    const canary = world.canaries.get(suspect.key);
    if (canary === undefined) return;
    const { name, namespace } = canary.metadata;
    const text = quarantineNote(name, namespace, suspect, clock.date().getTime());
    tellEvent?.(canary, { type: 'Warning', action: 'Quarantine', text });
  };

  // What canaries have read must not keep the connections that releases are moved by.
  const secretReads = createOutgoingLimit({ total: MAX_SECRET_READS });
  const limit = createOutgoingLimit({ total: options.maxOutgoingCalls });
  registerOutgoingMetrics(registry, limit);

  const missing = new Set(['objects']);
  const status = createStatusServer({
    registries: [registry, canaryRegistry],
    missing: () => (told.signal.aborted ? ['its end'] : [...missing]),
  });
  status.listen(options.port);
  log.info({ port: options.port, namespace: options.namespace ?? 'all' }, 'started');
  // Rejects only when the program ends before.
  world.synced.then(
    () => {
      missing.delete('objects');
      guard.memory.settled();
    },
    () => undefined,
  );

  // Before it leads, as nobody is to wait for that then.
  const own = ownAddresses(stop.signal);
  metrics.leading(options.leaseName, false);
  const lease = {
    ...{ transport: leaseTransport, clock, log, signal: told.signal, name: options.leaseName },
    namespace: options.leaseNamespace ?? connection.namespace,
  };
  await reportDeaths({ ...lease, marks });
  const leadership = await electLeader({ ...lease, identity, carry: trials.carry });
  if (leadership !== undefined) {
    log.info({ identity }, 'leading');
    metrics.leading(options.leaseName, true);
    const events = new EventRecorder({
      transport,
      clock,
      log,
      controller: FIELD_MANAGER,
      instance: hostname(),
      fence: leadership,
    });
    tellEvent = (canary: Canary, { type, action, text }: Note) => {
      const { name, namespace, uid, resourceVersion } = canary.metadata;
      const regarding = { ...CANARIES, name, namespace, uid, resourceVersion };
      // One reason for all, as everybody filters by it.
      events.record({ regarding, type, reason: 'Synced', action, note: text });
    };
    const record = (canary: Canary, note: Note) => {
      const { type, text } = note;
      tellEvent?.(canary, note);
      hooks.tell(canary, { type, message: text, at: clock.date() });
    };
    const call = createOutgoingCall({
      limit,
      egress: createEgress({ allow: options.egressAllow, deny: options.egressDeny, own: await own }),
      isOwnService: ownServices(transport, options.showAnswersOf),
    });
    const hooks = createHookRunner({
      ...{ clock, log, call, signal: leadership.lost, eventWebhook: options.eventWebhook },
      secret: (namespace, name) => readSecret(namespace, name, leadership.lost),
      onAnswer: (key) => queue.add(key),
    });
    const alerts = createAlerts({
      ...{ clock, log, call, signal: leadership.lost, metrics: alertMetrics, globals: options.notifiers },
      crossNamespaceRefs: options.crossNamespaceRefs,
      secret: (namespace, name) => readSecret(namespace, name, leadership.lost),
      providers: world.alertProviders,
      knownOf: (canary) => ({
        ...deploymentsOf(canary, world),
        ...{ answers: hooks.answers(canary), cluster: options.clusterName, now: clock.date() },
      }),
      onMissing: (canary, text) => record(canary, { type: 'Warning', action: 'Alert', text }),
    });
    const reconcile = createReconcile({
      ...{ world, clock, isOurs },
      defaultProvider: options.meshProvider,
      crossNamespaceRefs: options.crossNamespaceRefs,
      generation: { selectorLabels: options.selectorLabels, includeLabelPrefixes: options.includeLabelPrefix },
      writer: { transport, fieldManager: FIELD_MANAGER, fence: leadership },
      answers: (canary) => hooks.answers(canary),
      callHooks: ({ canary }, moment, question) => hooks.ask(canary, moment, question),
      measurements: createMeasureRunner({
        ...{ clock, log, signal: leadership.lost, onAnswer: (key) => queue.add(key) },
        measure: ({ canary, provider }: Subject, signal) =>
          measureAll(canary, {
            ...{ provider, clock, signal, call, metricsServer: options.metricsServer },
            crossNamespaceRefs: options.crossNamespaceRefs,
            template: (namespace, name) => world.templates.read(`${namespace}/${name}`, signal),
            secret: (namespace, name) => readSecret(namespace, name, signal),
          }),
      }),
      told: {
        ...canaryMetrics,
        moved(before, canary) {
          canaryMetrics.moved(before, canary);
          alerts.moved(before, canary);
        },
        gone(key) {
          canaryMetrics.gone(key);
          hooks.forget(key);
          alerts.gone(key);
        },
        noted(canary, notes) {
          for (const note of notes) record(canary, note);
        },
      },
    });
    await Promise.race([world.synced, aborted(leadership.lost), aborted(told.signal)]);
    marks.leads(leadership.holder);
    trials.adopt(leadership.found);
    if (options.poisonForTests) log.warn({}, 'canaries can poison this controller: it is for tests alone');
    const controller = startController({
      ...{ name: NAME, queue, clock, log, signal: leadership.lost, workers: options.threadiness, guard: trials },
      reconcile: options.poisonForTests ? poisoned(reconcile, (key) => world.canaries.get(key)) : reconcile,
      onStuck: (keys) => guard.end('stuck', keys),
      allKeys: () => ownCanaries().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      metrics: metrics.controller(NAME),
    });
    const ending = AbortSignal.any([told.signal, leadership.lost]);
    const trying = trials.run(() => leadership.renewNow(), ending);
    await aborted(ending);
    metrics.leading(options.leaseName, false);
    if (leadership.lost.aborted) {
      // What another leads now must not wait for us, and nothing of ours is to be relied on.
      log.error({ err: leadership.lost.reason as unknown }, 'the lease is lost, ending');
      process.exitCode = 1;
    }
    log.info({}, 'ending');
    await Promise.all([controller.drain(hasFailed ? FAULT_DRAIN_MS : DRAIN_MS), trying]);
    if (!hasFailed) await Promise.all([events.close(EVENTS_MS), alerts.close(EVENTS_MS)]);
    await leadership.release();
  }
  // What a process died of stays on its marks, as a release of the lease may have failed.
  if (!hasFailed) marks.close();
  stop.abort();
  status.close();
  status.closeAllConnections();
  transport.close();
  leaseTransport.close();
  log.info({}, 'ended');
  // Whatever it was that went wrong may keep the event loop busy.
  if (hasFailed) process.exit();

  function ownAddresses(signal: AbortSignal) {
    return followOwnAddresses({
      ...{
        transport,
        clock,
        log,
        signal,
        server: connection.server,
        serviceHost: process.env['KUBERNETES_SERVICE_HOST'],
      },
      itself: Object.values(networkInterfaces()).flatMap((of = []) =>
        of.map(({ address }) => ({ address, port: options.port, what: 'the controller itself' })),
      ),
    });
  }

  async function readSecret(namespace: string, name: string, signal: AbortSignal) {
    const path = objectPath(SECRETS, { namespace, name });
    const end = await secretReads.acquire(namespace, { clock, signal, ms: SECRET_TURN_MS });
    try {
      const { data = {} } = await transport.request<{ data?: Record<string, string> }>({ path, signal });
      const entries = Object.entries(data).slice(0, MAX_SECRET_KEYS);
      return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    } finally {
      end();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

try {
  await run(readOptions(process.argv.slice(2), process.env, (text) => void process.stderr.write(text)));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof KubeConfigError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
