import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { action } from '../../crd/manifest.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';

export const NAMESPACE = 'kubectl-canary';

const POLICIES = 'validatingadmissionpolicies,validatingadmissionpolicybindings';

/**
 * Everything installed before the tests of a suite, as users do it, and all but the definitions removed after them.
 *
 * @param overlay a folder of manifests/ to install in place of the plain one
 */
export function webhookDeployed(overlay = ''): void {
  before(async () => {
    await execa('make', ['deploy', `OVERLAY=${overlay}`], { timeout: 240_000 });
    await eventually(stampsActions);
  });
  after(async () => {
    await kubectl('delete', '-k', 'manifests/webhook', '--ignore-not-found', '--wait=false');
    // Other suites have no webhook that fills in what they ask for.
    await kubectl('delete', POLICIES, '-l', 'app.kubernetes.io/part-of=kubectl-canary');
  });
}

/**
 * Throws unless the API server gets an answer of the webhook: kube-proxy takes a second to lead to a Service that is new, and
 * until then the webhook is left out.
 */
export async function stampsActions(): Promise<void> {
  const input = JSON.stringify({ ...action(), metadata: { name: 'probe', namespace: 'default' } });
  const args = ['create', '-f', '-', '--dry-run=server', '-o', 'jsonpath={.spec.requestedBy}'];
  const { stdout } = await execa('kubectl', args, { input, timeout: 60_000 });
  assert.notEqual(stdout, '', 'nobody stamps actions');
}

/** Has the webhook run with these arguments, and waits until no pod is left that does not. */
export async function runWith(args: readonly string[]): Promise<void> {
  const patch = { spec: { template: { spec: { containers: [{ name: 'webhook', args }] } } } };
  await inNamespace('patch', 'deployment', 'canary-webhook', '-p', JSON.stringify(patch));
  await rolledOut();
}

export async function scaleTo(replicas: number): Promise<void> {
  await inNamespace('scale', 'deployment/canary-webhook', `--replicas=${replicas}`);
  if (replicas > 0) await rolledOut();
  else await untilEndpoints(0);
}

/** All replicas are new and ready, and the Service leads to no other. */
export async function rolledOut(): Promise<void> {
  await inNamespace('rollout', 'status', 'deployment/canary-webhook', '--timeout=120s');
  await untilEndpoints(2);
}

/** Those that the API server is sent to, with the time that kube-proxy may take to hear of it. */
async function untilEndpoints(wanted: number): Promise<void> {
  const selector = 'app.kubernetes.io/name=canary-webhook';
  for (let left = 300; ; left--) {
    const pods = await inNamespace('get', 'pods', '-l', selector, '-o', 'name');
    if (pods.split('\n').filter((line) => line !== '').length === wanted) break;
    if (left === 0) throw new Error(`there are not ${wanted} pods of the webhook after a minute: ${pods}`);
    await sleep(200);
  }
  await sleep(1500);
}

export function inNamespace(...args: string[]): Promise<string> {
  return kubectl('-n', NAMESPACE, ...args);
}
