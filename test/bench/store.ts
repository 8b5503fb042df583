import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiServer } from '../e2e/api-server.ts';
import { createConfigMaps, createDeployments, deploymentsSettled } from '../e2e/kube/store-objects.ts';
import { runStoreProgram } from '../e2e/kube/store-process.ts';
import type { StoreReport } from '../e2e/kube/store-report.ts';
import { kubectl } from '../e2e/kubectl.ts';
import type { TakeRow } from './row.ts';

const NAMESPACE = 'bench-store';
const [CONFIG_MAPS, DEPLOYMENTS] = [10_000, 5_000];
const IDLE_SECONDS = 60;
const OURS = join(import.meta.dirname, '..', 'e2e', 'kube', 'store-program.ts');
const REFERENCE = join(import.meta.dirname, 'informer-program.ts');

/** A copy of 10,000 ConfigMaps and 5,000 Deployments, beside informers of @kubernetes/client-node. */
export async function benchStore(row: TakeRow): Promise<void> {
  await kubectl('create', 'namespace', NAMESPACE);
  const transport = await apiServer();
  try {
    await createDeployments(transport, NAMESPACE, DEPLOYMENTS);
    await createConfigMaps(transport, NAMESPACE, CONFIG_MAPS);
    await deploymentsSettled(transport, NAMESPACE);
    const [ours, theirs] = await Promise.all([
      runStoreProgram(OURS, [NAMESPACE, 'wanted', String(IDLE_SECONDS)]),
      // Their idle minutes may be the same, their copying may not.
      sleep(15_000).then(() => runStoreProgram(REFERENCE, [NAMESPACE, String(IDLE_SECONDS)])),
    ]);
    const value = (what: string, unit: string, of: (report: StoreReport) => number): void => {
      row(what, `${of(ours).toFixed(2)} ${unit}`);
      row('the same with informers of @kubernetes/client-node', `${(of(theirs) / of(ours)).toFixed(2)} x`);
    };
    value(`${CONFIG_MAPS} ConfigMaps and ${DEPLOYMENTS} Deployments copied`, 's', ({ syncSeconds }) => syncSeconds);
    value('resident memory then', 'MB', ({ syncedMegabytes }) => syncedMegabytes);
    value('JavaScript heap in use', 'MB', ({ heapMegabytes }) => heapMegabytes);
    value('processor time of an idle minute', 's', ({ idleCpuSeconds }) => idleCpuSeconds);
    row('requests of that minute', String(Object.values(ours.idleRequests).reduce((sum, count) => sum + count, 0)));
  } finally {
    transport.close();
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
}
