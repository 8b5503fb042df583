import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createServingCertificate } from '../certificate.ts';
import { currentUpstream, sendHead } from '../kube/upstream.ts';

/** A write as it arrived, whole. */
export interface Write {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: unknown;
}

/**
 * Decides what becomes of a write.
 *
 * @param passOn has the API server do it, and gives the status of its answer
 * @returns whether the client gets that answer; a write that was not passed on can only be lost
 */
export type OnWrite = (write: Write, passOn: () => Promise<number>) => Promise<'answered' | 'lost'>;

/** Stands before the API server of the current kubeconfig, and shows each write before it is done and after. */
export interface WriteProxy {
  /** What a client connects with; it needs no credentials. */
  readonly connection: { readonly server: string; readonly ca: string };
  close(): Promise<void>;
}

export interface WriteProxyOptions {
  readonly onWrite: OnWrite;
  /** Told of each request, reads and watches too. */
  readonly onRequest: (path: string) => void;
  /** Writes that are passed on like reads. */
  readonly passesBy: (path: string) => boolean;
}

export async function startWriteProxy({ onWrite, onRequest, passesBy }: WriteProxyOptions): Promise<WriteProxy> {
  const upstream = await currentUpstream();
  const { ca, cert, key } = await createServingCertificate('127.0.0.1');
  const server = createServer({ cert, key, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  server.on('request', (request, response) => {
    // A client that is killed goes away at any time.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const { pathname: path } = new URL(request.url ?? '/', 'https://proxy');
    onRequest(path);
    const { method = 'GET' } = request;
    if (method === 'GET' || passesBy(path)) relay(request, response);
    else write(method, path, request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function relay(request: IncomingMessage, response: ServerResponse): void {
    const outgoing = upstream.ask(request);
    outgoing.on('error', () => request.socket.destroy());
    outgoing.on('response', (answer) => {
      answer.on('error', () => request.socket.destroy());
      sendHead(answer, response);
      answer.pipe(response);
    });
    response.on('close', () => outgoing.destroy());
    request.pipe(outgoing);
  }

  /** Neither half of a write nor half of an answer is passed on, whenever the client goes away. */
  async function write(method: string, path: string, request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    let answer: IncomingMessage | undefined;
    let content = Buffer.alloc(0);
    const passOn = async () => {
      const outgoing = upstream.ask(request).end(body);
      [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      content = await buffer(answer);
      return answer.statusCode ?? 0;
    };
    const parsed = body.length === 0 ? undefined : (JSON.parse(body.toString()) as unknown);
    if ((await onWrite({ method, path, body: parsed }, passOn)) === 'lost') return;
    if (answer === undefined) throw new TypeError(`${method} ${path} is answered without having been passed on`);
    sendHead(answer, response);
    response.end(content);
  }

  return {
    connection: { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      upstream.close();
    },
  };
}
