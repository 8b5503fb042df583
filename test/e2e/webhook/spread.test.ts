// Where the scheduler puts our pods, on nodes that nobody runs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { V1Deployment, V1PodList } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

const NODES = ['spread-a', 'spread-b'];
/** Nobody says that they are ready. */
const TOLERATIONS = ['not-ready', 'unreachable'].map((name) => ({
  ...{ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect: 'NoSchedule' },
}));
const LABEL = { 'spread.test/node': 'true' };

describe('the replicas of the webhook and of the controller', { skip: sandboxOnly('it makes nodes') }, () => {
  const namespace = testNamespace('spread');
  before(async () => {
    // A kubelet gives its node the name as a label.
    const labelsOf = (name: string) => ({ ...LABEL, 'kubernetes.io/hostname': name });
    await apply(
      ...NODES.map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: labelsOf(name) } })),
    );
    const size = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi', pods: '100' };
    const status = JSON.stringify({ status: { capacity: size, allocatable: size } });
    for (const node of NODES)
      await kubectl('patch', 'node', node, '--subresource=status', '--type=merge', '-p', status);
    await kubectl('apply', '-k', 'manifests/namespace');
  });
  after(() => kubectl('delete', 'node', ...NODES));

  /** The program's own Deployment, by another name, on those nodes: the nodes that it gets. */
  async function nodesOf(program: string, name: string): Promise<readonly (string | undefined)[]> {
    const rendered = parseAllDocuments(await kubectl('kustomize', `manifests/${program}`));
    const deployment = rendered
      .map((document) => document.toJS() as V1Deployment)
      .find(({ kind }) => kind === 'Deployment');
    const pod = deployment?.spec?.template.spec;
    assert.ok(deployment?.spec !== undefined && pod !== undefined && pod !== null);
    deployment.metadata = { name, namespace };
    Object.assign(pod, { nodeSelector: LABEL, tolerations: TOLERATIONS });
    delete pod.serviceAccountName;
    await apply(deployment);
    const selector = `app.kubernetes.io/name=canary-${program}`;
    return eventually(async () => {
      const { items } = await kubectlJson<V1PodList>('-n', namespace, 'get', 'pods', '-l', selector);
      const nodes = items.map(({ spec }) => spec?.nodeName).filter((node) => node !== undefined);
      assert.equal(nodes.length, 2, JSON.stringify(items.map(({ status }) => status?.conditions)));
      assert.ok(items.every(({ spec }) => spec?.priority === 1_000_000));
      await kubectl('-n', namespace, 'delete', 'deployment', name);
      await kubectl('-n', namespace, 'delete', 'pods', '-l', selector, '--grace-period=0', '--force');
      return nodes.toSorted();
    });
  }

  for (const program of ['webhook', 'controller']) {
    it(`are on two nodes of two, and both on the one that takes pods: ${program}`, async () => {
      assert.deepEqual(await nodesOf(program, `${program}-both`), NODES);
      await kubectl('cordon', NODES[0] ?? '');
      assert.deepEqual(await nodesOf(program, `${program}-one`), [NODES[1], NODES[1]]);
      await kubectl('uncordon', NODES[0] ?? '');
    });
  }
});
