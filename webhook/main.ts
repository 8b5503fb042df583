// The admission webhook: parses its command line once, wires its parts, and ends them on SIGTERM or SIGINT.
import { readFile } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import { CommanderError } from 'commander';
import { Registry } from 'prom-client';
import { schemas } from '../api/generated/schemas.ts';
import { validate } from '../api/validate.ts';
import { pause, systemClock } from '../kube/clock.ts';
import { startProcessGuard } from '../kube/guard/process-guard.ts';
import { createJsonLog } from '../kube/json-log.ts';
import { connectionFromKubeConfig } from '../kube/kube-config/kube-config.ts';
import { KubeConfigError } from '../kube/kube-config/kube-config-error.ts';
import { createRuntimeMetrics } from '../kube/metrics.ts';
import { registerProcessMetrics } from '../kube/process-metrics.ts';
import { createStatusServer } from '../kube/status-server.ts';
import { createTransport } from '../kube/transport/transport.ts';
import { followCertificateFolder } from './certificates/certificate-folder.ts';
import { keepCertificates } from './certificates/certificate-keeper.ts';
import { createWebhookMetrics } from './metrics.ts';
import { readOptions, type WebhookOptions } from './options.ts';
import { ACTION_BYTES, CUSTOM_OBJECT_BYTES, createApp, createWebhookServer, WORKLOAD_BYTES } from './server.ts';
import { stampAction } from './stamp-action.ts';
import { stampRevision } from './stamp-revision.ts';
import { startSurroundings } from './surroundings.ts';
import { subjectOf, validateSubject } from './validate.ts';

const CONFIGURATION = 'kubectl-canary';
/** What is under way when the program ends may take so long. */
const CLOSE_MS = 5000;

async function run(options: WebhookOptions): Promise<void> {
  const clock = systemClock;
  const log = createJsonLog(process.stdout, options.logLevel, clock);
  const stop = new AbortController();
  const told = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => told.abort());

  const registry = new Registry();
  const metrics = createRuntimeMetrics(registry);
  registerProcessMetrics(registry, process, stop.signal);
  let hasFailed = false;
  const guard = startProcessGuard({
    ...{ process, clock, log, signal: stop.signal, memoryLimit: options.memoryLimit },
    heapLimit: getHeapStatistics().heap_size_limit,
    handOverMs: options.shutdownDelay + 2 * CLOSE_MS,
    // What is asked meanwhile is answered, as at any other end.
    onEnd() {
      hasFailed = true;
      told.abort();
    },
  });
  const connection = await connectionFromKubeConfig({ env: process.env, clock });
  const transport = createTransport({
    connection,
    clock,
    log,
    metrics: metrics.transport,
    userAgent: 'canary-webhook',
  });
  const namespace = options.namespace ?? connection.namespace;

  const surroundings = startSurroundings({
    ...{ transport, clock, log, metrics, signal: stop.signal },
    defaults: {
      defaultProvider: options.meshProvider,
      scrapeIntervalMs: options.scrapeInterval,
      crossNamespaceRefs: options.crossNamespaceRefs,
    },
  });
  const app = createApp({
    ...{ log, clock, metrics: createWebhookMetrics(registry) },
    paths: {
      '/validate': {
        maxBytes: CUSTOM_OBJECT_BYTES,
        admit: async (request) => {
          const subject = subjectOf(request);
          return subject === undefined ? { kind: 'allowed' } : validateSubject(subject, await surroundings.of(subject));
        },
      },
      '/stamp-action': {
        maxBytes: ACTION_BYTES,
        admit: (request) => Promise.resolve(stampAction(request, clock.date())),
      },
      '/stamp-revision': {
        maxBytes: WORKLOAD_BYTES,
        admit: (request) => Promise.resolve(stampRevision(request, surroundings.releaseOf(request), clock.date())),
      },
    },
  });
  const clientCa = options.clientCa === undefined ? undefined : await readFile(options.clientCa, 'utf8');
  const server = createWebhookServer(app, clock, clientCa);

  const missing = new Set(['certificates', 'canaries', 'schemas']);
  const have = (what: string) => () => void missing.delete(what);
  const status = createStatusServer({
    registries: [registry],
    missing: () => (told.signal.aborted ? ['its end'] : [...missing]),
  });
  status.listen(options.statusPort);
  await server.listen(options.port);
  log.info({ port: options.port, statusPort: options.statusPort, namespace }, 'listening');

  const { certificateFolder: folder } = options;
  const certificates =
    folder === undefined
      ? keepCertificates({
          ...{ transport, clock, log, signal: stop.signal, namespace, secret: options.secret },
          configuration: CONFIGURATION,
          policy: {
            serves: [`${options.service}.${namespace}.svc`, `${options.service}.${namespace}.svc.cluster.local`],
            authorityLifeMs: options.authorityLife,
            servingLifeMs: options.servingLife,
            spreadMs: options.spread,
          },
          onServing: (serving) => server.serve(serving),
        })
      : followCertificateFolder({ folder, clock, log, signal: stop.signal, onServing: (pair) => server.serve(pair) });
  // Both reject only when the program ends before.
  const never = () => undefined;
  certificates.then(have('certificates'), never);
  surroundings.synced.then(have('canaries'), never);
  surroundings.synced.then(guard.memory.settled, never);
  // Compiling takes a third of a second, which is not to be the first request's.
  for (const kind of Object.keys(schemas) as (keyof typeof schemas)[]) validate(kind, {});
  have('schemas')();

  await new Promise((resolve) => {
    if (told.signal.aborted) resolve(undefined);
    else told.signal.addEventListener('abort', resolve, { once: true });
  });
  // The Service leads here until everybody has heard that we are not ready any more.
  log.info({}, 'ending');
  server.drain();
  await pause(clock, options.shutdownDelay, stop.signal);
  await server.close(CLOSE_MS);
  stop.abort();
  status.close();
  status.closeAllConnections();
  transport.close();
  log.info({}, 'ended');
  if (hasFailed) process.exit();
}

try {
  await run(readOptions(process.argv.slice(2), (text) => void process.stderr.write(text)));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof KubeConfigError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
