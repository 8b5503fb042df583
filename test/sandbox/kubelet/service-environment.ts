import type { Transport } from '../../../kube/transport/transport.ts';

interface Service {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] };
}

/** The variables by which every client library finds the API server. The Service never changes: it is read once. */
export function createServiceEnvironment(transport: Transport): () => Promise<ReadonlyMap<string, string>> {
  let known: Promise<ReadonlyMap<string, string>> | undefined;
  return () => {
    known ??= transport.request<Service>({ path: '/api/v1/namespaces/default/services/kubernetes' }).then(variables);
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
}

function variables({ spec }: Service): Map<string, string> {
  const host = spec.clusterIP;
  const port = String(spec.ports[0]?.port ?? 443);
  const address = `tcp://${host}:${port}`;
  return new Map([
    ['KUBERNETES_SERVICE_HOST', host],
    ['KUBERNETES_SERVICE_PORT', port],
    ['KUBERNETES_SERVICE_PORT_HTTPS', port],
    ['KUBERNETES_PORT', address],
    [`KUBERNETES_PORT_${port}_TCP`, address],
    [`KUBERNETES_PORT_${port}_TCP_PROTO`, 'tcp'],
    [`KUBERNETES_PORT_${port}_TCP_PORT`, port],
    [`KUBERNETES_PORT_${port}_TCP_ADDR`, host],
  ]);
}
