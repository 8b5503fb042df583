import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerMetrics, Outcome } from './controller.ts';
import type { ReflectorMetrics, WatchEnd } from './reflector.ts';
import type { TransportMetrics } from './transport/transport.ts';
import type { WorkQueue, WorkQueueMetrics } from './work-queue.ts';

/** The metrics of the runtime; names and labels are those of client-go and controller-runtime where these have them. */
export interface RuntimeMetrics {
  readonly transport: TransportMetrics;
  /** `resource` is the plural: `deployments`. */
  reflector(resource: string): ReflectorMetrics;
  queue(name: string): WorkQueueMetrics;
  /** To be called once the queue is made, as its depth is asked of it. */
  depth(name: string, queue: WorkQueue): void;
  controller(name: string): ControllerMetrics;
  /** Whether this process leads. */
  leading(name: string, isLeading: boolean): void;
}

const OUTCOMES: readonly Outcome[] = ['done', 'again', 'conflict', 'error', 'terminal'];
const WATCH_ENDS: readonly WatchEnd[] = ['timeout', 'expired', 'idle', 'error'];
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Registers them. What can be counted starts at 0, so that a rate over the first error is not missing its beginning. */
export function createRuntimeMetrics(registry: Registry): RuntimeMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Answers of the API server by HTTP status; 0 where none came.',
    labelNames: ['method', 'code'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Time to the end of an answer, or to the first byte of a watch.',
    labelNames: ['method'],
    buckets: SECONDS,
    registers,
  });
  const lists = new Counter({
    name: 'reflector_lists_total',
    help: 'Full lists of a collection; each after the first one means that watches had a gap.',
    labelNames: ['resource'],
    registers,
  });
  const watchRestarts = new Counter({
    name: 'reflector_watch_restarts_total',
    help: 'Watches that ended and were taken up again, by why they ended.',
    labelNames: ['resource', 'reason'],
    registers,
  });
  const heard = new Gauge({
    name: 'reflector_last_heard_timestamp_seconds',
    help: 'When the API server last told anything of a collection, a bookmark included.',
    labelNames: ['resource'],
    registers,
  });
  const adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Keys that came in.',
    labelNames: ['name'],
    registers,
  });
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys whose work failed and is done again.',
    labelNames: ['name'],
    registers,
  });
  const waits = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'Time that a key waited for a worker.',
    labelNames: ['name'],
    buckets: SECONDS,
    registers,
  });
  const queues = new Map<string, WorkQueue>();
  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait for a worker.',
    labelNames: ['name'],
    registers: [],
    collect() {
      for (const [name, queue] of queues) this.set({ name }, queue.depth);
    },
  });
  registry.registerMetric(depth);
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by how they ended.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const reconcileSeconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Time of a reconcile.',
    labelNames: ['controller'],
    buckets: SECONDS,
    registers,
  });
  const stuckReconciles = new Gauge({
    name: 'controller_stuck_reconciles',
    help: 'Reconciles that have not ended although their time is over.',
    labelNames: ['controller'],
    registers,
  });
  const leaders = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease, 0 while it does not.',
    labelNames: ['name'],
    registers,
  });

  return {
    transport: {
      answered(method, status, seconds) {
        requests.inc({ method, code: String(status) });
        requestSeconds.observe({ method }, seconds);
      },
    },
    reflector(resource) {
      lists.inc({ resource }, 0);
      for (const reason of WATCH_ENDS) watchRestarts.inc({ resource, reason }, 0);
      return {
        listed: () => lists.inc({ resource }),
        watchEnded: (reason) => watchRestarts.inc({ resource, reason }),
        heard: (date) => heard.set({ resource }, date.getTime() / 1000),
      };
    },
    queue(name) {
      adds.inc({ name }, 0);
      retries.inc({ name }, 0);
      return {
        added: () => adds.inc({ name }),
        taken: (seconds) => waits.observe({ name }, seconds),
        retried: () => retries.inc({ name }),
      };
    },
    depth: (name, queue) => void queues.set(name, queue),
    controller(controller) {
      for (const result of OUTCOMES) reconciles.inc({ controller, result }, 0);
      stuckReconciles.set({ controller }, 0);
      return {
        reconciled(result, seconds) {
          reconciles.inc({ controller, result });
          reconcileSeconds.observe({ controller }, seconds);
        },
        stuck: (count) => stuckReconciles.set({ controller }, count),
      };
    },
    leading: (name, isLeading) => leaders.set({ name }, isLeading ? 1 : 0),
  };
}
