import { DEPLOYMENTS, SERVICES } from '../../api/resources.ts';
import { HTTP_PROXY } from '../../controller/router/contour.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { forEach } from '../e2e/for-each.ts';
import { scaleDeployment } from '../e2e/scale.ts';
import { apiRequests, mostOf, requestsSince, total, untilQuiet } from './api-requests.ts';
import { cpuText, cpuTimes } from './cpu-by-program.ts';
import { followed } from './followed.ts';
import { AT_A_TIME, inFreshNamespace } from './fresh-namespace.ts';
import { namesOf } from './released-targets.ts';

/** What took so long, and cost so much. */
export interface Work {
  readonly seconds: number;
  /** Of the whole cluster. */
  readonly requests: number;
  /** Of all programs, as a text. */
  readonly cpu: string;
}

export interface ByHand extends Work {
  readonly releases: number;
  /** What a bootstrap makes; older results do not have it. */
  readonly made?: Work;
}

interface Deployment extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/**
 * What Kubernetes and the gateway do by themselves, without a canary, for all at once. For a bootstrap: the primary, the
 * Services and the route are made beside the target, which then has no pod any more. For a release: the target gets a pod of the
 * new image, then the primary is rolled over to it, then the target has none again.
 */
export async function rolloutsByHand(
  server: Transport,
  releases: number,
  say: (line: string) => void,
): Promise<ByHand> {
  return inFreshNamespace(server, 'bench-by-hand', async (namespace) => {
    const names = namesOf(releases);
    const primaries = names.map((name) => `${name}-primary`);
    const deployments = followed<Deployment>(server, collectionPath(DEPLOYMENTS, namespace));
    const create = (resource: Resource, body: object) =>
      server.request({ method: 'POST', path: collectionPath(resource, namespace), body });
    const change = (of: readonly string[], spec: object) =>
      forEach(of, AT_A_TIME, (name) =>
        server.request({
          ...{ method: 'PATCH', contentType: 'application/strategic-merge-patch+json' },
          path: objectPath(DEPLOYMENTS, { namespace, name }),
          body: { spec },
        }),
      );
    const untilDown = () =>
      deployments.untilAll(names, 'down', (each) => each.spec.replicas === 0 && isRolledOut(each));

    await forEach(names, AT_A_TIME, (name) => create(DEPLOYMENTS, scaleDeployment(namespace, name, 1)));
    await deployments.untilAll(names, 'rolled out', isRolledOut);
    const made = await measured(server, say, async () => {
      await forEach(names, AT_A_TIME, async (name) => {
        for (const service of servicesOf(name)) await create(SERVICES, service);
        await create(DEPLOYMENTS, scaleDeployment(namespace, `${name}-primary`, 1));
        await create(HTTP_PROXY, routeOf(name));
      });
      await deployments.untilAll(primaries, 'there', isRolledOut);
      await change(names, { replicas: 0 });
      return untilDown();
    });

    const template = { spec: { containers: [{ name: 'nothing', image: 'scale.test/second' }] } };
    const released = await measured(server, say, async () => {
      await change(names, { replicas: 1, template });
      await deployments.untilAll(names, 'up', (each) => each.spec.replicas === 1 && isRolledOut(each));
      await change(primaries, { template });
      await deployments.untilAll(primaries, 'over', (each) => each.metadata.generation > 1 && isRolledOut(each));
      await change(names, { replicas: 0 });
      return untilDown();
    });
    await deployments.close();
    return { releases, made, ...released };
  });
}

/** @param work resolves with when it was done, by `performance.now`; what it has set off is waited for */
async function measured(server: Transport, say: (line: string) => void, work: () => Promise<number>): Promise<Work> {
  await untilQuiet(server);
  const before = await apiRequests(server);
  const times = cpuTimes();
  const started = performance.now();
  const ended = await work();
  await untilQuiet(server);
  const requests = requestsSince(before, await apiRequests(server));
  const seconds = (ended - started) / 1000;
  say(`by hand: ${seconds.toFixed(1)} s; ${mostOf(requests)}`);
  return { seconds, requests: total(requests), cpu: cpuText(times, cpuTimes()) };
}

/** As a canary has them. */
function servicesOf(name: string): readonly object[] {
  const pods = { [name]: `${name}-primary`, [`${name}-primary`]: `${name}-primary`, [`${name}-canary`]: name };
  return Object.entries(pods).map(([service, app]) => ({
    metadata: { name: service },
    spec: { selector: { app }, ports: [{ port: 9898 }] },
  }));
}

function routeOf(name: string): object {
  const services = [
    { name: `${name}-primary`, port: 9898, weight: 100 },
    { name: `${name}-canary`, port: 9898, weight: 0 },
  ];
  const { apiVersion, kind } = HTTP_PROXY;
  const spec = { virtualhost: { fqdn: `${name}.by-hand.test` }, routes: [{ services }] };
  return { apiVersion, kind, metadata: { name }, spec };
}

function isRolledOut({ metadata, spec, status = {} }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= metadata.generation &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}
