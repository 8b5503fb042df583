import { existsSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { registerGauge } from './gauge.ts';

/** What the process itself is asked; `process` of the program is one. */
export interface ProcessFigures {
  cpuUsage(): { readonly user: number; readonly system: number };
  memoryUsage: { (): { readonly heapUsed: number }; rss(): number };
  getActiveResourcesInfo(): readonly string[];
}

/** How often the event loop is asked whether it is on time, in milliseconds; each is a wake-up of an idle program. */
const RESOLUTION_MS = 500;
/** Only Linux has it. */
const OPEN_FILES = '/proc/self/fd';

/**
 * CPU, memory, what is held open and how late the event loop is. prom-client's own default metrics keep observers that nothing can end; these end
 * with the signal.
 */
export function registerProcessMetrics(registry: Registry, figures: ProcessFigures, signal: AbortSignal): void {
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  lag.enable();
  signal.addEventListener('abort', () => lag.disable(), { once: true });

  const gauge = (name: string, help: string, value: () => number) => registerGauge(registry, name, help, value);
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent.',
    registers: [],
    collect() {
      const { user, system } = figures.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  registry.registerMetric(cpu);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => figures.memoryUsage.rss());
  gauge(
    'nodejs_heap_size_used_bytes',
    'Heap in use, with what nobody needs any more since the last collection.',
    () => figures.memoryUsage().heapUsed,
  );
  if (existsSync(OPEN_FILES)) {
    // The reading itself has one open.
    gauge('process_open_fds', 'Open file descriptors.', () => readdirSync(OPEN_FILES).length - 1);
  }
  const resources = new Gauge({
    name: 'nodejs_active_resources',
    help: 'Sockets, timers and requests that keep the event loop going, by what they are.',
    labelNames: ['type'],
    registers: [],
    collect() {
      this.reset();
      for (const type of figures.getActiveResourcesInfo()) this.inc({ type });
    },
  });
  registry.registerMetric(resources);
  // The histogram counts the resolution itself as delay.
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
  gauge('nodejs_eventloop_lag_p99_seconds', 'How late the event loop was since the last scrape, 99th percentile.', () =>
    seconds(lag.percentile(99)),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'How late the event loop was at worst since the last scrape.', () => {
    const worst = seconds(lag.max);
    lag.reset();
    return worst;
  });
}
