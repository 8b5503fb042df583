import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { KubeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { answerError, callError, nameOf } from './call-error.ts';
import { type CallScope, callScope, Timeout } from './call-scope.ts';
import type { Connection } from './connection.ts';
import { type Fence, notLeader } from './fence.ts';
import { bodyOf, createHttpExchange, type HttpExchange, readBody, StaleConnection } from './http-exchange.ts';
import { createTurns } from './turns.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface KubeRequest {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, with its segments already encoded: `/api/v1/namespaces/default/pods/podinfo`. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** What kind of patch the body is. @default 'application/json' */
  readonly contentType?: string;
  /** @default 'application/json' */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** From the call to the last byte of the answer, with the wait for a free connection. @default the transport's */
  readonly deadlineMs?: number;
  /** Of the answer; a longer one is an error with the reason `AnswerTooLarge`. @default the transport's */
  readonly maxAnswerBytes?: number;
  /** The request is sent only while its holder has the right to write, and broken off when the right is lost. */
  readonly fence?: Fence;
}

export interface WatchRequest {
  readonly path: string;
  readonly query?: Query;
  /** @default 'application/json' */
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** A watch that says nothing for this long, not even a bookmark, is taken for dead. @default 150000 */
  readonly idleMs?: number;
}

/**
 * One API server over kept-alive HTTPS. JSON goes in and comes out as it is on the wire: nothing is dropped, renamed or
 * turned into a Date (the typed client of @kubernetes/client-node does all three, and opens a connection for each call).
 *
 * - Every failure is a `KubeError`.
 * - Nothing is tried twice, but for two cases in which the server has surely done nothing: it refused the credentials
 *   (401), or a `GET` met a kept-alive connection that the server had closed. To wait and to retry is the caller's.
 * - Requests that run at the same time arrive in any order.
 */
export interface Transport {
  /** The parsed body of a 2xx. */
  request<T>(request: KubeRequest): Promise<T>;
  /** The answer as text, such as a pod's log. */
  text(request: KubeRequest): Promise<string>;
  /** Ends when the server closes the watch, throws when it breaks. The caller starts the next one. */
  watch<T>(request: WatchRequest): AsyncIterable<WatchEvent<T>>;
  /** Breaks off all calls and closes all connections, those of the connection's own agent too; later calls fail. */
  close(): void;
}

export interface TransportMetrics {
  /**
   * An answer, or the end of a call that got none.
   *
   * @param status 0 where there was none
   * @param seconds to its end, of a watch to its first byte
   * @param path with its query
   */
  answered(method: string, status: number, seconds: number, path: string): void;
}

export interface TransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: TransportMetrics;
  /** Requests at the same time; further ones wait for their turn. Watches do not count. @default 64 */
  readonly maxConnections?: number;
  /** An object has 1.5 MB at most and a page 500 objects, hardly ever all of them that large. @default 268435456 */
  readonly maxAnswerBytes?: number;
  /** Of requests that say none. @default 30000 */
  readonly deadlineMs?: number;
  /** @default 'kubectl-canary' */
  readonly userAgent?: string;
}

const DEADLINE_MS = 30_000;
/** Two bookmarks and a half: API servers send one a minute on a watch where nothing happens. */
const WATCH_IDLE_MS = 150_000;
const MAX_ANSWER_BYTES = 256 * 2 ** 20;

/** How far a call has come. */
interface Progress {
  /** Aborts when the call is over. */
  readonly signal: AbortSignal;
  /** Whether a fenced request is on its way, or may be. */
  isSent: boolean;
}

export function createTransport(options: TransportOptions): Transport {
  const { connection, clock, log, metrics, maxConnections = 64, userAgent = 'kubectl-canary' } = options;
  const { maxAnswerBytes = MAX_ANSWER_BYTES, deadlineMs: usualDeadlineMs = DEADLINE_MS } = options;
  const requests = createHttpExchange(connection);
  // Watches hold their connection for minutes: they take no request's turn, nor a connection that one may soon need.
  const watches = createHttpExchange(connection);
  const turns = createTurns(maxConnections);
  const closed = new AbortController();

  async function send(exchange: HttpExchange, call: KubeRequest, progress: Progress): Promise<IncomingMessage> {
    const { method = 'GET', body, contentType = 'application/json', accept = 'application/json', fence } = call;
    // Credentials may come from a program that never ends.
    const credentials = await unlessAborted(connection.credentials(), progress.signal);
    const permit = (): void => {
      if (fence?.isHeld() === false) throw notLeader(fence.holder, nameOf(call));
      progress.isSent = true;
    };
    return exchange.send({
      method,
      path: pathWithQuery(call),
      headers: {
        accept,
        'user-agent': fence === undefined ? userAgent : `${userAgent} (${fence.holder})`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      credentials,
      signal: progress.signal,
      ...(fence === undefined ? {} : { permit }),
    });
  }

  /** The head of the answer, after a second try where the first surely did nothing. */
  async function answerTo(exchange: HttpExchange, call: KubeRequest, progress: Progress): Promise<IncomingMessage> {
    try {
      const response = await send(exchange, call, progress);
      if (response.statusCode !== 401) return response;
      // To its end, so that its connection serves the second try.
      await readBody(response, maxAnswerBytes).catch(() => undefined);
      progress.isSent = false;
      log.warn({ request: nameOf(call) }, 'the API server refused our credentials, trying once more with fresh ones');
      connection.renew();
    } catch (error) {
      if (!(error instanceof StaleConnection) || (call.method ?? 'GET') !== 'GET') throw error;
    }
    return send(exchange, call, progress);
  }

  async function text(call: KubeRequest): Promise<string> {
    const { method = 'GET', deadlineMs = usualDeadlineMs, signal, fence } = call;
    const maxBytes = call.maxAnswerBytes ?? maxAnswerBytes;
    const scope = callScope(clock, deadlineMs, [closed.signal, signal, fence?.lost]);
    const progress = { signal: scope.signal, isSent: false };
    const started = clock.now();
    let status = 0;
    try {
      return await turns.take(scope.signal, async () => {
        const response = await answerTo(requests, call, progress);
        const body = await readBody(response, maxBytes);
        status = response.statusCode ?? 0;
        if (status < 200 || status > 299) throw answerError(call, response, body, clock.date());
        return body;
      });
    } catch (error) {
      // What does not answer is often gone without a word, and all its connections with it.
      if (scope.signal.reason instanceof Timeout) requests.closeIdle();
      if (fence?.lost.aborted === true && !progress.isSent) throw notLeader(fence.holder, nameOf(call));
      throw callError(call, error, scope.signal);
    } finally {
      scope.end();
      metrics?.answered(method, status, (clock.now() - started) / 1000, pathWithQuery(call));
    }
  }

  return {
    async request<T>(call: KubeRequest): Promise<T> {
      const body = await text(call);
      try {
        return JSON.parse(body) as T;
      } catch (cause) {
        const message = `${nameOf(call)}: the answer is not JSON, it begins with ${JSON.stringify(body.slice(0, 60))}`;
        throw new KubeError({ status: 0, reason: 'BadAnswer', message, cause });
      }
    },
    text,
    async *watch<T>({ signal, idleMs = WATCH_IDLE_MS, ...request }: WatchRequest): AsyncIterable<WatchEvent<T>> {
      const call = { ...request, query: { ...request.query, watch: true } };
      const scope = callScope(clock, idleMs, [closed.signal, signal]);
      const started = clock.now();
      let status = 0;
      const answered = (): void =>
        metrics?.answered('WATCH', status, (clock.now() - started) / 1000, pathWithQuery(call));
      try {
        const response = await answerTo(watches, call, { signal: scope.signal, isSent: false });
        status = response.statusCode ?? 0;
        answered();
        if (status !== 200) throw answerError(call, response, await readBody(response, maxAnswerBytes), clock.date());
        yield* watchEvents<T>(eachExtending(response, scope));
      } catch (error) {
        if (status === 0) answered();
        throw callError(call, error, scope.signal);
      } finally {
        scope.end();
      }
    },
    close() {
      closed.abort(new Error('the transport is closed'));
      requests.close();
      watches.close();
    },
  };
}

function pathWithQuery({ path, query = {} }: Pick<KubeRequest, 'path' | 'query'>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** Whatever arrives shows that the watch lives. */
async function* eachExtending(response: IncomingMessage, scope: CallScope): AsyncGenerator<Buffer> {
  for await (const chunk of bodyOf(response)) {
    scope.extend();
    yield chunk;
  }
}
