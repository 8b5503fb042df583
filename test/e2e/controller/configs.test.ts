// What a change of a ConfigMap or Secret does to the canaries whose targets use it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { CONFIG_MAPS, DEPLOYMENTS, SECRETS } from '../../../api/resources.ts';
import { objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';
import { canaryOf, eventsOf, followStatus, QUICK_ANALYSIS, toldInOrder, untilPhase, untilStatus } from './release.ts';

const LONG_STEPS = { interval: '1h', threshold: 2, stepWeight: 25, maxWeight: 50, drainSeconds: 0 };
type Data = Readonly<Record<string, string>>;

function configMap(namespace: string, name: string, data: Data, more: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data, ...more };
}

function secret(namespace: string, name: string, stringData: Data): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
}

interface Pods {
  readonly volumes?: readonly object[];
  readonly initContainers?: readonly object[];
  readonly containers: readonly object[];
}
interface Target {
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: Pods } };
}

/** A Deployment with more in its pod spec and in its first container. */
function configured(deployment: object, pods: object, container: object): object {
  const { spec, ...rest } = deployment as { spec: { template: { metadata: object; spec: Pods } } };
  const { template } = spec;
  const [first, ...others] = template.spec.containers;
  const containers = [{ ...first, ...container }, ...others];
  return { ...rest, spec: { ...spec, template: { ...template, spec: { ...template.spec, ...pods, containers } } } };
}

/** One way to refer to a ConfigMap or Secret of the target's name. */
interface Way {
  readonly pods?: (name: string) => object;
  readonly container?: (name: string) => object;
  readonly isSecret?: boolean;
}

const init = (name: string, more: object) => ({
  initContainers: [{ name, image: 'sandbox.test/shell', command: ['sh', '-c', 'true'], ...more }],
});
const variable = (valueFrom: object) => ({ env: [{ name: 'COLOUR', valueFrom }] });
const WAYS: Readonly<Record<string, Way>> = {
  'a-volume': { pods: (name) => ({ volumes: [{ name: 'v', configMap: { name } }] }) },
  'a-secret-volume': { pods: (name) => ({ volumes: [{ name: 'v', secret: { secretName: name } }] }), isSecret: true },
  'a-projected-volume': {
    pods: (name) => ({ volumes: [{ name: 'v', projected: { sources: [{ configMap: { name } }] } }] }),
  },
  'a-variable': { container: (name) => variable({ configMapKeyRef: { name, key: 'colour' } }) },
  'a-secret-variable': { container: (name) => variable({ secretKeyRef: { name, key: 'colour' } }), isSecret: true },
  'an-environment': { container: (name) => ({ envFrom: [{ configMapRef: { name } }] }) },
  'a-secret-environment': { container: (name) => ({ envFrom: [{ secretRef: { name } }] }), isSecret: true },
  'an-init-container': { pods: (name) => init('first', { envFrom: [{ configMapRef: { name } }] }) },
};
const environment = (name: string, optional = false) => ({ envFrom: [{ configMapRef: { name, optional } }] });

describe('a ConfigMap or Secret that a target uses', {
  concurrency: true,
  skip: sandboxOnly('its pods have images that only the sandbox has'),
}, () => {
  const namespace = testNamespace('configs');
  const inNamespace = (...args: string[]) => kubectl('-n', namespace, ...args);
  const fast = Object.keys(WAYS);
  const others = ['midway', 'back', 'opted-out', 'optional', 'shared-quick', 'shared-slow', 'binary', 'late'];
  let server: Transport;

  const deployment = (name: string) => server.request<Target>({ path: objectPath(DEPLOYMENTS, { namespace, name }) });
  const pods = async (name: string) => {
    const names = await inNamespace('get', 'pods', '-l', `app=${name}`, '-o', 'jsonpath={.items[*].metadata.name}');
    return names.split(' ').filter((each) => each !== '');
  };
  /** What a Deployment refers to in `envFrom`. */
  const environmentOf = async (name: string) => {
    const { spec } = await deployment(name);
    const [container] = spec.template.spec.containers as { envFrom?: { configMapRef: { name: string } }[] }[];
    return container?.envFrom?.[0]?.configMapRef.name ?? '';
  };
  const read = (name: string) =>
    server.request<{ data?: Data; binaryData?: Data; immutable?: boolean }>({
      path: objectPath(CONFIG_MAPS, { namespace, name }),
    });
  const change = (name: string, data: Data) => apply(configMap(namespace, name, data));

  before(async () => {
    server = await apiServer();
    const plain = { colour: 'blue' };
    await apply(
      ...fast.map((name) => (WAYS[name]?.isSecret ? secret : configMap)(namespace, name, plain)),
      ...['midway', 'back', 'opted-out', 'shared'].map((name) => configMap(namespace, name, plain)),
      configMap(namespace, 'binary', {}, { data: undefined, binaryData: { key: 'AAEC' } }),
    );
    await inNamespace('annotate', 'configmap', 'opted-out', 'flagger.app/config-tracking=disabled');
    const target = (name: string, more: object, container: object) =>
      configured(scaleDeployment(namespace, name, 2), more, container);
    await apply(
      ...fast.map((name) => target(name, WAYS[name]?.pods?.(name) ?? {}, WAYS[name]?.container?.(name) ?? {})),
      ...['midway', 'back', 'opted-out', 'binary'].map((name) => target(name, {}, environment(name))),
      ...['shared-quick', 'shared-slow'].map((name) => target(name, {}, environment('shared'))),
      target('optional', {}, environment('optional', true)),
      target('late', {}, {}),
    );
    const analysis = (name: string) => (name === 'shared-quick' ? QUICK_ANALYSIS : LONG_STEPS);
    const names = [...fast, ...others];
    await apply(...names.map((name) => canaryOf(namespace, { analysis: analysis(name) }, name)));
    for (const name of names) await untilPhase(server, namespace, name, 'Initialized');
  });
  after(() => server.close());

  it('starts its canary when it changes, whatever refers to it', async (t) => {
    const over = new AbortController();
    const began = new Map<string, number>();
    const following = followStatus(server, namespace, over.signal, ({ phase }, name) => {
      if (phase === 'Progressing' && !began.has(name)) began.set(name, performance.now());
    });
    const times: number[] = [];
    for (const name of fast) {
      const isSecret = WAYS[name]?.isSecret === true;
      const path = objectPath(isSecret ? SECRETS : CONFIG_MAPS, { namespace, name });
      const value = isSecret ? Buffer.from('green').toString('base64') : 'green';
      const contentType = 'application/merge-patch+json';
      const from = performance.now();
      await server.request({ method: 'PATCH', path, contentType, body: { data: { colour: value } } });
      await eventually(async () => assert.ok(began.has(name), `${name} has not begun`));
      times.push((began.get(name) ?? Number.NaN) - from);
    }
    over.abort();
    await following;
    const sorted = times.toSorted((one, other) => one - other);
    t.diagnostic(`from the change to Progressing: ${sorted.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    // On a busy machine: what polls would take its interval, which is an hour here.
    assert.ok((sorted[0] ?? Number.NaN) < 20_000, `the quickest took ${sorted[0]} ms`);
    for (const name of fast) {
      const { trackedConfigs = {} } = await untilPhase(server, namespace, name, 'Progressing');
      assert.deepEqual(Object.keys(trackedConfigs), [`${WAYS[name]?.isSecret ? 'secret' : 'configmap'}/${name}`]);
    }
    // Of one moment, in any order.
    for (const text of [
      'Secret a-secret-volume has changed',
      `New revision detected! Scaling up a-secret-volume.${namespace}`,
    ])
      await toldInOrder([namespace, 'a-secret-volume'], [text]);
  });

  it('makes the release begin anew when it changes in the midst of it, with pods that have read it', async () => {
    const name = 'midway';
    const weights: (number | undefined)[] = [];
    const over = new AbortController();
    const following = followStatus(server, namespace, over.signal, ({ desiredWeight }, of) => {
      if (of === name && weights.at(-1) !== desiredWeight) weights.push(desiredWeight);
    });
    await change(name, { colour: 'green' });
    const isHeld = ({ actualWeight, waitingFor }: CanaryStatus) =>
      actualWeight === 25 && waitingFor?.reason === 'StepInterval';
    const first = await untilStatus(server, namespace, name, isHeld, 'at its first step');
    const stale = await pods(name);
    assert.equal(stale.length, 2);
    await change(name, { colour: 'red' });
    const isAnew = (status: CanaryStatus) => isHeld(status) && status.startedAt !== first.startedAt;
    const second = await untilStatus(server, namespace, name, isAnew, 'at its first step again');
    over.abort();
    await following;
    assert.notEqual(second.lastAppliedSpec, first.lastAppliedSpec);
    assert.deepEqual(weights, [0, 25, 0, 25]);
    assert.equal(second.history?.[0]?.result, 'Superseded');
    const fresh = await pods(name);
    assert.deepEqual(
      fresh.filter((pod) => stale.includes(pod)),
      [],
      'pods of before have stayed',
    );
    await toldInOrder([namespace, name], [`New revision detected! Restarting analysis for ${name}.${namespace}`]);
  });

  it('ends the release when it is brought back to what was promoted', async () => {
    const name = 'back';
    await change(name, { colour: 'green' });
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 25, 'at its first step');
    await change(name, { colour: 'blue' });
    const status = await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal(status.history?.[0]?.result, 'Reverted');
    assert.equal((await deployment(name)).spec.replicas, 0);
  });

  it('is not followed where its user says so', async () => {
    const name = 'opted-out';
    assert.equal(await environmentOf(`${name}-primary`), name, 'the primary has a copy');
    const { lastPromotedSpec } = await untilPhase(server, namespace, name, 'Initialized');
    await inNamespace('patch', 'configmap', name, '-p', '{"data":{"colour":"green"}}');
    await sleep(3000);
    // Nor is it a change that it is followed from now on.
    await inNamespace('annotate', 'configmap', name, 'flagger.app/config-tracking-');
    const isTracked = ({ trackedConfigs = {} }: CanaryStatus) => trackedConfigs[`configmap/${name}`] !== undefined;
    const tracked = await untilStatus(server, namespace, name, isTracked, 'followed');
    assert.deepEqual([tracked.phase, tracked.history], ['Initialized', undefined]);
    assert.notEqual(tracked.lastPromotedSpec, lastPromotedSpec);
    await sleep(2000);
    assert.equal((await untilPhase(server, namespace, name, 'Initialized')).startedAt, undefined);
    assert.equal(await environmentOf(`${name}-primary`), name, 'the primary was changed');
    await change(name, { colour: 'red' });
    await untilPhase(server, namespace, name, 'Progressing');
  });

  it('may be optional: that it comes is a change, which the primary does not see', async () => {
    const name = 'optional';
    const copy = await environmentOf(`${name}-primary`);
    assert.notEqual(copy, name);
    await change(name, { colour: 'green' });
    await untilPhase(server, namespace, name, 'Progressing');
    assert.equal(await environmentOf(`${name}-primary`), copy);
    await assert.rejects(read(copy), /404/);
  });

  it('is promoted by each canary for itself', async () => {
    const names = ['shared-quick', 'shared-slow'] as const;
    await change('shared', { colour: 'green' });
    await untilStatus(server, namespace, names[1], ({ actualWeight }) => actualWeight === 25, 'at its first step');
    await untilPhase(server, namespace, names[0], 'Succeeded');
    const copies = await Promise.all(names.map(async (name) => read(await environmentOf(`${name}-primary`))));
    assert.deepEqual(
      copies.map(({ data, immutable }) => [data, immutable]),
      [
        [{ colour: 'green' }, true],
        [{ colour: 'blue' }, true],
      ],
    );
  });

  it('is copied with what is binary in it', async () => {
    const name = 'binary';
    const { binaryData } = await read(await environmentOf(`${name}-primary`));
    assert.deepEqual(binaryData, { key: 'AAEC' });
    // One that is deleted comes back, before a pod has to start without it.
    const copy = await environmentOf(`${name}-primary`);
    await inNamespace('delete', 'configmap', copy);
    await eventually(async () => assert.deepEqual((await read(copy)).binaryData, { key: 'AAEC' }));
    await inNamespace('patch', 'configmap', name, '--type=merge', '-p', '{"binaryData":{"key":"AAED"}}');
    await untilPhase(server, namespace, name, 'Progressing');
  });

  it('is waited for where pods need it', async () => {
    const name = 'late';
    await apply(configured(scaleDeployment(namespace, name, 0), {}, environment(name)));
    const isMissed = ({ waitingFor }: CanaryStatus) => waitingFor?.reason === 'ConfigMissing';
    const status = await untilStatus(server, namespace, name, isMissed, 'waiting for its ConfigMap');
    assert.equal(status.phase, 'Initialized');
    await change(name, { colour: 'green' });
    await untilPhase(server, namespace, name, 'Progressing');
  });
});

describe('a primary whose target has configuration', { skip: sandboxOnly('requests reach Services by name') }, () => {
  const namespace = testNamespace('configs-served');
  const inNamespace = (...args: string[]) => kubectl('-n', namespace, ...args);
  const name = 'podinfo';
  let server: Transport;

  /** What pods of one side have read: the environment, and a file. */
  const answer = async (side: 'primary' | 'canary') => {
    const base = `http://${name}-${side}.${namespace}:9898`;
    const { message } = JSON.parse(await getOk(base)) as { message: string };
    const env = JSON.parse(await getOk(`${base}/env`)) as string[];
    const password = env.find((line) => line.startsWith('PASSWORD='));
    const { 'greeting.txt': greeting } = JSON.parse(await getOk(`${base}/configs`)) as Data;
    return { message, password, greeting };
  };
  const of = (value: string) => ({ message: value, password: `PASSWORD=${value}`, greeting: value });
  const change = (value: string) =>
    apply(
      configMap(namespace, 'texts', { message: value, 'greeting.txt': value }),
      secret(namespace, 'login', { PASSWORD: value }),
    );
  const untilAnswer = (side: 'primary' | 'canary', value: string) =>
    eventually(async () => assert.deepEqual(await answer(side), of(value)));

  before(async () => {
    server = await apiServer();
    await change('one');
    const [workload = {}, service = {}] = podinfo({ name, namespace, flags: ['--config-path=/texts'] });
    const container = {
      env: [{ name: 'PODINFO_UI_MESSAGE', valueFrom: { configMapKeyRef: { name: 'texts', key: 'message' } } }],
      envFrom: [{ secretRef: { name: 'login' } }],
      volumeMounts: [{ name: 'texts', mountPath: '/texts' }],
    };
    const volumes = [{ name: 'texts', configMap: { name: 'texts' } }];
    await apply(configured(workload, { volumes }, container), service);
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, { analysis: { ...QUICK_ANALYSIS, interval: '5s' } }, name));
    await untilPhase(server, namespace, name, 'Initialized');
  });
  after(() => server.close());

  it('has it as it was until the release has passed, and from then on as it was analysed', async () => {
    await untilAnswer('primary', 'one');
    const seen: CanaryStatus['phase'][] = [];
    await change('two');
    let status = await untilPhase(server, namespace, name, 'Progressing', 'Promoting', 'Succeeded');
    while (status.phase === 'Progressing') {
      const answered = await answer('primary');
      status = await untilPhase(server, namespace, name, 'Progressing', 'Promoting', 'Finalising', 'Succeeded');
      if (status.phase !== 'Progressing') break;
      assert.deepEqual(answered, of('one'));
      seen.push(status.phase);
    }
    assert.ok(seen.length > 0, 'nobody asked the primary in the midst of the release');
    await untilPhase(server, namespace, name, 'Succeeded');
    await untilAnswer('primary', 'two');
  });

  it('keeps it when the release fails, also when its pods are made anew', async () => {
    const metrics = [{ name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m', onNoData: 'fail' }];
    const analysis = { ...QUICK_ANALYSIS, threshold: 1, interval: '5s', metrics };
    await apply(canaryOf(namespace, { analysis }, name));
    await change('three');
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 25, 'at its first step');
    await untilAnswer('canary', 'three');
    await untilPhase(server, namespace, name, 'Failed');
    await inNamespace('delete', 'pods', '-l', `app=${name}-primary`);
    await rolledOut(namespace, `${name}-primary`);
    await untilAnswer('primary', 'two');
    const texts = await eventually(async () => {
      const events = await eventsOf(namespace);
      assert.ok(events.includes(`Canary failed! Scaling down ${name}.${namespace}`), events.join('\n'));
      return events;
    });
    assert.ok(texts.includes('ConfigMap texts has changed'), texts.join('\n'));
    assert.ok(texts.includes('Secret login has changed'), texts.join('\n'));
    assert.ok(
      texts.every((text) => !/\b(one|two|three)\b/.test(text)),
      texts.join('\n'),
    );
  });
});

describe('a canary that Flagger has released', { skip: sandboxOnly('its pods have an image of the sandbox') }, () => {
  const namespace = testNamespace('configs-taken-over');
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  it('is taken over with Flagger’s copies: nothing is released, and no pod is replaced', async () => {
    const name = 'podinfo';
    const path = objectPath(DEPLOYMENTS, { namespace, name: `${name}-primary` });
    const primary = configured(scaleDeployment(namespace, `${name}-primary`, 1), {}, environment('texts-primary'));
    await apply(
      ...['texts', 'texts-primary'].map((each) => configMap(namespace, each, { colour: 'blue' })),
      configured(scaleDeployment(namespace, name, 0), {}, environment('texts')),
      primary,
    );
    await rolledOut(namespace, `${name}-primary`);
    const taken = await server.request<Target>({ path });
    await apply(canaryOf(namespace, { analysis: LONG_STEPS }, name));
    const status = await untilPhase(server, namespace, name, 'Initialized');
    assert.equal(status.lastPromotedSpec, status.target?.revision);
    const { spec } = await server.request<Target>({ path });
    assert.deepEqual(spec, taken.spec, 'the primary was changed');
    await apply(configMap(namespace, 'texts', { colour: 'green' }));
    await untilPhase(server, namespace, name, 'Progressing');
  });
});

describe('manifests', () => {
  for (const [overlay, wanted, isTracked] of [
    ['', [['get']], 'false'],
    ['/with-config-tracking', [['get'], ['get', 'list', 'watch', 'create', 'delete']], 'true'],
  ] as const) {
    it(`let the controller list and write Secrets where it is asked for: manifests${overlay}`, async () => {
      const all = parseAllDocuments(await kubectl('kustomize', `manifests${overlay}`)).map(
        (document) => document.toJS() as { kind: string; rules?: { resources: string[]; verbs: string[] }[] },
      );
      const roles = all.filter(({ kind }) => kind === 'ClusterRole');
      const rights = roles.flatMap(({ rules = [] }) => rules.filter(({ resources }) => resources.includes('secrets')));
      assert.deepEqual(
        rights.map(({ verbs }) => verbs).toSorted((one, other) => one.length - other.length),
        wanted,
      );
      const flags = JSON.stringify(all).match(/--enable-config-tracking=\w+/g) ?? [];
      assert.equal(flags.at(-1), `--enable-config-tracking=${isTracked}`);
    });
  }
});
