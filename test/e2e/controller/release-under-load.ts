import type { TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { startLoad } from './load.ts';
import { untilPhase } from './release.ts';
import { setRevision } from './revision.ts';
import { type Served, servedText, watchSteps } from './served-steps.ts';

export interface UnderLoad {
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  /** Of the gateway. */
  readonly gateway: string;
  readonly host: string;
  readonly perSecond: number;
  /** That the primary has. */
  readonly old: string;
  readonly revision: Parameters<typeof setRevision>[2];
}

/** Changes the revision of podinfo under a steady load, and what became of it: the last status, and how each step was served. */
export async function releaseUnderLoad(
  t: TestContext,
  { transport, namespace, name, gateway, host, perSecond, old, revision }: UnderLoad,
): Promise<{ readonly status: CanaryStatus; readonly served: Served }> {
  const load = startLoad(`${gateway}/version`, { host, perSecond });
  t.after(() => load.stop());
  const steps = watchSteps(transport, namespace, load, name);
  await setRevision(namespace, name, revision);
  await untilPhase(transport, namespace, name, 'Progressing');
  const status = await untilPhase(transport, namespace, name, 'Succeeded', 'Failed');
  const served = await steps.stop();
  const failed = `${served.failures.length} without an answer or with one of 5xx`;
  t.diagnostic(`${served.requests} requests, ${failed}; ${servedText(served.steps, old)}`);
  return { status, served };
}
