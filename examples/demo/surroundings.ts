import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kubectl, kubectlJson } from '../../test/e2e/kubectl.ts';

/** What the demo stands on: who splits the traffic, where to send requests, and whom to ask for metrics. */
export interface Surroundings {
  readonly provider: 'contour' | 'gatewayapi:v1';
  /** Where requests go in. */
  readonly gateway: string;
  /** As the controller reaches it. */
  readonly prometheus: string;
  /** Fields of the Canary's `service` that the provider needs. */
  readonly service: object;
  readonly close: () => void;
}

/** What a user has to do before the demo can run; the message says what. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

export const inSandbox: Surroundings = {
  provider: 'contour',
  gateway: 'http://envoy.projectcontour',
  prometheus: 'http://prometheus.monitoring:9090',
  service: {},
  close: () => undefined,
};

interface Service {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly ports: readonly { readonly port: number; readonly name?: string }[] };
}

interface Gateway {
  readonly metadata: { readonly namespace: string; readonly name: string };
}

/**
 * What the current cluster has. Requests go through a port-forward to Envoy, as nothing is known of how the cluster is
 * reached from outside. GATEWAY=namespace/service and PROMETHEUS=url say what cannot be found.
 *
 * @throws {NotReady}
 */
export async function onCurrentCluster(env: Readonly<Record<string, string | undefined>>): Promise<Surroundings> {
  const kinds = await kubectl('api-resources', '--no-headers', '-o', 'name');
  const installed = await kubectl(
    'get',
    'deployments',
    '-A',
    '-l',
    'app.kubernetes.io/name=canary-controller',
    '-o',
    'name',
  );
  if (!kinds.includes('canaries.flagger.app') || installed === '') {
    throw new NotReady('kubectl-canary is not installed in this cluster: run make deploy first');
  }
  const services = (await kubectlJson<{ items: readonly Service[] }>('get', 'services', '-A')).items;
  const prometheus = env['PROMETHEUS'] ?? prometheusAmong(services);
  if (prometheus === undefined)
    throw new NotReady('no Prometheus was found: say PROMETHEUS=http://name.namespace:9090');
  const envoy = env['GATEWAY'] ?? envoyAmong(services);
  if (envoy === undefined) throw new NotReady('no Envoy of Contour’s was found: say GATEWAY=namespace/service');
  if (kinds.includes('httpproxies.projectcontour.io')) {
    const forward = await forwarded(envoy);
    return { provider: 'contour', gateway: forward.url, prometheus, service: {}, close: forward.close };
  }
  if (kinds.includes('httproutes.gateway.networking.k8s.io')) {
    const { items } = await kubectlJson<{ items: readonly Gateway[] }>(
      'get',
      'gateways.gateway.networking.k8s.io',
      '-A',
    );
    const [gateway] = items;
    if (gateway === undefined) throw new NotReady('the cluster has the Gateway API and no Gateway: make one first');
    const forward = await forwarded(envoy);
    const { namespace, name } = gateway.metadata;
    const service = { gatewayRefs: [{ namespace, name }] };
    return { provider: 'gatewayapi:v1', gateway: forward.url, prometheus, service, close: forward.close };
  }
  throw new NotReady(
    'the cluster has neither Contour nor the Gateway API, which this demo knows how to send requests through',
  );
}

function prometheusAmong(services: readonly Service[]): string | undefined {
  const wanted = services.find(
    ({ metadata, spec }) =>
      /^prometheus(-server|-operated|-k8s)?$/.test(metadata.name) &&
      spec.ports.some(({ port }) => port === 9090 || port === 80),
  );
  const port = wanted?.spec.ports.find((each) => each.port === 9090 || each.port === 80)?.port;
  return wanted && `http://${wanted.metadata.name}.${wanted.metadata.namespace}:${port}`;
}

function envoyAmong(services: readonly Service[]): string | undefined {
  const wanted = services.find(({ metadata }) => /^(contour-)?envoy(-|$)/.test(metadata.name));
  return wanted && `${wanted.metadata.namespace}/${wanted.metadata.name}`;
}

async function forwarded(service: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const [namespace = '', name = ''] = service.split('/');
  const args = ['-n', namespace, 'port-forward', `service/${name}`, ':80'];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return { url: `http://127.0.0.1:${port}`, close: () => void child.kill() };
  }
  throw new NotReady(`kubectl port-forward to ${service} ended: see what it said above`);
}
