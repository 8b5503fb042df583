import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Connection, Credentials } from './connection.ts';

/** One HTTP request, ready to go on the wire. */
export interface Outgoing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  /**
   * Asked in the very turn in which the request is handed to an open connection, after any wait for one: what it throws is
   * what the exchange fails with, and then nothing was sent.
   */
  readonly permit?: () => void;
}

/** A kept-alive connection that the server closed, before or after our request reached it. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/** Of the head of an answer, trailers and notes before it: as Node has it, unless the process was started with another. */
const MAX_HEAD_BYTES = 16 * 1024;

export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** Below the time for which API servers and load balancers keep a silent connection, so that few go stale. */
const KEEP_IDLE_MS = 30_000;

/** A pool of kept-alive connections to one server, as many as there are requests at the same time. */
export interface HttpExchange {
  /** Sends, and waits for the head of the answer. Whoever takes the body must read it to its end or destroy it. */
  send(outgoing: Outgoing): Promise<IncomingMessage>;
  /** Closes the connections that nobody uses: when one of them leads nowhere, the others most likely do so as well. */
  closeIdle(): void;
  close(): void;
}

export function createHttpExchange(connection: Connection): HttpExchange {
  const base = new URL(connection.server);
  const plain = base.protocol === 'http:';
  const request = plain ? httpRequest : httpsRequest;
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = { keepAlive: true, scheduling: 'lifo', timeout: KEEP_IDLE_MS } as const;
  const agent = connection.agent ?? (plain ? new HttpAgent(pool) : new HttpsAgent(pool));

  function closeIdle(): void {
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  return {
    send({ method, path, headers, body, credentials, signal, permit }) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        // A request that has no connection yet, as a proxy does not answer, tells of its abort only when it gets one.
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        const outgoing = request({
          agent,
          // A URL has an IPv6 address in brackets, a socket has not.
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port === '' ? (plain ? 80 : 443) : Number(base.port),
          method,
          path: prefix + path,
          signal,
          maxHeaderSize: MAX_HEAD_BYTES,
          ...(connection.lookup && { lookup: connection.lookup }),
          headers: { ...credentials.headers, ...headers, ...(body ? { 'content-length': body.length } : {}) },
          ...tlsOptions(credentials),
        });
        outgoing.once('response', resolve);
        // There may be a second one, of a body that is no HTTP.
        outgoing.on('error', (error: NodeJS.ErrnoException) => {
          const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
          if (stale) closeIdle();
          reject(stale ? staleConnection(error) : error);
        });
        outgoing.once('close', () => reject(new Error('the connection was closed without an answer')));
        if (permit === undefined) outgoing.end(body);
        else endWhenPermitted(outgoing, plain, permit, body);
      });
    },
    closeIdle,
    close() {
      agent.destroy();
    },
  };
}

function staleConnection(cause: Error): StaleConnection {
  const message =
    'the server closed the kept-alive connection without an answer, and may have taken the request or not';
  return new StaleConnection(message, { cause });
}

/** Hands the request over once the connection is open: what is handed over sooner waits in a buffer that nobody can recall. */
function endWhenPermitted(outgoing: ClientRequest, plain: boolean, permit: () => void, body: Buffer | undefined): void {
  outgoing.once('socket', (socket) => {
    const end = (): void => {
      try {
        permit();
        outgoing.end(body);
      } catch (error) {
        outgoing.destroy(error as Error);
      }
    };
    if (outgoing.reusedSocket || (plain && !socket.connecting)) end();
    else socket.once(plain ? 'connect' : 'secureConnect', end);
  });
}

function tlsOptions({ ca, cert, key, serverName, insecureSkipTlsVerify = false }: Credentials) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
}

/** The body as it arrives. @throws when it ends before its time */
export async function* bodyOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (cause) {
    // Node says "aborted".
    throw new Error('the connection was lost in the middle of the answer', { cause });
  }
}

/** The whole body as text. @throws {AnswerTooLarge} where it has more than `maxBytes` */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    size += chunk.length;
    if (size > maxBytes) throw new AnswerTooLarge(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body as text, up to `maxBytes`; the rest is not read, and its connection is closed. */
export async function readBeginning(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    // Leaving the loop destroys the response.
    if (size > maxBytes) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isCut: size > maxBytes };
}
