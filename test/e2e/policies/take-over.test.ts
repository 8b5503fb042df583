// What was there before a canary, and leads to somebody else's pods, stays as it is: while the canary is there and when it goes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CANARY_LABEL } from '../../../api/keys.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf, untilPhase } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { webhookDeployed } from '../webhook/deployed.ts';
import { account, saidTo, untilAllowed } from './accounts.ts';

interface Seen {
  readonly metadata: {
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: unknown;
  };
  readonly spec: unknown;
}

describe('a canary for what leads to others', { skip: sandboxOnly('it installs everything') }, () => {
  const namespace = testNamespace('taken');
  webhookDeployed();
  let server: Transport;
  before(async () => {
    server = await apiServer();
    await apply(scaleDeployment(namespace, 'attacker', 1), scaleDeployment(namespace, 'victim', 1));
  });
  after(() => server.close());

  const serviceOf = (name: string, app: string, labels = {}): object => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels } },
    spec: { selector: { app }, ports: [{ name: 'http', port: 9898 }] },
  });
  const specOf = async (kind: string, name: string) =>
    (await kubectlJson<Seen>('-n', namespace, 'get', kind, name)).spec;
  const waitsFor = async (name: string, message: RegExp) =>
    eventually(async () => {
      const { status } = await kubectlJson<{ status?: { waitingFor?: { reason: string; message: string } } }>(
        ...['-n', namespace, 'get', 'canary', name],
      );
      assert.match(status?.waitingFor?.message ?? '', message);
    });
  const gone = (name: string) => kubectl('-n', namespace, 'delete', 'canary', name, '--timeout=120s');

  it('is held, names the Service, and leaves it alone, also when the canary goes', async () => {
    const tenant = await account({ namespace, name: 'tenant' }, 'edit');
    await untilAllowed(tenant, namespace, 'create', 'canaries.flagger.app');
    // The label is forged: it says nothing of who made the Service.
    await apply(serviceOf('victim', 'victim', { [CANARY_LABEL]: 'attacker' }));
    const before_ = await specOf('service', 'victim');
    const canary = canaryOf(namespace, { provider: 'kubernetes', service: { port: 9898, name: 'victim' } }, 'attacker');
    assert.equal(await saidTo(tenant, canary), '');
    await waitsFor(
      'attacker',
      /Service victim is there already and selects app=victim, not the pods of Deployment attacker/,
    );
    assert.deepEqual(await specOf('service', 'victim'), before_);
    assert.doesNotMatch(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name'), /attacker-primary/);
    await gone('attacker');
    assert.deepEqual(await specOf('service', 'victim'), before_);
    const { replicas } = (await specOf('deployment', 'attacker')) as { replicas: number };
    assert.equal(replicas, 1);
  });

  it('is held, names the route, and leaves it alone, also when the canary goes', async () => {
    await apply({
      ...{ apiVersion: 'projectcontour.io/v1', kind: 'HTTPProxy', metadata: { name: 'front', namespace } },
      spec: {
        virtualhost: { fqdn: `front.${namespace}.test` },
        routes: [{ services: [{ name: 'victim', port: 9898 }] }],
      },
    });
    const before_ = await specOf('httpproxy', 'front');
    await apply(canaryOf(namespace, { service: { port: 9898, name: 'front' } }, 'attacker'));
    await waitsFor(
      'attacker',
      /HTTPProxy front is there already and leads to victim, not only to the pods of Deployment/,
    );
    assert.deepEqual(await specOf('httpproxy', 'front'), before_);
    await gone('attacker');
    assert.deepEqual(await specOf('httpproxy', 'front'), before_);
    await kubectl('-n', namespace, 'delete', 'httpproxy', 'front');
  });

  it('goes on by itself once that is mended', async () => {
    await apply(serviceOf('own', 'victim'));
    await apply(canaryOf(namespace, { provider: 'kubernetes', service: { port: 9898, name: 'own' } }, 'attacker'));
    await waitsFor('attacker', /Service own is there already and selects app=victim/);
    await apply(serviceOf('own', 'attacker'));
    await untilPhase(server, namespace, 'attacker', 'Initialized');
    assert.deepEqual(((await specOf('service', 'own')) as { selector: object }).selector, { app: 'attacker-primary' });
    await gone('attacker');
    assert.deepEqual(((await specOf('service', 'own')) as { selector: object }).selector, { app: 'attacker' });
  });
});
