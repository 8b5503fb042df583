import assert from 'node:assert/strict';
import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARIES } from '../../../api/resources.ts';
import { collectionPath, objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl } from '../kubectl.ts';
import { type PodinfoOptions, podinfo, rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';

export const CONTOUR_GATEWAY = 'http://envoy.projectcontour';

/** An analysis that takes seconds; the checks need a load, and judge the revision and not how busy the machine is. */
export const QUICK_ANALYSIS = { interval: '2s', threshold: 2, stepWeight: 25, maxWeight: 50, drainSeconds: 1 };
export const BUILT_IN_CHECKS = [
  { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '6s' },
  { name: 'request-duration', thresholdRange: { max: 5000 }, interval: '6s' },
];

/** A Canary of podinfo in a namespace, on Contour unless the spec says otherwise. */
export function canaryOf(namespace: string, spec: object = {}, name = 'podinfo'): object {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      provider: 'contour',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 9898 },
      analysis: QUICK_ANALYSIS,
      ...spec,
    },
  };
}

/** The user's own root proxy, which leads a host name to the canary's HTTPProxy. */
export function rootProxy(namespace: string, host: string, name = 'podinfo'): object {
  return {
    apiVersion: 'projectcontour.io/v1',
    kind: 'HTTPProxy',
    metadata: { name: `${name}-root`, namespace },
    spec: { virtualhost: { fqdn: host }, includes: [{ name, conditions: [{ prefix: '/' }] }] },
  };
}

/** Applies podinfo, a root proxy and a Canary, and waits until it is initialized and answers; the host name. */
export async function releasedByContour(
  transport: Transport,
  namespace: string,
  spec: object,
  options: Partial<PodinfoOptions> = {},
): Promise<string> {
  const { name = 'podinfo' } = options;
  const host = `${name}.${namespace}.test`;
  await initializedPodinfo(transport, namespace, spec, options, rootProxy(namespace, host, name));
  return host;
}

/** Applies podinfo with what is to be beside it, then a Canary of it, and waits until that is initialized. */
export async function initializedPodinfo(
  transport: Transport,
  namespace: string,
  spec: object,
  options: Partial<PodinfoOptions> = {},
  ...beside: readonly object[]
): Promise<void> {
  const { name = 'podinfo' } = options;
  await apply(...podinfo({ ...options, name, namespace }), ...beside);
  await rolledOut(namespace, name);
  await apply(canaryOf(namespace, spec, name));
  await untilPhase(transport, namespace, name, 'Initialized');
}

/** Applies a Deployment of pods without a process and a Canary of it, and waits until that is initialized. */
export async function initializedCanary(
  transport: Transport,
  namespace: string,
  name: string,
  spec: object = {},
  replicas = 1,
): Promise<void> {
  await apply(scaleDeployment(namespace, name, replicas), canaryOf(namespace, spec, name));
  await untilPhase(transport, namespace, name, 'Initialized');
}

export async function readCanary(transport: Transport, namespace: string, name = 'podinfo'): Promise<Canary> {
  return transport.request<Canary>({ path: objectPath(CANARIES, { namespace, name }) });
}

/** The status once it is in one of the phases; throws when it gets into `Failed` without being asked for, or never does. */
export async function untilPhase(
  transport: Transport,
  namespace: string,
  name: string,
  ...phases: readonly CanaryStatus['phase'][]
): Promise<CanaryStatus> {
  return untilStatus(transport, namespace, name, ({ phase }) => phases.includes(phase), phases.join(' or '));
}

/** The status once it is as wanted. */
export async function untilStatus(
  transport: Transport,
  namespace: string,
  name: string,
  isWanted: (status: CanaryStatus) => boolean,
  what: string,
  withinMs = 120_000,
): Promise<CanaryStatus> {
  return eventually(async () => {
    const { status = {} } = await readCanary(transport, namespace, name);
    assert.ok(isWanted(status), `canary ${namespace}/${name} is not ${what}: ${JSON.stringify(status)}`);
    return status;
  }, withinMs);
}

/** Each status of a canary from now on, in order, until the signal aborts; without the states that were passed too fast. */
export async function followStatus(
  transport: Transport,
  namespace: string,
  signal: AbortSignal,
  onStatus: (status: CanaryStatus, name: string) => void,
): Promise<void> {
  const path = collectionPath(CANARIES, namespace);
  while (!signal.aborted) {
    try {
      for await (const event of transport.watch<Canary>({ path, signal })) {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') {
          onStatus(event.object.status ?? {}, event.object.metadata.name);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

export async function setImage(namespace: string, version: string, name = 'podinfo'): Promise<void> {
  await kubectl(
    '-n',
    namespace,
    'set',
    'image',
    `deployment/${name}`,
    `podinfo=ghcr.io/stefanprodan/podinfo:${version}`,
  );
}

/** The texts of the events about a canary, oldest first. */
export async function eventsOf(namespace: string, name = 'podinfo'): Promise<readonly string[]> {
  const list = await kubectl('-n', namespace, 'get', 'events.v1.events.k8s.io', '-o', 'json');
  const { items } = JSON.parse(list) as {
    items: {
      metadata: { resourceVersion: string };
      eventTime: string;
      note: string;
      regarding: { kind: string; name: string };
    }[];
  };
  return items
    .filter(({ regarding }) => regarding.kind === 'Canary' && regarding.name === name)
    .toSorted((one, other) =>
      one.eventTime === other.eventTime
        ? Number(one.metadata.resourceVersion) - Number(other.metadata.resourceVersion)
        : one.eventTime.localeCompare(other.eventTime),
    )
    .map(({ note }) => note);
}

/** Asserts that these stand in the list in this order, with anything in between. */
export function assertInOrder(list: readonly string[], expected: readonly (string | RegExp)[]): void {
  let from = 0;
  for (const each of expected) {
    const found = list.findIndex(
      (text, index) => index >= from && (typeof each === 'string' ? text === each : each.test(text)),
    );
    assert.ok(
      found >= 0,
      `${String(each)} is not there after ${list[from - 1] ?? 'the beginning'}:\n${list.join('\n')}`,
    );
    from = found + 1;
  }
}

/** Waits until the events about a canary stand in this order: they are told beside the release, and may come after its end. */
export async function toldInOrder(
  about: readonly [namespace: string, name?: string],
  expected: readonly (string | RegExp)[],
): Promise<void> {
  await eventually(async () => assertInOrder(await eventsOf(...about), expected));
}

/** Each state of the objects of a collection from now on, in order, until the signal aborts; first of all those that they are in. */
export async function follow<T>(
  transport: Transport,
  path: string,
  signal: AbortSignal,
  onObject: (object: T) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of transport.watch<T>({ path, signal })) {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') onObject(event.object);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
