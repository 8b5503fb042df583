// The NetworkPolicies of the installation, tried by those whom they are to keep out. In a sandbox that enforces them.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { V1PodList } from '@kubernetes/client-node';
import { execa } from 'execa';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { queryPrometheus } from '../prometheus.ts';
import { NAMESPACE, stampsActions } from '../webhook/deployed.ts';
import { connect, type From } from './connection.ts';
import { installation } from './installation.ts';
import { anotherMachine } from './machine.ts';

const METADATA = '169.254.169.254';
/** A control plane's, as docs/network.md has it. */
const CONTROL_PLANE = '10.0.0.2';
/** A machine of the same network that is none of the cluster's. */
const ELSEWHERE = '10.9.0.2';

/** Two of the webhook, two of the controller. */
const OUR_PODS = 4;

interface OurPod {
  readonly from: From;
  readonly address: string;
}

describe('the NetworkPolicies', { skip: sandboxOnly('it needs another machine, and an enforcer') }, () => {
  const tenant = testNamespace('tenant');
  const scraper = testNamespace('scraper');
  anotherMachine('control-plane', [CONTROL_PLANE, METADATA], [80, 6443, 9090]);
  anotherMachine('elsewhere', [ELSEWHERE], [80, 9090]);
  const [fromTenant, fromScraper] = [tenant, scraper].map(
    (namespace): From => ({ kind: 'shell', namespace, pod: 'shell' }),
  ) as [From, From];
  let webhook: OurPod;
  let controller: OurPod;

  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    await eventually(stampsActions);
    await kubectl('label', 'namespace', scraper, 'metrics=enabled');
    await apply(shell(tenant), shell(scraper));
    for (const namespace of [tenant, scraper]) {
      await kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod/shell', '--timeout=60s');
    }
    [webhook, controller] = await Promise.all([ourPod('canary-webhook'), ourPod('canary-controller')]);
  });

  /** Policies reach the enforcer a moment after the API server. */
  const connects = (from: From, host: string, port: number, outcome: string) =>
    eventually(async () => assert.equal(await connect(from, host, port), outcome), 20_000);

  it('let a namespace read the metrics only where it is labelled for that', async () => {
    for (const { address } of [webhook, controller]) {
      await connects(fromScraper, address, 8080, 'reached');
      await connects(fromTenant, address, 8080, 'dropped');
      await connects({ kind: 'machine', name: 'elsewhere' }, address, 8080, 'dropped');
    }
  });

  it('let Prometheus in the namespace monitoring read them', async () => {
    const read = `count(up{namespace="${NAMESPACE}"} == 1)`;
    await eventually(async () => assert.ok((await queryPrometheus(read)) >= OUR_PODS));
  });

  it('keep the controller from the credentials of its machine, and from nothing that canaries need', async () => {
    // It is there: a pod without a policy gets through.
    await connects(fromTenant, METADATA, 80, 'reached');
    await connects(controller.from, METADATA, 80, 'dropped');
    await connects(controller.from, METADATA, 9090, 'dropped');
    await connects(controller.from, ELSEWHERE, 9090, 'reached');
    await connects(controller.from, 'prometheus.monitoring', 9090, 'reached');
  });

  it('let the webhook call the API server, resolve names, and nothing else', async () => {
    await connects(webhook.from, CONTROL_PLANE, 6443, 'reached');
    await connects(webhook.from, 'kubernetes.default', 443, 'reached');
    await connects(webhook.from, METADATA, 80, 'dropped');
    await connects(webhook.from, ELSEWHERE, 9090, 'dropped');
    await connects(webhook.from, 'prometheus.monitoring', 9090, 'dropped');
  });

  it('leave the webhook’s port to all where nobody has said who may call it', async () => {
    await connects(fromTenant, webhook.address, 9443, 'reached');
    await connects({ kind: 'machine', name: 'control-plane' }, webhook.address, 9443, 'reached');
  });

  describe('with the addresses of the API server, as docs/network.md writes them', () => {
    let folder = '';
    before(async () => {
      folder = await installation('canary-with-addresses');
      await kubectl('apply', '-k', folder);
    });
    after(() => rm(dirname(folder), { recursive: true }));

    it('keep every pod from the webhook’s port, also one that may read metrics', async () => {
      await connects(fromTenant, webhook.address, 9443, 'dropped');
      await connects(fromScraper, webhook.address, 9443, 'dropped');
      await connects(fromTenant, 'canary-webhook.kubectl-canary', 443, 'dropped');
      await connects(controller.from, webhook.address, 9443, 'dropped');
      await connects({ kind: 'machine', name: 'elsewhere' }, webhook.address, 9443, 'dropped');
    });

    it('let the API server in', async () => {
      await connects({ kind: 'machine', name: 'control-plane' }, webhook.address, 9443, 'reached');
      await stampsActions();
    });
  });

  describe('with konnectivity, as docs/network.md writes it', () => {
    let folder = '';
    before(async () => {
      folder = await installation('canary-with-konnectivity');
      await kubectl('apply', '-k', folder);
      await apply(shell('kube-system', { 'k8s-app': 'konnectivity-agent' }));
      await kubectl('-n', 'kube-system', 'wait', '--for=condition=Ready', 'pod/shell', '--timeout=60s');
    });
    after(async () => {
      await kubectl('-n', 'kube-system', 'delete', 'pod', 'shell', '--wait=false');
      await kubectl('apply', '-k', 'manifests');
      await rm(dirname(folder), { recursive: true });
    });

    it('let the agents in, and no pod that calls itself one elsewhere', async () => {
      await connects({ kind: 'shell', namespace: 'kube-system', pod: 'shell' }, webhook.address, 9443, 'reached');
      await kubectl('-n', tenant, 'label', 'pod', 'shell', 'k8s-app=konnectivity-agent');
      await connects(fromTenant, webhook.address, 9443, 'dropped');
      await connects({ kind: 'machine', name: 'elsewhere' }, webhook.address, 9443, 'dropped');
      await stampsActions();
    });
  });
});

/** A pod with bash. */
function shell(namespace: string, labels: Readonly<Record<string, string>> = {}): object {
  const containers = [{ name: 'shell', image: 'sandbox.test/shell', command: ['sleep', '1d'] }];
  const metadata = { name: 'shell', namespace, labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, terminationGracePeriodSeconds: 0 } };
}

async function ourPod(name: string): Promise<OurPod> {
  const selector = ['-l', `app.kubernetes.io/name=${name}`, '--field-selector=status.phase=Running'];
  const { items } = await kubectlJson<V1PodList>('-n', NAMESPACE, 'get', 'pods', ...selector);
  const pod = items.find(({ metadata }) => metadata?.deletionTimestamp === undefined);
  assert.ok(pod?.metadata?.name !== undefined && pod.status?.podIP !== undefined, `there is no pod of ${name}`);
  return { from: { kind: 'node', namespace: NAMESPACE, pod: pod.metadata.name }, address: pod.status.podIP };
}
