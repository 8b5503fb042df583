import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { KubeletConfig } from './config.ts';
import { execArguments } from './container-exec.ts';
import { parseLogQuery, readLog } from './log-query.ts';
import type { Pod } from './pod.ts';
import type { PodWorker } from './pod-worker.ts';
import type { StreamHelper } from './streaming.ts';

/** Where requests find the pods. */
export interface PodDirectory {
  find(namespace: string, name: string): PodWorker | undefined;
  pods(): Pod[];
}

export interface ServerOptions {
  readonly config: KubeletConfig;
  readonly pods: PodDirectory;
  readonly streams: StreamHelper;
  readonly log: (message: string, error?: unknown) => void;
}

/** A request that cannot be met. */
class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The API server's own client: the one user that a kubelet's API is for. */
const API_SERVER = 'kube-apiserver-kubelet-client';

/** The kubelet's API, as far as `kubectl logs`, `exec` and `port-forward` need it. Resolves when it listens. */
export async function startServer(options: ServerOptions): Promise<{ stop(): Promise<void> }> {
  const { config, log } = options;
  const server: Server = createServer({
    cert: readFileSync(config.servingCertFile),
    key: readFileSync(config.servingKeyFile),
    ca: readFileSync(config.caFile),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const upgraded = new Set<Duplex>();
  server.on('request', (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (!(error instanceof RequestError)) log(`${request.method} ${request.url}`, error);
      if (!response.headersSent) response.writeHead(error instanceof RequestError ? error.status : 500);
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    try {
      authorize(request);
      options.streams.handOver(request, socket, head, streamPath(options.pods, request));
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      const answerHead = `HTTP/1.1 ${status} Error\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\n`;
      socket.end(`${answerHead}connection: close\r\n\r\n${message}`);
    }
  });
  server.on('tlsClientError', () => {});
  server.listen(config.port, config.nodeAddress);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  return {
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

function authorize(request: IncomingMessage): void {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  if (subject?.CN !== API_SERVER) throw new RequestError(403, 'Forbidden');
}

async function answer({ pods }: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  authorize(request);
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [kind = '', ...rest] = segments(url);
  switch (kind) {
    case 'healthz':
      response.end('ok');
      return;
    case 'pods':
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.pods() }));
      return;
    case 'containerLogs':
      await sendLog(pods, rest, url, response);
      return;
    case 'exec':
    case 'portForward':
      throw new RequestError(400, 'this must be an upgrade of the connection');
    default:
      throw new RequestError(404, `the sandbox's kubelet does not serve ${url.pathname}`);
  }
}

async function sendLog(pods: PodDirectory, path: readonly string[], url: URL, response: ServerResponse): Promise<void> {
  const [namespace = '', name = '', container = ''] = path;
  const slot = findPod(pods, namespace, name).slot(container);
  const query = parseLogQuery(url.searchParams, Date.now());
  const log = slot?.logs[query.previous ? 1 : 0];
  if (slot === undefined) throw new RequestError(404, `container "${container}" not found in pod "${name}"`);
  if (log === undefined) {
    throw new RequestError(
      400,
      query.previous
        ? `previous terminated container "${container}" in pod "${name}" not found`
        : `container "${container}" in pod "${name}" is waiting to start: ${slot.facts.waiting?.reason ?? 'ContainerCreating'}`,
    );
  }
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  response.setHeader('content-type', 'text/plain');
  // A log that says nothing yet is followed all the same: the client must see that the request has been accepted.
  response.flushHeaders();
  for await (const text of readLog(log, query, closed.signal)) {
    if (!response.write(text) && !closed.signal.aborted) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  }
  response.end();
}

/** The helper's path for an upgrade: what it runs and where it connects is decided here. */
function streamPath(pods: PodDirectory, request: IncomingMessage): string {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [kind, namespace = '', name = '', ...rest] = segments(url);
  const worker = findPod(pods, namespace, name);
  if (kind === 'portForward') {
    const { address } = worker;
    if (address === undefined) throw new RequestError(500, `pod "${name}" has no address yet`);
    url.searchParams.set('address', address);
    return `/portforward?${url.searchParams.toString()}`;
  }
  if (kind !== 'exec') throw new RequestError(404, `the sandbox's kubelet does not serve ${url.pathname}`);
  const container = rest.at(-1) ?? '';
  const inside = worker.slot(container)?.running?.inside;
  if (inside === undefined) throw new RequestError(404, `container not found ("${container}")`);
  const argv = execArguments(inside.exec, url.searchParams.getAll('command'));
  url.searchParams.delete('command');
  for (const word of argv) url.searchParams.append('command', word);
  return `/exec?${url.searchParams.toString()}`;
}

function findPod(pods: PodDirectory, namespace: string, name: string): PodWorker {
  const worker = pods.find(namespace, name);
  if (worker === undefined) throw new RequestError(404, `pod does not exist: "${namespace}/${name}"`);
  return worker;
}

function segments(url: URL): string[] {
  return url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
}
