import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { testNamespace } from '../namespace.ts';
import { createConfigMaps, createDeployments, deploymentsSettled } from './store-objects.ts';
import { runStoreProgram } from './store-process.ts';
import type { StoreReport } from './store-report.ts';

/** With the one that every namespace has of its own. */
const CONFIG_MAPS = 10_000;
const DEPLOYMENTS = 5_000;
const PAGE = 500;
const PROGRAM = join(import.meta.dirname, 'store-program.ts');

describe('a copy of 10,000 ConfigMaps and 5,000 Deployments', { skip: sandboxOnly('it fills a cluster') }, () => {
  const namespace = testNamespace('store-scale');
  let transport: Transport;

  before(async () => {
    transport = await apiServer();
    await createDeployments(transport, namespace, DEPLOYMENTS);
    await createConfigMaps(transport, namespace, CONFIG_MAPS - 1);
    await deploymentsSettled(transport, namespace);
  });
  after(() => transport.close());

  function assertCopied(report: StoreReport): void {
    assert.deepEqual([report.configMaps, report.deployments], [CONFIG_MAPS, DEPLOYMENTS]);
    assert.equal(report.withManagedFields, 0);
    assert.deepEqual(report.requests, { GET: (CONFIG_MAPS + DEPLOYMENTS) / PAGE, WATCH: 2 });
    assert.ok(report.syncSeconds < 60, `${report.syncSeconds} s`);
  }

  it('is made a page at a time, holds what its user asks for, and costs nothing while nothing changes', async (t) => {
    const report = await runStoreProgram(PROGRAM, [namespace, 'wanted', '10']);
    t.diagnostic(summary(report));
    assertCopied(report);
    assert.deepEqual(report.fields, ['data', 'metadata', 'spec', 'status']);
    assert.deepEqual(report.metadataFields, [
      ...['annotations', 'generation', 'labels', 'name', 'namespace', 'resourceVersion', 'uid'],
    ]);
    assert.deepEqual(report.idleRequests, {});
    assert.ok(report.idleCpuSeconds < 1, `${report.idleCpuSeconds} s`);
    assert.ok(report.idleMegabytes < 400, `${report.idleMegabytes} MB`);
  });

  it('holds all but managedFields where its user asks for nothing', async (t) => {
    const report = await runStoreProgram(PROGRAM, [namespace, 'default', '0']);
    t.diagnostic(summary(report));
    assertCopied(report);
    assert.deepEqual(report.fields, ['apiVersion', 'data', 'kind', 'metadata', 'spec', 'status']);
    assert.ok(report.idleMegabytes < 500, `${report.idleMegabytes} MB`);
  });
});

function summary(report: StoreReport): string {
  const { syncSeconds, syncedMegabytes, idleMegabytes, heapMegabytes, idleCpuSeconds, idleSeconds } = report;
  return (
    `synced after ${syncSeconds.toFixed(1)} s, then ${syncedMegabytes.toFixed(0)} MB resident; ` +
    `${idleSeconds} s idle took ${idleCpuSeconds.toFixed(2)} s of CPU, then ${idleMegabytes.toFixed(0)} MB resident, ` +
    `${heapMegabytes.toFixed(0)} MB of objects`
  );
}
