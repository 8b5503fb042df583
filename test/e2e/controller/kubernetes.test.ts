// Releases in a cluster with no gateway at all: clients call the Service.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { assertShare } from '../split.ts';
import { startLoad } from './load.ts';
import { canaryOf, setImage, toldInOrder, untilPhase, untilStatus } from './release.ts';

const [OLD, NEW] = ['6.9.0', '6.9.1'] as const;
const ANALYSIS = { interval: '15s', threshold: 5, drainSeconds: 5 };
const REQUESTS = 60;

interface Slices {
  readonly items: readonly {
    readonly metadata: { readonly ownerReferences?: readonly { readonly kind: string }[] };
    readonly endpoints?: readonly object[];
  }[];
}

describe('a release of provider kubernetes', {
  concurrency: true,
  skip: sandboxOnly('the tests reach Services by their names'),
}, () => {
  const namespace = testNamespace('kubernetes');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  async function released(name: string, analysis: object, replicas: number): Promise<string> {
    await apply(...podinfo({ name, namespace, version: OLD, replicas }));
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, { provider: 'kubernetes', analysis: { ...ANALYSIS, ...analysis } }, name));
    await untilPhase(transport, namespace, name, 'Initialized');
    const url = `http://${name}.${namespace}:9898/version`;
    await eventually(() => getOk(url));
    return url;
  }
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(transport, namespace, name, isWanted, what);
  const succeeded = async (name: string) => {
    const status = await untilPhase(transport, namespace, name, 'Succeeded', 'Failed');
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
  };
  /** The versions that so many connections meet. */
  async function versionsAt(url: string, requests: number): Promise<readonly string[]> {
    const versions: string[] = [];
    for (let sent = 0; sent < requests; sent++) {
      versions.push((JSON.parse(await getOk(url)) as { version: string }).version);
    }
    return versions;
  }
  const slicesOf = async (name: string) => {
    const ours = `kubernetes.io/service-name=${name},endpointslice.kubernetes.io/managed-by=kubectl-canary`;
    return (await kubectlJson<Slices>('-n', namespace, 'get', 'endpointslices', '-l', ours)).items;
  };

  it('by iterations switches the Service, back too, and nobody loses a request', async (t: TestContext) => {
    const name = 'switched';
    const url = await released(name, { iterations: 1 }, 1);
    const load = startLoad(url);
    t.after(() => load.stop());
    await setImage(namespace, NEW, name);
    await until(name, ({ step = 0 }) => step === 1, 'at its check');
    assert.deepEqual(new Set(await versionsAt(url, 10)), new Set([OLD]));
    await until(name, ({ actualWeight }) => actualWeight === 100, 'at the switch');
    await eventually(async () => assert.deepEqual(new Set(await versionsAt(url, 10)), new Set([NEW])));
    const selector = await kubectl('-n', namespace, 'get', 'service', name, '-o', 'jsonpath={.spec.selector.app}');
    assert.equal(selector, name);
    const { phase } = await until(name, () => true, 'there');
    assert.equal(phase, 'Progressing', 'the release went on before everybody had been asked');
    await succeeded(name);
    await eventually(async () => assert.deepEqual(new Set(await versionsAt(url, 10)), new Set([NEW])));
    const restored = await kubectl('-n', namespace, 'get', 'service', name, '-o', 'jsonpath={.spec.selector.app}');
    assert.equal(restored, `${name}-primary`);
    const { failures, requests } = await load.stop();
    assert.deepEqual(failures, []);
    t.diagnostic(`none of ${requests} requests failed`);
    assert.deepEqual(await slicesOf(name), [], 'slices of a release that has no weights');
    const title = `${name}.${namespace}`;
    await toldInOrder(
      [namespace, name],
      [
        `Advance ${title} canary iteration 1/1`,
        `Routing all traffic to canary ${title}`,
        `Copying ${title} template spec to ${name}-primary.${namespace}`,
        'Routing all traffic to primary',
      ],
    );
  });

  it('by weight gives each side so many pods', async (t: TestContext) => {
    const name = 'shared';
    const url = await released(name, { stepWeights: [33, 67] }, 2);
    const load = startLoad(url);
    t.after(() => load.stop());
    await setImage(namespace, NEW, name);
    for (const share of [33, 67]) {
      await until(name, ({ actualWeight }) => actualWeight === share, `at weight ${share}`);
      // kube-proxy hears of it within a second.
      await eventually(async () => {
        const versions = await versionsAt(url, REQUESTS);
        assertShare(versions.filter((version) => version === NEW).length, REQUESTS, share === 33 ? 1 / 3 : 2 / 3);
      });
      const { desiredWeight } = await until(name, () => true, 'there');
      assert.equal(desiredWeight, share, 'the release went on before its share was counted');
    }
    const [slice] = await slicesOf(name);
    assert.equal(slice?.endpoints?.length, 1);
    assert.deepEqual(
      slice.metadata.ownerReferences?.map(({ kind }) => kind),
      ['Canary', 'Deployment'],
    );
    await succeeded(name);
    await eventually(async () => assert.deepEqual(new Set(await versionsAt(url, 10)), new Set([NEW])));
    const left = (await slicesOf(name)).flatMap(({ endpoints }) => endpoints ?? []);
    assert.deepEqual(left, []);
    const { failures, requests } = await load.stop();
    assert.deepEqual(failures, []);
    t.diagnostic(`none of ${requests} requests failed`);
  });

  it('that loses its only canary pod goes back to the primary', async () => {
    const name = 'fallen';
    const url = await released(name, { stepWeights: [50, 60], interval: '1h' }, 1);
    await setImage(namespace, NEW, name);
    await until(name, ({ actualWeight }) => actualWeight === 50, 'at weight 50');
    await kubectl('-n', namespace, 'delete', 'pod', '-l', `app=${name}`, '--wait=false');
    const hasFallen = ({ failedChecks = 0, desiredWeight }: CanaryStatus) => failedChecks > 0 || desiredWeight === 0;
    await until(name, hasFallen, 'without its pod');
    const versions = await eventually(() => versionsAt(url, 10));
    assert.ok(versions.includes(OLD), versions.join());
  });
});
