import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { execa } from 'execa';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';

describe('a component that is killed', { skip: sandboxOnly('nobody’s control plane is to be killed') }, () => {
  const namespace = testNamespace('recovery');

  before(async () => {
    await apply(...podinfo({ name: 'podinfo', namespace }));
    await rolledOut(namespace, 'podinfo');
    // What is killed must not be what was still to write the Service's rules.
    await eventually(() => getOk(`http://podinfo.${namespace}:9898/version`));
  });

  const kill = (component: string) => execa('pkill', ['-KILL', '-f', component]);

  async function podRestarts(): Promise<number[]> {
    const { items } = await kubectlJson<{ items: V1Pod[] }>('-n', namespace, 'get', 'pods');
    return items.map((pod) => pod.status?.containerStatuses?.[0]?.restartCount ?? -1);
  }

  it('is started again: the API server, with its pods untouched', async () => {
    await kill('kubernetes kube-apiserver');
    assert.match(await getOk(`http://podinfo.${namespace}:9898/version`), /6\.9\.1/);
    await eventually(() => kubectl('get', '--raw', '/readyz'));
    assert.deepEqual(await podRestarts(), [0]);
    await kubectl('-n', namespace, 'scale', 'deployment/podinfo', '--replicas=2');
    await rolledOut(namespace, 'podinfo');
  });

  it('is started again: the kubelet, which brings its pods back', async () => {
    await kill('kubelet/main.ts');
    await eventually(async () => assert.deepEqual(await podRestarts(), [1, 1]));
    await rolledOut(namespace, 'podinfo');
    await eventually(() => getOk(`http://podinfo.${namespace}:9898/version`));
  });

  it('is started again: kube-proxy, which writes the rules of 200 Services at once', async (context) => {
    const { stdout: version } = await execa('iptables', ['--version']);
    if (!version.includes('legacy')) return context.skip(`${version} cannot do that in a user namespace`);
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { app: 'podinfo' }, ports: [{ port: 9898, targetPort: 'http' }] },
    });
    await apply(...Array.from({ length: 200 }, (_, n) => service(`one-of-many-${n}`)));
    await kill('kubernetes kube-proxy');
    // The rules of those above may be older than the new kube-proxy; those of this one cannot.
    await apply(service('last'));
    await eventually(() => getOk(`http://last.${namespace}:9898/version`));
  });
});
