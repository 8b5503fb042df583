// Releases by SMI: TrafficSplits of each version, on an API server with SMI's definition, and what clients get of them where
// somebody carries them out.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { CANARY_LABEL } from '../../../api/keys.ts';
import type { Provider } from '../../../api/provider-abilities.ts';
import { covers } from '../../../controller/covers.ts';
import { routed } from '../../../controller/router/routed-fixture.ts';
import type { Routed, RouteObject, Router } from '../../../controller/router/router.ts';
import { smiV1Alpha1, smiV1Alpha2, smiV1Alpha3 } from '../../../controller/router/smi.ts';
import type { GeneratedObject } from '../../../controller/world.ts';
import { applyObject } from '../../../kube/apply.ts';
import { collectionPath, objectPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';
import { CONTOUR_GATEWAY, canaryOf, follow, followStatus, QUICK_ANALYSIS, toldInOrder, untilPhase } from './release.ts';
import { releaseUnderLoad } from './release-under-load.ts';
import { assertServed } from './served-steps.ts';
import { carryOutSplits } from './smi-data-plane.ts';

interface TrafficSplit {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: {
    readonly service: string;
    readonly backends: readonly { readonly service: string; readonly weight: number | string }[];
    readonly matches?: readonly object[];
  };
}

/** The providers and how their weights are written. */
const PROVIDERS: Readonly<Partial<Record<Provider, (percent: number) => number | string>>> = {
  'smi:v1alpha1': String,
  'smi:crossover': String,
  linkerd: String,
  'smi:v1alpha2': Number,
  'smi:v1alpha3': Number,
};
const OLD = '6.9.0';
const NEW = '6.9.1';

describe('a release by SMI', {
  skip: sandboxOnly('it needs SMI’s definition, images that only the sandbox has, and Contour’s Envoy by its name'),
  concurrency: true,
}, () => {
  const namespace = testNamespace('smi');
  const routes = testNamespace('smi-routes');
  const traffic = testNamespace('smi-traffic');
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  const split = (name: string) =>
    kubectlJson<TrafficSplit>('-n', namespace, 'get', 'trafficsplits.v1alpha3.split.smi-spec.io', name);
  const weightsOf = ({ spec }: TrafficSplit) => spec.backends.map(({ service, weight }) => [service, weight]);

  /** The different backends that a TrafficSplit has from now on, in order. */
  function followWeights(t: TestContext, name: string): readonly unknown[] {
    const seen: unknown[] = [];
    const stopped = new AbortController();
    const path = collectionPath(resourceOf(smiV1Alpha1), namespace);
    const following = follow<TrafficSplit>(server, path, stopped.signal, (object) => {
      const weights = weightsOf(object);
      if (object.metadata.name === name && !isSame(seen.at(-1), weights)) seen.push(weights);
    });
    t.after(() => {
      stopped.abort();
      return following;
    });
    return seen;
  }

  /** The different weights that a canary wants from now on, in order. */
  function followSteps(t: TestContext, name: string): readonly number[] {
    const seen: number[] = [];
    const stopped = new AbortController();
    const following = followStatus(server, namespace, stopped.signal, ({ desiredWeight }, of) => {
      if (of === name && desiredWeight !== undefined && desiredWeight !== seen.at(-1)) seen.push(desiredWeight);
    });
    t.after(() => {
      stopped.abort();
      return following;
    });
    return seen;
  }

  for (const [provider, written] of Object.entries(PROVIDERS)) {
    it(`goes from a change to Succeeded on ${provider}, the split with it from step to step`, async (t) => {
      const name = provider.replace(':', '-');
      const weights = followWeights(t, name);
      const steps = followSteps(t, name);
      await apply(scaleDeployment(namespace, name, 1));
      await rolledOut(namespace, name);
      await apply(canaryOf(namespace, { provider }, name));
      await untilPhase(server, namespace, name, 'Initialized');
      await kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, 'nothing=scale.test/second');
      await untilPhase(server, namespace, name, 'Progressing');
      const status = await untilPhase(server, namespace, name, 'Succeeded', 'Failed');
      assert.equal(status.phase, 'Succeeded', JSON.stringify(status));

      const shares = (canary: number) => [
        [`${name}-primary`, written(100 - canary)],
        [`${name}-canary`, written(canary)],
      ];
      await eventually(async () => assert.deepEqual(weights, [0, 25, 50, 0].map(shares)));
      await eventually(async () => assert.deepEqual(steps, [0, 25, 50, 0]));
      const title = `${name}.${namespace}`;
      await toldInOrder(
        [namespace, name],
        [
          `New revision detected! Scaling up ${title}`,
          `Advance ${title} canary weight 25`,
          `Advance ${title} canary weight 50`,
          `Copying ${title} template spec to ${name}-primary.${namespace}`,
          'Routing all traffic to primary',
        ],
      );
      const { metadata, spec } = await split(name);
      assert.equal(spec.service, name);
      assert.deepEqual(
        metadata.ownerReferences?.map((owner) => [owner.kind, owner.name]),
        [
          ['Canary', name],
          ['Deployment', name],
        ],
      );
    });
  }

  it('promotes under load where somebody carries the split out, and nobody loses a request', async (t) => {
    const name = 'podinfo';
    const host = `${name}.${traffic}.test`;
    const splits = carryOutSplits(server, traffic, smiV1Alpha1);
    t.after(() => splits.stop());
    await apply(...podinfo({ name, namespace: traffic, version: OLD }));
    await rolledOut(traffic, name);
    // A TrafficSplit does not say when it is carried out: the gateway's word for it is missing in the time of a step.
    const analysis = { ...QUICK_ANALYSIS, interval: '15s', drainSeconds: 5 };
    await apply(canaryOf(traffic, { provider: 'smi:v1alpha1', analysis }));
    await untilPhase(server, traffic, name, 'Initialized');
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    const { status, served } = await releaseUnderLoad(t, {
      ...{ transport: server, namespace: traffic, name, host, gateway: CONTOUR_GATEWAY, perSecond: 40, old: OLD },
      revision: { version: NEW },
    });
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.deepEqual(served.failures, []);
    assert.deepEqual([...served.statuses.keys()], [200]);
    assertServed(served.steps, [25, 50], { primary: OLD, atLeast: 10 });
    await eventually(async () => {
      const { version } = JSON.parse(await getOk(`${CONTOUR_GATEWAY}/version`, { host })) as { version: string };
      assert.equal(version, NEW);
    });
  });

  it('takes a split of the user’s own over, with a share for our backends only once they are known', async (t) => {
    const name = 'own';
    const weights = followWeights(t, name);
    await apply(scaleDeployment(namespace, name, 1), {
      ...{ apiVersion: 'split.smi-spec.io/v1alpha3', kind: 'TrafficSplit' },
      metadata: { name, namespace, labels: { team: 'blue' }, annotations: { note: 'kept' } },
      spec: {
        service: 'own.example.com',
        backends: [{ service: 'own-v1', weight: 1 }],
        matches: [{ kind: 'HTTPRouteGroup', name: 'some' }],
      },
    });
    await rolledOut(namespace, name);
    const theirs = await split(name);
    const service = { port: 9898, hosts: ['own.example.com'] };
    await apply(canaryOf(namespace, { provider: 'smi:v1alpha3', service }, name));
    await untilPhase(server, namespace, name, 'Initialized');
    const ours = (primary: number) => [
      ['own-primary', primary],
      ['own-canary', 0],
    ];
    await eventually(async () => assert.deepEqual(weights, [[['own-v1', 1]], [['own-v1', 1], ...ours(0)], ours(100)]));

    const taken = await split(name);
    assert.equal(taken.metadata.uid, theirs.metadata.uid);
    assert.equal(taken.metadata.ownerReferences, undefined);
    assert.deepEqual(taken.metadata.labels, { team: 'blue', [CANARY_LABEL]: name });
    assert.equal(taken.metadata.annotations?.['note'], 'kept');
    // For all requests: those that fit no match would go to the root service, whatever the weights.
    assert.deepEqual([taken.spec.service, taken.spec.matches], ['own.example.com', []]);

    await kubectl('-n', namespace, 'delete', 'canary', name);
    await eventually(async () => {
      const left = await kubectl('-n', namespace, 'get', 'services', '-o', 'name');
      assert.ok(!left.includes('own-canary'), left);
    });
    assert.equal((await split(name)).metadata.uid, theirs.metadata.uid);
  });

  it('sets right what is edited by hand, and makes anew what is deleted', async () => {
    const name = 'edited';
    await apply(scaleDeployment(namespace, name, 1));
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, { provider: 'smi:v1alpha1' }, name));
    await untilPhase(server, namespace, name, 'Initialized');
    const restored = [
      ['edited-primary', '100'],
      ['edited-canary', '0'],
    ];
    const resource = 'trafficsplits.v1alpha1.split.smi-spec.io';
    const edits: readonly object[] = [
      { spec: { backends: ['primary', 'canary'].map((side) => ({ service: `edited-${side}`, weight: '500m' })) } },
      { spec: { backends: [{ service: 'edited-canary', weight: 1 }] } },
      { spec: { service: 'somewhere' } },
    ];
    for (const edit of edits) {
      const patched = await kubectlJson<{ metadata: { generation: number } }>(
        ...['-n', namespace, 'patch', resource, name, '--type=merge', '-p', JSON.stringify(edit)],
      );
      await eventually(async () => {
        const there = await kubectlJson<TrafficSplit & { metadata: { generation: number } }>(
          ...['-n', namespace, 'get', resource, name],
        );
        assert.ok(there.metadata.generation > patched.metadata.generation, 'the edit stands');
        assert.deepEqual([there.spec.service, weightsOf(there)], [name, restored]);
      });
    }
    const { uid } = (await split(name)).metadata;
    await kubectl('-n', namespace, 'delete', resource, name);
    await eventually(async () => {
      const there = await split(name);
      assert.notEqual(there.metadata.uid, uid);
      assert.deepEqual(weightsOf(there), restored);
    });
  });

  it('is refused what no split can do, and warned of what is left out of it', async () => {
    const apex = (spec: object) => canaryOf(namespace, { provider: 'smi:v1alpha2', ...spec }, 'refused');
    const wrong: Readonly<Record<string, object>> = {
      'spec.analysis.mirror': { analysis: { ...QUICK_ANALYSIS, mirror: true } },
      'spec.analysis.match': {
        analysis: { interval: '2s', threshold: 2, iterations: 2, match: [{ headers: { 'x-canary': { exact: 'a' } } }] },
      },
      'spec.analysis.sessionAffinity': { analysis: { ...QUICK_ANALYSIS, sessionAffinity: { cookieName: 'canary' } } },
      'spec.analysis.metrics[0].name': {
        analysis: { ...QUICK_ANALYSIS, metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }] },
      },
    };
    for (const [path, spec] of Object.entries(wrong)) {
      const { exitCode, stderr } = await tryKubectl(apex(spec), 'apply', '--dry-run=server', '-f', '-');
      assert.equal(exitCode, 1, stderr);
      assert.ok(stderr.includes(path), stderr);
    }
    const service = { port: 9898, timeout: '5s', retries: { attempts: 3 }, match: [{ uri: { prefix: '/' } }] };
    const { exitCode, stderr } = await tryKubectl(apex({ service }), 'apply', '--dry-run=server', '-f', '-');
    assert.equal(exitCode, 0, stderr);
    for (const field of ['timeout', 'retries', 'match']) {
      assert.ok(stderr.includes(`Warning: spec.service.${field}: is not looked at`), stderr);
    }
  });

  describe('has each weight in the API server as it was written', () => {
    const FIELD_MANAGER = 'smi-test';

    for (const router of [smiV1Alpha1, smiV1Alpha2, smiV1Alpha3]) {
      const resource = resourceOf(router);
      const { apiVersion } = resource;
      it(`in ${apiVersion}`, async () => {
        const name = apiVersion.replace('/', '-');
        const canary = inNamespace(routes, name);
        for (let canaryWeight = 0; canaryWeight <= 100; canaryWeight++) {
          for (const { manifest } of router.desired(canary(undefined), { canaryWeight })) {
            const metadata = { ...manifest.metadata, namespace: routes };
            const options = { transport: server, resource, fieldManager: FIELD_MANAGER };
            const there = await applyObject<GeneratedObject>({ ...manifest, metadata }, options);
            assert.deepEqual(router.observed(canary(there)), { canaryWeight, acceptance: { kind: 'accepted' } });
            // Otherwise it would be written for ever.
            assert.ok(covers(there.spec, manifest.spec), JSON.stringify(there.spec));
          }
        }
      });
    }

    it('and reads those that others wrote in other ways', async () => {
      const ways: Readonly<Record<string, readonly [primary: unknown, canary: unknown, percent: number]>> = {
        quantities: ['900m', '100m', 10],
        'quantities-and-numbers': [1, '250m', 20],
        numbers: [1, 1, 50],
        shares: ['2', '1', 33],
      };
      for (const [name, [primary, canary, percent]] of Object.entries(ways)) {
        const backends = [
          { service: `${name}-primary`, weight: primary },
          { service: `${name}-canary`, weight: canary },
        ];
        await apply({
          ...{ apiVersion: 'split.smi-spec.io/v1alpha1', kind: 'TrafficSplit' },
          metadata: { name, namespace: routes },
          spec: { service: name, backends },
        });
        const path = objectPath(resourceOf(smiV1Alpha1), { namespace: routes, name });
        const there = await server.request<RouteObject>({ path });
        assert.equal(smiV1Alpha1.observed(inNamespace(routes, name)(there))?.canaryWeight, percent, name);
      }
    });
  });
});

/** A canary whose Service has the name, with this for its TrafficSplit. */
function inNamespace(namespace: string, name: string): (object: RouteObject | undefined) => Routed {
  return (object) => {
    const { canary, ...rest } = routed({ name }, () => object);
    return { ...rest, canary: { ...canary, metadata: { ...canary.metadata, namespace } } };
  };
}

function resourceOf({ resources: [resource] }: Router): Resource {
  assert.ok(resource !== undefined, 'the router writes nothing');
  return resource;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
