import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { eventsOf, initializedCanary, untilStatus } from './release.ts';

const BY_HAND = 'scale.test/by-hand:1';

describe('a primary whose image somebody sets by hand', () => {
  const namespace = testNamespace('drift');
  let transport: Transport;
  const imageOf = async (name: string) => {
    interface Deployment {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { image: string }[] } } };
    }
    const { spec } = await kubectlJson<Deployment>('-n', namespace, 'get', 'deployment', name);
    return spec.template.spec.containers[0]?.image;
  };
  const setImage = (name: string, image: string) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `*=${image}`);
  const inSync = ({ conditions = [] }: CanaryStatus) => conditions.find(({ type }) => type === 'PrimaryInSync')?.status;
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(transport, namespace, name, isWanted, what);
  const told = (name: string, text: RegExp) =>
    eventually(async () => {
      const events = JSON.stringify(await eventsOf(namespace, name));
      assert.match(events, text);
    });

  before(async () => {
    transport = await apiServer();
  });

  it('is told and holds releases, until it is put right', async () => {
    await initializedCanary(transport, namespace, 'held');
    const promoted = (await imageOf('held-primary')) ?? '';
    await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/held-primary');
    await kubectl('-n', namespace, 'scale', 'deployment/held-primary', '--replicas=2');
    await setImage('held-primary', BY_HAND);
    const status = await until('held', (of) => of.waitingFor?.reason === 'PrimaryDrifted', 'held');
    assert.equal(inSync(status), 'False');
    await told('held', /The pod template|the pod template of held-primary.* is not the one that was promoted/);
    await setImage('held', 'scale.test/next:1');
    await until('held', (of) => /put it right/.test(of.waitingFor?.message ?? ''), 'held');
    assert.deepEqual([await imageOf('held-primary')], [BY_HAND]);
    // The way back that people know.
    await kubectl('-n', namespace, 'rollout', 'undo', 'deployment/held-primary');
    await until('held', (of) => of.phase === 'Succeeded' && inSync(of) === 'True', 'released');
    assert.equal(await imageOf('held-primary'), 'scale.test/next:1');
    assert.notEqual(promoted, BY_HAND);
  });

  it('gets what was promoted back where the canary says so', async () => {
    await initializedCanary(transport, namespace, 'restored', { drift: 'restore' });
    const promoted = await imageOf('restored-primary');
    await setImage('restored-primary', BY_HAND);
    await until('restored', (of) => inSync(of) === 'True', 'restored');
    assert.equal(await imageOf('restored-primary'), promoted);
    await told('restored', /The promoted pod template is back in restored-primary/);
  });

  it('stays where the canary only wants to be told, until the next promotion', async () => {
    await initializedCanary(transport, namespace, 'reported', { drift: 'report' });
    await setImage('reported-primary', BY_HAND);
    await until('reported', (of) => inSync(of) === 'False', 'told');
    await setImage('reported', 'scale.test/next:1');
    await until('reported', (of) => of.phase === 'Succeeded' && inSync(of) === 'True', 'released');
    assert.equal(await imageOf('reported-primary'), 'scale.test/next:1');
    await told('reported', /The promotion has overwritten/);
  });

  it('is not one whose pods somebody restarts or scales', async () => {
    await initializedCanary(transport, namespace, 'restarted');
    await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/restarted-primary');
    await kubectl('-n', namespace, 'scale', 'deployment/restarted-primary', '--replicas=3');
    await setImage('restarted', 'scale.test/next:1');
    const status = await until('restarted', (of) => of.phase === 'Succeeded', 'released');
    assert.equal(inSync(status), undefined);
  });
});
