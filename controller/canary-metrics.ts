import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Canary, CanaryStatus, CheckStatus } from '../api/generated/canary.ts';
import { releaseNames } from '../api/names.ts';
import type { RestingRegistry } from '../kube/resting-registry.ts';

/** What Prometheus is told of canaries. */
export interface CanaryMetrics {
  moved(before: CanaryStatus, after: Canary): void;
  measured(canary: Canary, checks: readonly CheckStatus[]): void;
  gone(key: string): void;
}

/** A release takes minutes to hours. */
const SECONDS = [30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/**
 * Registers the metrics of canaries under the names that Flagger's dashboards and alerts have. Where Flagger's are wrong,
 * these are right: see docs/decisions/0009.
 *
 * @param resting has the series of each canary
 * @param canaries all that there are, for the count a namespace
 */
export function createCanaryMetrics(
  registry: Registry,
  resting: RestingRegistry,
  { version, meshProvider, canaries }: { version: string; meshProvider: string; canaries: () => Iterable<Canary> },
): CanaryMetrics {
  const info = new Gauge({
    name: 'flagger_info',
    help: 'The version of the controller and its default provider.',
    labelNames: ['version', 'mesh_provider'],
    registers: [registry],
  });
  info.set({ version, mesh_provider: meshProvider }, 1);
  const total = new Gauge({
    name: 'flagger_canary_total',
    help: 'Canaries in a namespace.',
    labelNames: ['namespace'],
    registers: [],
    collect() {
      this.reset();
      for (const { metadata } of canaries()) this.inc({ namespace: metadata.namespace });
    },
  });
  registry.registerMetric(total);
  const registers = [resting];
  const status = new Gauge({
    name: 'flagger_canary_status',
    help: 'Where the last release stands: 0 under way, 1 promoted or nothing to promote, 2 failed.',
    labelNames: ['name', 'namespace'],
    registers,
  });
  const weight = new Gauge({
    name: 'flagger_canary_weight',
    help: 'Percent of the requests that a workload is given.',
    labelNames: ['workload', 'namespace'],
    registers,
  });
  const duration = new Histogram({
    name: 'flagger_canary_duration_seconds',
    help: 'From the beginning of a release to its end.',
    labelNames: ['name', 'namespace'],
    buckets: SECONDS,
    registers,
  });
  const analysis = new Gauge({
    name: 'flagger_canary_metric_analysis',
    help: 'The last value of a check.',
    labelNames: ['name', 'namespace', 'metric'],
    registers,
  });
  const ended = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['name', 'namespace', 'deployment_strategy', 'analysis_status'], registers });
  const successes = ended('flagger_canary_successes_total', 'Releases that were promoted.');
  const failures = ended('flagger_canary_failures_total', 'Releases that were rolled back.');
  /** What was told of each canary, to take it back when the canary goes: namespace, name and workloads. */
  const told = new Map<
    string,
    { name: string; namespace: string; workloads: readonly string[]; metrics: Set<string> }
  >();

  function seen({ metadata: { name, namespace }, spec }: Canary) {
    const key = `${namespace}/${name}`;
    const known = told.get(key);
    if (known !== undefined) return known;
    const { target, primary } = releaseNames(spec);
    const fresh = { name, namespace, workloads: [target.name, primary], metrics: new Set<string>() };
    told.set(key, fresh);
    return fresh;
  }

  return {
    moved(before, canary) {
      if (canary.status?.phase === undefined) return;
      resting.changed();
      const { name, namespace, workloads } = seen(canary);
      status.set({ name, namespace }, statusNumber(canary.status.phase));
      const share = canary.status.actualWeight ?? 0;
      for (const [index, workload] of workloads.entries()) {
        weight.set({ workload, namespace }, index === 0 ? share : 100 - share);
      }
      const [run] = canary.status.history ?? [];
      if (run === undefined || run.finishedAt === before.history?.[0]?.finishedAt) return;
      const seconds = (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')) / 1000;
      if (seconds >= 0) duration.observe({ name, namespace }, seconds);
      const labels = {
        ...{ name, namespace, deployment_strategy: strategyOf(canary) },
        analysis_status: canary.spec.skipAnalysis === true ? 'skipped' : 'completed',
      };
      if (run.result === 'Succeeded') successes.inc(labels);
      else if (run.result === 'Failed' || run.result === 'Aborted') failures.inc(labels);
    },
    measured(canary, checks) {
      resting.changed();
      const { name, namespace, metrics } = seen(canary);
      for (const { name: metric, value } of checks) {
        metrics.add(metric);
        if (value !== undefined) analysis.set({ name, namespace, metric }, value);
      }
    },
    gone(key) {
      const known = told.get(key);
      if (known === undefined) return;
      resting.changed();
      told.delete(key);
      const { name, namespace, workloads, metrics } = known;
      status.remove({ name, namespace });
      for (const workload of workloads) weight.remove({ workload, namespace });
      for (const metric of metrics) analysis.remove({ name, namespace, metric });
      duration.remove({ name, namespace });
      for (const counter of [successes, failures]) removeAll(counter, name, namespace);
    },
  };
}

function removeAll(counter: Counter, name: string, namespace: string): void {
  for (const deployment_strategy of STRATEGIES) {
    for (const analysis_status of ['completed', 'skipped']) {
      counter.remove({ name, namespace, deployment_strategy, analysis_status });
    }
  }
}

const STRATEGIES = ['canary', 'blue_green', 'ab_testing'] as const;

function strategyOf({ spec: { analysis } }: Canary): (typeof STRATEGIES)[number] {
  if (analysis?.iterations === undefined) return 'canary';
  return (analysis.match ?? []).length > 0 ? 'ab_testing' : 'blue_green';
}

function statusNumber(phase: NonNullable<CanaryStatus['phase']>): number {
  switch (phase) {
    case 'Initialized':
    case 'Succeeded':
      return 1;
    case 'Failed':
      return 2;
    case '':
    case 'Initializing':
    case 'Waiting':
    case 'Progressing':
    case 'WaitingPromotion':
    case 'Promoting':
    case 'Finalising':
    case 'Terminating':
    case 'Terminated':
      return 0;
  }
}
