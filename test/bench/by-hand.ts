import { DEPLOYMENTS, SERVICES } from '../../api/resources.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { forEach } from '../e2e/for-each.ts';
import { scaleDeployment } from '../e2e/scale.ts';
import { apiRequests, mostOf, requestsSince, total, untilQuiet } from './api-requests.ts';
import { cpuText, cpuTimes } from './cpu-by-program.ts';
import { followed } from './followed.ts';
import { AT_A_TIME, inFreshNamespace } from './fresh-namespace.ts';
import { namesOf } from './released-targets.ts';

export interface ByHand {
  readonly releases: number;
  readonly seconds: number;
  /** Of the whole cluster. */
  readonly requests: number;
  /** Of all programs, as a text. */
  readonly cpu: string;
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
 * What Kubernetes itself does for a release, without a canary: the target gets a pod of the new image, then the primary is
 * rolled over to it, then the target has none again; all releases at once, with the Services that a canary would have.
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
    await forEach(names, AT_A_TIME, async (name) => {
      await create(server, namespace, scaleDeployment(namespace, name, 0));
      await create(server, namespace, scaleDeployment(namespace, `${name}-primary`, 1));
      for (const [service, app] of [
        [name, `${name}-primary`],
        [`${name}-primary`, `${name}-primary`],
        [`${name}-canary`, name],
      ]) {
        const spec = { selector: { app }, ports: [{ port: 9898 }] };
        await server.request({
          method: 'POST',
          path: collectionPath(SERVICES, namespace),
          body: { metadata: { name: service }, spec },
        });
      }
    });
    await deployments.untilAll([...names, ...primaries], 'rolled out', isRolledOut);
    await untilQuiet(server);

    const before = await apiRequests(server);
    const times = cpuTimes();
    const started = performance.now();
    const change = (of: readonly string[], spec: object) =>
      forEach(of, AT_A_TIME, (name) =>
        server.request({
          ...{ method: 'PATCH', contentType: 'application/strategic-merge-patch+json' },
          path: objectPath(DEPLOYMENTS, { namespace, name }),
          body: { spec },
        }),
      );
    const template = { spec: { containers: [{ name: 'nothing', image: 'scale.test/second' }] } };
    await change(names, { replicas: 1, template });
    await deployments.untilAll(
      names,
      'up',
      ({ spec, ...deployment }) => spec.replicas === 1 && isRolledOut({ spec, ...deployment }),
    );
    await change(primaries, { template });
    await deployments.untilAll(primaries, 'over', (each) => each.metadata.generation > 1 && isRolledOut(each));
    await change(names, { replicas: 0 });
    const ended = await deployments.untilAll(names, 'down', (each) => each.spec.replicas === 0 && isRolledOut(each));
    await untilQuiet(server);
    const requests = requestsSince(before, await apiRequests(server));
    const cpu = cpuText(times, cpuTimes());
    await deployments.close();
    const seconds = (ended - started) / 1000;
    say(`${releases} by hand: ${seconds.toFixed(1)} s; ${mostOf(requests)}`);
    return { releases, seconds, requests: total(requests), cpu };
  });
}

function isRolledOut({ metadata, spec, status = {} }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= metadata.generation &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

async function create(server: Transport, namespace: string, body: object): Promise<void> {
  await server.request({ method: 'POST', path: collectionPath(DEPLOYMENTS, namespace), body });
}
