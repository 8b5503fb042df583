import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** The API server that a proxy stands before, over kept-alive connections of the proxy's own. */
export interface Upstream {
  /** Opens the same request there, with the proxy's credentials and still without its body. */
  ask(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): ClientRequest;
  /** Closes all connections, those in use included. */
  close(): void;
}

/** These belong to one connection and not to the request or the answer. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/** The API server of the current kubeconfig, as who the kubeconfig says. */
export async function currentUpstream(): Promise<Upstream> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig has no current cluster');
  const { hostname, port } = new URL(cluster.server);
  const credentials: OutgoingHttpHeaders = {};
  const options: RequestOptions = { headers: credentials };
  await kubeConfig.applyToHTTPSOptions(options);
  const agent = new Agent({ keepAlive: true });

  return {
    ask({ method = 'GET', url = '/', headers }) {
      const { host: _host, authorization: _authorization, ...others } = endToEnd(headers);
      // A chunked body stays one: not for every method would it be by default.
      const chunked = headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
      return httpsRequest({
        ...options,
        agent,
        hostname,
        port: port === '' ? 443 : port,
        method,
        path: url,
        headers: { ...others, ...chunked, ...credentials },
      });
    },
    close: () => agent.destroy(),
  };
}

/** Sends the head of an answer at once, as a watch needs it that has no event yet. */
export function sendHead(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 0, answer.statusMessage ?? '', endToEnd(answer.headers));
  response.flushHeaders();
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const ofConnection = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !ofConnection.includes(name)),
  );
}
