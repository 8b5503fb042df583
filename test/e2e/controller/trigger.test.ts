// What starts a release and what does not. The pods are ready at once, and no step ends while a test runs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import { REVISION_ANNOTATION } from '../../../api/keys.ts';
import { DEPLOYMENTS } from '../../../api/resources.ts';
import { collectionPath, objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';
import { promotedTargets, type Target } from '../webhook/promoted-target.ts';
import { canaryOf, follow, followStatus, readCanary, untilPhase, untilStatus } from './release.ts';

const LONG_STEPS = { interval: '1h', threshold: 2, stepWeight: 25, maxWeight: 50, drainSeconds: 0 };
const REPLICAS = 2;
const FIRST = 'scale.test/nothing';

/** A way to change a pod template, and one to bring it back. */
interface Way {
  readonly title: string;
  readonly change: (namespace: string, name: string) => Promise<unknown>;
  readonly back: (namespace: string, name: string) => Promise<unknown>;
}

const WAYS: Readonly<Record<string, Way>> = {
  image: {
    title: 'kubectl set image',
    change: (namespace, name) => setImage(namespace, name, 'scale.test/second'),
    back: undo,
  },
  env: {
    title: 'kubectl set env',
    change: (namespace, name) => kubectl('-n', namespace, 'set', 'env', `deployment/${name}`, 'COLOUR=blue'),
    back: (namespace, name) => kubectl('-n', namespace, 'set', 'env', `deployment/${name}`, 'COLOUR-'),
  },
  restart: {
    title: 'kubectl rollout restart',
    change: (namespace, name) => kubectl('-n', namespace, 'rollout', 'restart', `deployment/${name}`),
    back: undo,
  },
  edit: {
    title: 'kubectl edit',
    change: (namespace, name) => edit(namespace, name, `s,image: ${FIRST},image: scale.test/edited,`),
    back: (namespace, name) => edit(namespace, name, `s,image: scale.test/edited,image: ${FIRST},`),
  },
  gitops: {
    title: 'server-side apply by another manager, without replicas',
    change: (namespace, name) => applyByAnother(namespace, name, 'scale.test/applied'),
    back: (namespace, name) => applyByAnother(namespace, name, FIRST),
  },
  // Was at another image before its canary was made.
  undo: { title: 'kubectl rollout undo', change: undo, back: undo },
};
const RESTARTED = 'restarted';
const NOTED = ['scaled', 'annotated'] as const;
const QUIET = ['labelled', 'reported', 'dry-run'] as const;
const FAST = 'fast';
const MEASURED = Array.from({ length: 10 }, (_, index) => `measured-${index}`);
const ROUNDS = 5;

describe('a release', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('trigger');
  let server: Transport;
  let username: string;

  before(async () => {
    server = await apiServer();
    const names = [...Object.keys(WAYS), RESTARTED, ...NOTED, ...QUIET, FAST, ...MEASURED];
    await apply(...names.map((name) => scaleDeployment(namespace, name, REPLICAS)));
    await setImage(namespace, 'undo', 'scale.test/later');
    await apply(...names.map((name) => canaryOf(namespace, { analysis: LONG_STEPS }, name)));
    username = await kubectl('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
    for (const name of names) await untilPhase(server, namespace, name, 'Initialized');
  });
  after(() => server.close());

  const target = (name: string) => promotedTargets(server, namespace).get(name);
  const untilAt = (name: string, weight: number) =>
    untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === weight, `at weight ${weight}`);

  for (const [name, { title, change, back }] of Object.entries(WAYS)) {
    it(`starts with ${title}, and ends when that is taken back`, async () => {
      const promoted = (await readCanary(server, namespace, name)).status?.lastPromotedSpec;
      await change(namespace, name);
      const status = await untilAt(name, 25);
      const { metadata, spec } = await target(name);
      assert.equal(status.phase, 'Progressing');
      assert.notEqual(status.lastAppliedSpec, promoted);
      assert.equal(status.lastAppliedSpec, metadata.annotations?.[REVISION_ANNOTATION]);
      assert.equal(status.lastPromotedSpec, promoted);
      assert.equal(status.triggeredBy?.username, username);
      assert.equal(spec.replicas, REPLICAS);

      await back(namespace, name);
      const ended = await untilPhase(server, namespace, name, 'Succeeded');
      assert.equal(ended.history?.length, 1);
      const [run] = ended.history ?? [];
      assert.equal(run?.result, 'Reverted');
      assert.equal(run?.revision, status.lastAppliedSpec);
      assert.equal(ended.lastAppliedSpec, promoted);
      assert.equal(ended.lastPromotedSpec, promoted);
      assert.equal(ended.actualWeight, 0);
      assert.equal(ended.canaryWeight, 0);
      assert.equal((await target(name)).spec.replicas, 0);
      assert.deepEqual(await routedWeights(name), [100, 0]);
    });
  }

  it('starts again without traffic when another revision comes', async (t) => {
    const name = RESTARTED;
    await setImage(namespace, name, 'scale.test/second');
    const { lastAppliedSpec: second } = await untilAt(name, 25);
    const over = new AbortController();
    t.after(() => over.abort());
    const weights: (number | undefined)[] = [];
    const followed = followStatus(server, namespace, over.signal, (status, of) => {
      if (of === name && status.lastAppliedSpec !== second) weights.push(status.desiredWeight);
    });
    await setImage(namespace, name, 'scale.test/third');
    const isThird = ({ lastAppliedSpec, actualWeight }: CanaryStatus) =>
      lastAppliedSpec !== second && actualWeight === 25;
    const status = await untilStatus(server, namespace, name, isThird, 'at weight 25 with the third revision');
    over.abort();
    await followed;
    assert.equal(weights[0], 0, `weights of the third revision: ${weights.join(', ')}`);
    assert.equal(status.phase, 'Progressing');
    const [run] = status.history ?? [];
    assert.equal(run?.result, 'Superseded');
    assert.equal(run?.revision, second);
    assert.equal(run?.weight, 25);
  });

  /** These give a Deployment another generation, annotations like a change of its spec. */
  const noted: Readonly<Record<(typeof NOTED)[number], readonly string[]>> = {
    scaled: ['scale', 'deployment/scaled', '--replicas=1'],
    annotated: ['annotate', 'deployment/annotated', 'note=blue'],
  };
  for (const [name, command] of Object.entries(noted)) {
    it(`is not started where a Deployment is ${name}`, async () => {
      const { status } = await settled(name);
      await kubectl('-n', namespace, ...command);
      const { metadata, spec } = await target(name);
      const expected = { ...status, target: { ...status?.target, generation: metadata.generation } };
      await eventually(async () => assert.deepEqual((await readCanary(server, namespace, name)).status, expected));
      await sleep(3000);
      assert.deepEqual((await readCanary(server, namespace, name)).status, expected);
      // Pods that somebody wanted stay.
      assert.equal(spec.replicas, name === 'scaled' ? 1 : 0);
    });
  }

  const quiet: Readonly<Record<(typeof QUIET)[number], (name: string) => Promise<unknown>>> = {
    labelled: (name) => kubectl('-n', namespace, 'label', `deployment/${name}`, 'team=blue'),
    reported: (name) =>
      server.request({
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json' },
        path: `${objectPath(DEPLOYMENTS, { namespace, name })}/status`,
        body: { status: { collisionCount: 1 } },
      }),
    'dry-run': (name) =>
      kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, 'nothing=scale.test/dry', '--dry-run=server'),
  };
  for (const [name, write] of Object.entries(quiet)) {
    it(`is not started, nor is a status written, where a Deployment is ${name}`, async () => {
      const { metadata: earlier } = await settled(name);
      const { metadata } = await target(name);
      await write(name);
      await sleep(3000);
      const { metadata: later } = await readCanary(server, namespace, name);
      assert.equal(later.resourceVersion, earlier.resourceVersion);
      const now = await target(name);
      assert.equal(now.metadata.generation, metadata.generation);
      assert.equal(now.spec.replicas, 0);
    });
  }

  it('has its pods with the very answer to the change', async () => {
    const { setImage: patch } = promotedTargets(server, namespace);
    await eventually(async () =>
      assert.equal((await patch(FAST, 'scale.test/dry', { dryRun: 'All' })).spec.replicas, REPLICAS),
    );
    assert.equal((await target(FAST)).spec.replicas, 0);
    const { spec, metadata } = await patch(FAST, 'scale.test/fast');
    assert.equal(spec.replicas, REPLICAS);
    await untilAt(FAST, 25);
    // Nobody had to scale it once more: one change of the spec is all there was.
    assert.equal((await target(FAST)).metadata.generation, metadata.generation);
  });

  it('begins soon after the change', async (t) => {
    const over = new AbortController();
    t.after(() => over.abort());
    const states = new Map<string, { status: CanaryStatus; replicas: number }>();
    const waiting = new Set<() => void>();
    const note = (name: string, change: Partial<{ status: CanaryStatus; replicas: number }>) => {
      states.set(name, { ...(states.get(name) ?? { status: {}, replicas: -1 }), ...change });
      for (const look of waiting) look();
    };
    const followed = Promise.all([
      followStatus(server, namespace, over.signal, (status, name) => note(name, { status })),
      follow<Target & { metadata: { name: string } }>(
        ...([server, collectionPath(DEPLOYMENTS, namespace), over.signal] as const),
        ({ metadata, spec }) => note(metadata.name, { replicas: spec.replicas }),
      ),
    ]);
    /** Milliseconds since the process began, at which it was seen. */
    const until = (name: string, isWanted: (status: CanaryStatus, replicas: number) => boolean) =>
      new Promise<number>((resolve, reject) => {
        const give = setTimeout(
          () => reject(new Error(`nothing came of ${name}: ${JSON.stringify(states.get(name))}`)),
          60_000,
        );
        const look = () => {
          const state = states.get(name);
          if (state === undefined || !isWanted(state.status, state.replicas)) return;
          clearTimeout(give);
          waiting.delete(look);
          resolve(performance.now());
        };
        waiting.add(look);
        look();
      });

    const { setImage: patch } = promotedTargets(server, namespace);
    const latencies: number[] = [];
    let byWebhook = 0;
    // One release after the other: what is measured is how soon one begins, and not how busy the end of ten others is.
    for (const name of Array.from({ length: ROUNDS }, () => MEASURED).flat()) {
      const { metadata, spec } = await patch(name, `scale.test/change-${latencies.length}`);
      const answered = performance.now();
      const revision = metadata.annotations?.[REVISION_ANNOTATION];
      const isBegun = ({ phase, lastAppliedSpec }: CanaryStatus, replicas: number) =>
        phase === 'Progressing' && lastAppliedSpec === revision && replicas > 0;
      latencies.push((await until(name, isBegun)) - answered);
      if (spec.replicas > 0) byWebhook++;
      await patch(name, FIRST);
      await until(name, ({ phase }, replicas) => phase === 'Succeeded' && replicas === 0);
    }
    over.abort();
    await followed;
    const sorted = latencies.toSorted((one, other) => one - other);
    const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    const [median, p99, max] = [quantile(0.5), quantile(0.99), quantile(1)].map((ms) => `${ms.toFixed(0)} ms`);
    t.diagnostic(`from a change to its canary, of ${sorted.length}: median ${median}, p99 ${p99}, max ${max}`);
    t.diagnostic(`${byWebhook} of ${sorted.length} got their pods with the answer to the change`);
    assert.equal(sorted.length, MEASURED.length * ROUNDS);
    assert.ok(quantile(1) < 10_000, `${max} is too long`);
  });

  async function routedWeights(name: string): Promise<readonly number[]> {
    const path = `/apis/projectcontour.io/v1/namespaces/${namespace}/httpproxies/${name}`;
    const proxy = await server.request<{ spec: { routes: { services: { weight: number }[] }[] } }>({ path });
    return proxy.spec.routes.flatMap(({ services }) => services.map(({ weight }) => weight));
  }

  /** A canary some seconds after its last status: those just after a release may be reworded. */
  async function settled(name: string): Promise<Canary> {
    await sleep(3000);
    return readCanary(server, namespace, name);
  }
});

function setImage(namespace: string, name: string, image: string): Promise<string> {
  return kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
}

function undo(namespace: string, name: string): Promise<string> {
  return kubectl('-n', namespace, 'rollout', 'undo', `deployment/${name}`);
}

async function edit(namespace: string, name: string, script: string): Promise<void> {
  const env = { KUBE_EDITOR: `sed -i '${script}'` };
  await execa('kubectl', ['-n', namespace, 'edit', `deployment/${name}`], { env, timeout: 60_000 });
}

async function applyByAnother(namespace: string, name: string, image: string): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'nothing', image }] } };
  const manifest = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } },
    spec: { selector: { matchLabels: labels }, template },
  };
  const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=gitops', '-f', '-'];
  const { exitCode, stderr } = await tryKubectl(manifest, ...args);
  assert.equal(exitCode, 0, stderr);
}
