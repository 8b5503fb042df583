// Controllers of one namespace each. In a cluster that it shares with no other test, as those count on the controller of all.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { V1Lease } from '@kubernetes/client-node';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../kube/object.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { CheckLine } from '../../../plugin/check/check-line.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, initializedCanary, readCanary, untilPhase } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installation } from '../network/installation.ts';
import { installedPlugin } from '../plugin/installed-plugin.ts';
import { rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';

const CONTROLLER = 'canary-controller';

describe('manifests/namespaced', { skip: sandboxOnly('it takes the controller of the whole cluster away') }, () => {
  const [shop, bank] = [testNamespace('shop'), testNamespace('bank')];
  const elsewhere = testNamespace('elsewhere');
  const folders: string[] = [];
  const plugin = installedPlugin();
  let server: Transport;
  before(async () => {
    await kubectl('apply', '-k', 'manifests/crd');
    await kubectl('apply', '-k', 'manifests/people');
    await kubectl('-n', 'kubectl-canary', 'delete', 'deployment', CONTROLLER, '--ignore-not-found');
    for (const namespace of [shop, bank]) {
      const folder = await installation('canary-in-shop', namespace);
      folders.push(folder);
      await kubectl('apply', '-k', folder);
    }
    for (const namespace of [shop, bank]) await rolledOut(namespace, CONTROLLER);
    server = await apiServer();
  });
  after(async () => {
    server.close();
    for (const folder of folders) await rm(dirname(folder), { recursive: true });
  });

  it('makes nothing that is the cluster’s', async () => {
    const objects = parseAllDocuments(await kubectl('kustomize', folders[0] ?? '')).map(
      (document) => document.toJS() as KubeObject,
    );
    assert.ok(objects.length > 8);
    assert.deepEqual(
      objects.filter(({ metadata }) => metadata.namespace !== shop),
      [],
    );
  });

  it('passes the Pod Security standard restricted', async () => {
    const label = 'pod-security.kubernetes.io/enforce=restricted';
    const { stderr } = await execa('kubectl', ['label', '--dry-run=server', 'namespace', shop, label]);
    assert.equal(stderr, '');
  });

  it('gives the controller every right that it has in the whole cluster, in its namespace, and none outside', async () => {
    const rights = async (account: string, namespace: string) => {
      const list = await kubectl('auth', 'can-i', '--list', '--no-headers', '-n', namespace, `--as=${account}`);
      return list.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim());
    };
    const controller = `system:serviceaccount:${shop}:${CONTROLLER}`;
    // What every ServiceAccount may do, such as to ask who it is.
    const anybody = `system:serviceaccount:${shop}:default`;
    for (const namespace of [bank, elsewhere, 'kube-system', 'kubectl-canary']) {
      assert.deepEqual(await rights(controller, namespace), await rights(anybody, namespace), namespace);
    }
    const canI = async (...args: string[]) =>
      (await execa('kubectl', ['auth', 'can-i', ...args, `--as=${controller}`], { reject: false })).stdout;
    for (const [verb, resource] of [
      ['patch', 'deployments'],
      ['get', 'secrets'],
      ['list', 'canaries.flagger.app'],
      ['patch', 'canaries.flagger.app/status'],
      ['create', 'httpproxies.projectcontour.io'],
      ['update', 'leases.coordination.k8s.io/kubectl-canary-controller'],
    ] as const) {
      assert.equal(await canI(verb, resource, '-n', shop), 'yes', `${verb} ${resource}`);
      assert.equal(await canI(verb, resource, '-n', bank), 'no', `${verb} ${resource} elsewhere`);
      assert.equal(await canI(verb, resource, '--all-namespaces'), 'no', `${verb} ${resource} everywhere`);
    }
    assert.equal(await canI('get', `namespaces/${shop}`, '-n', shop), 'yes');
    assert.equal(await canI('get', `namespaces/${bank}`, '-n', bank), 'no');
  });

  it('releases the canaries of its namespace beside another one, and leaves those of others alone', async () => {
    await apply(scaleDeployment(elsewhere, 'podinfo', 1), canaryOf(elsewhere));
    const untouched = await readCanary(server, elsewhere);
    for (const namespace of [shop, bank]) await initializedCanary(server, namespace, 'podinfo');
    for (const namespace of [shop, bank]) {
      await kubectl('-n', namespace, 'set', 'image', 'deployment/podinfo', 'nothing=scale.test/second');
    }
    for (const namespace of [shop, bank]) await untilPhase(server, namespace, 'podinfo', 'Succeeded');
    const { metadata, status } = await readCanary(server, elsewhere);
    assert.deepEqual([metadata.resourceVersion, status], [untouched.metadata.resourceVersion, undefined]);
    const holders = await Promise.all(
      [shop, bank].map(async (namespace) => {
        const { spec } = await kubectlJson<V1Lease>('-n', namespace, 'get', 'lease', 'kubectl-canary-controller');
        return spec?.holderIdentity;
      }),
    );
    assert.ok(holders.every((holder) => holder?.startsWith(CONTROLLER)));
    assert.notEqual(holders[0], holders[1]);
  });

  it('is told by kubectl canary check to have the rights that it needs, and each canary to have a controller or none', async () => {
    const { stdout } = await plugin.run(['check', '-n', shop, '-o', 'json']);
    const { checks } = JSON.parse(stdout) as { checks: readonly CheckLine[] };
    const rights = checks.filter(({ name }) => name.startsWith('controller’s rights'));
    assert.deepEqual(
      rights.map(({ verdict }) => verdict),
      ['ok', 'ok'],
    );
    const shards = checks.find(({ name }) => name === 'shards');
    assert.match(shards?.text ?? '', new RegExp(`no controller releases .*${elsewhere}/podinfo`));
  });

  it('gives the target back when a canary goes', async () => {
    await kubectl('-n', bank, 'delete', 'canary', 'podinfo', '--timeout=90s');
    await rolledOut(bank, 'podinfo');
    // There is no record of a right that was missing on the way.
    assert.doesNotMatch(await kubectl('-n', bank, 'logs', `deployment/${CONTROLLER}`, '--tail=-1'), /forbidden/i);
  });

  it('that is gone leaves a namespace in Terminating, until its canaries are let go as README.md says', async () => {
    await kubectl('-n', shop, 'delete', 'deployment', CONTROLLER);
    await kubectl(
      '-n',
      shop,
      'wait',
      '--for=delete',
      'pod',
      '-l',
      `app.kubernetes.io/name=${CONTROLLER}`,
      '--timeout=90s',
    );
    await kubectl('delete', 'namespace', shop, '--wait=false');
    await eventually(async () => {
      const stuck = await kubectl('get', 'namespace', shop, '-o', 'jsonpath={.status.conditions}');
      assert.match(stuck, /finaliz/i);
    });
    const readme = await readFile('README.md', 'utf8');
    const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const letGo = commands.find((block) => block.includes('xargs'));
    assert.ok(letGo !== undefined, 'README.md does not say how');
    await execa('sh', ['-e', '-c', letGo.replaceAll('-n shop', `-n ${shop}`)]);
    await kubectl('wait', '--for=delete', `namespace/${shop}`, '--timeout=90s');
  });
});
