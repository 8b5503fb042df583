import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Connection } from './connection.ts';
import { errorOfResponse, KubeError } from './errors.ts';
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
  readonly signal?: AbortSignal;
  /** From the call to the last byte of the answer. @default 30000 */
  readonly deadlineMs?: number;
}

export interface WatchRequest {
  readonly path: string;
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** A watch that says nothing for this long, not even a bookmark, is taken for dead. @default 600000 */
  readonly idleMs?: number;
}

/**
 * One API server over kept-alive HTTPS. JSON goes in and comes out as it is on the wire: nothing is dropped, renamed or
 * turned into a Date (the typed client of @kubernetes/client-node does all three, and opens a connection for each call).
 */
export interface Transport {
  /** The parsed body; an answer other than 2xx, a lost connection and a missed deadline throw a `KubeError`. */
  request<T>(request: KubeRequest): Promise<T>;
  /** The answer as text, such as a pod's log. Throws as `request` does. */
  text(request: KubeRequest): Promise<string>;
  /** Ends when the server closes the watch; throws a `KubeError` when it breaks. The caller starts the next one. */
  watch<T>(request: WatchRequest): AsyncIterable<WatchEvent<T>>;
  /** Ends idle connections; calls under way end with a `KubeError`. */
  close(): void;
}

const DEADLINE_MS = 30_000;
const WATCH_IDLE_MS = 600_000;
const USER_AGENT = 'kubectl-canary';

export function createTransport(connection: Connection): Transport {
  const { ca, cert, key, token } = connection;
  const agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: 15_000,
    scheduling: 'lifo',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  const base = new URL(connection.server);
  const closed = new AbortController();

  /** Sends and waits for the head of the answer; whoever reads the body answers for its end. */
  function send(call: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(
        {
          agent,
          host: base.hostname,
          port: base.port === '' ? 443 : Number(base.port),
          method: call.method ?? 'GET',
          path: pathWithQuery(call),
          signal,
          headers: {
            accept: 'application/json',
            'user-agent': USER_AGENT,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined
              ? {}
              : { 'content-type': call.contentType ?? 'application/json', 'content-length': body.length }),
          },
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async function text(call: KubeRequest): Promise<string> {
    const deadlineMs = call.deadlineMs ?? DEADLINE_MS;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signals = [deadline, closed.signal, ...(call.signal === undefined ? [] : [call.signal])];
    try {
      const response = await send(call, AbortSignal.any(signals));
      const body = await readText(response);
      throwUnlessOk(call, response, body);
      return body;
    } catch (error) {
      throw asKubeError(error, call, deadline.aborted ? deadlineMs : undefined);
    }
  }

  return {
    async request<T>(call: KubeRequest): Promise<T> {
      return JSON.parse(await text(call)) as T;
    },
    text,
    async *watch<T>(call: WatchRequest): AsyncIterable<WatchEvent<T>> {
      const watching = { path: call.path, query: { ...call.query, watch: true } };
      try {
        const response = await send(watching, AbortSignal.any([call.signal, closed.signal]));
        if (response.statusCode !== 200) throwUnlessOk(watching, response, await readText(response));
        response.setTimeout(call.idleMs ?? WATCH_IDLE_MS, () => response.destroy(new Error('the watch fell silent')));
        yield* watchEvents<T>(response);
      } catch (error) {
        throw asKubeError(error, watching, undefined);
      }
    },
    close() {
      closed.abort(new Error('the transport is closed'));
      agent.destroy();
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

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function throwUnlessOk(call: KubeRequest, response: IncomingMessage, body: string): void {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return;
  throw errorOfResponse(nameOf(call), status, body, response.headers['retry-after']);
}

function asKubeError(error: unknown, call: KubeRequest, missedDeadlineMs: number | undefined): KubeError {
  if (error instanceof KubeError) return error;
  const timedOut = missedDeadlineMs !== undefined;
  const why = timedOut
    ? `no answer within ${missedDeadlineMs} ms`
    : error instanceof Error
      ? error.message
      : String(error);
  return new KubeError({
    status: 0,
    reason: timedOut ? 'Timeout' : 'ConnectionFailed',
    message: `${nameOf(call)}: ${why}`,
    cause: error,
  });
}

function nameOf({ method = 'GET', path }: KubeRequest): string {
  return `${method} ${path}`;
}
