import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreReport } from './store-report.ts';

type Objects = Iterable<{ readonly metadata?: object }>;

/** A copy that is being made. */
export interface Copy {
  readonly synced: Promise<unknown>;
  readonly configMaps: () => Objects;
  readonly deployments: () => Objects;
  /** How many were sent so far, by method. */
  readonly requests: () => Readonly<Record<string, number>>;
}

/** How it is measured is the same for every program that makes one. It runs with --expose-gc. */
export async function measureCopy(start: () => Copy, idleSeconds: number): Promise<StoreReport> {
  const started = performance.now();
  const copy = start();
  await copy.synced;
  const syncSeconds = (performance.now() - started) / 1000;
  const syncedMegabytes = megabytes(process.memoryUsage().rss);
  // The watches begin only now.
  await sleep(1000);
  const requests = copy.requests();
  const before = process.cpuUsage();
  await sleep(idleSeconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const idleMegabytes = megabytes(process.memoryUsage().rss);
  const idleRequests = difference(copy.requests(), requests);
  globalThis.gc?.();
  const heapMegabytes = megabytes(process.memoryUsage().heapUsed);

  const [configMaps, deployments] = [[...copy.configMaps()], [...copy.deployments()]];
  const all = [...configMaps, ...deployments];
  return {
    ...{ syncSeconds, syncedMegabytes, idleMegabytes, heapMegabytes, idleSeconds, requests, idleRequests },
    idleCpuSeconds: (user + system) / 1e6,
    configMaps: configMaps.length,
    deployments: deployments.length,
    withManagedFields: all.filter((object) => JSON.stringify(object).includes('"managedFields"')).length,
    fields: namesIn(all),
    metadataFields: namesIn(all.map(({ metadata = {} }) => metadata)),
  };
}

function megabytes(bytes: number): number {
  return bytes / 2 ** 20;
}

function namesIn(objects: readonly object[]): string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))].toSorted();
}

function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
  const entries = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count !== 0));
}
