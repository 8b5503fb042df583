import type { Agent, IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../kube/clock.ts';
import { proxyAgentOf } from '../kube/kube-config/proxy.ts';
import { type CallScope, callScope, Timeout } from '../kube/transport/call-scope.ts';
import { fixedConnection } from '../kube/transport/connection.ts';
import { AnswerTooLarge, createHttpExchange, readBody } from '../kube/transport/http-exchange.ts';

/** One request to a server that is not the API server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** `http:` or `https:`. A `user:password@` in it is sent as Authorization, unless the headers have one. */
  readonly url: string;
  /** A list is a header that is sent once for each of its values. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly insecureSkipVerify?: boolean;
  /** An `http:`, `https:` or `socks5:` URL of a proxy on the way, which may have a `user:password@`. */
  readonly proxy?: string;
}

export interface HttpLimits {
  /** From the call to the last byte of the answer. */
  readonly deadlineMs: number;
  /** Of the answer's body. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Of any status: whether 404 is an error, and whether a redirect is to be followed, is the caller's to say. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `ConnectionFailed` is also a request that cannot be sent at all, such as one to a URL that is none. */
export type HttpCallReason = 'Timeout' | 'ConnectionFailed' | 'TooLarge' | 'Aborted';

/** There is no whole answer. The message names the request and says why, without user, password, query and headers. */
export class HttpCallError extends Error {
  override readonly name = 'HttpCallError';
  readonly reason: HttpCallReason;

  constructor(reason: HttpCallReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export type HttpCall = (request: HttpRequest, limits: HttpLimits) => Promise<HttpAnswer>;

/** These say how the request is framed, which is for us to know; wrong ones would have it read as two. */
const FRAMING: readonly string[] = ['connection', 'content-length', 'transfer-encoding'];

/**
 * Sends once, over a connection of its own: calls are minutes apart, and a kept connection would be stale by then.
 *
 * @throws {HttpCallError}
 */
export async function httpCall(request: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
  const { method, body, insecureSkipVerify = false } = request;
  const url = parseUrl(method, request.url);
  const agent = await proxyAgentTo(url, request.proxy);
  const exchange = createHttpExchange({ ...fixedConnection(url.origin, {}), ...(agent !== undefined && { agent }) });
  const scope = callScope(limits.clock, limits.deadlineMs, [limits.signal]);
  try {
    const response = await exchange.send({
      method,
      path: url.pathname + url.search,
      headers: {},
      body: body === undefined ? undefined : Buffer.from(body),
      credentials: { headers: headersOf(request, url), insecureSkipTlsVerify: insecureSkipVerify },
      signal: scope.signal,
    });
    const text = await readBody(response, limits.maxBytes);
    return { status: response.statusCode ?? 0, headers: response.headers, body: text };
  } catch (error) {
    throw callError(`${method} ${withoutSecrets(url)}`, error, scope);
  } finally {
    scope.end();
    exchange.close();
  }
}

/** Before the time of the call begins: the first one loads what goes through proxies. */
async function proxyAgentTo({ origin }: URL, proxyUrl = ''): Promise<Agent | undefined> {
  if (proxyUrl === '') return undefined;
  try {
    return await proxyAgentOf({ name: '', server: origin, proxyUrl, skipTLSVerify: false });
  } catch {
    // What it says may have the URL in it, and with that a password.
    throw new HttpCallError('ConnectionFailed', `to ${origin}: the proxy's URL cannot be used`);
  }
}

/** `https://prometheus.test:9090/prom/api/v1/query`: what of a URL may stand in a log. */
function withoutSecrets(url: URL): string {
  return url.origin + url.pathname;
}

/** An error of `new URL` has the text in it, and a text that is no URL may be a password: it is not passed on. */
function parseUrl(method: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const what = url === undefined ? 'a text that is no URL' : 'a URL of another kind';
  throw new HttpCallError('ConnectionFailed', `${method} to ${what}: write one that begins with http:// or https://`);
}

function headersOf({ headers = {} }: HttpRequest, url: URL): Record<string, string | string[]> {
  const sent: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (!FRAMING.includes(key)) sent[key] = typeof value === 'string' ? value : [...value];
  }
  if (url.username + url.password !== '') sent['authorization'] ??= basicAuthorization(decoded(url));
  return sent;
}

export function basicAuthorization({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function decoded({ username, password }: URL): { username: string; password: string } {
  return { username: decode(username), password: decode(password) };
}

/** A `%` that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The reason of the scope's signal tells more than what it broke. */
function callError(request: string, error: unknown, { signal }: CallScope): HttpCallError {
  const cause: unknown = signal.aborted ? signal.reason : error;
  return new HttpCallError(reasonOf(cause, signal), `${request}: ${why(cause)}`, { cause });
}

function reasonOf(cause: unknown, ended: AbortSignal): HttpCallReason {
  if (cause instanceof Timeout) return 'Timeout';
  if (ended.aborted) return 'Aborted';
  return cause instanceof AnswerTooLarge ? 'TooLarge' : 'ConnectionFailed';
}

function why(cause: unknown): string {
  // Of a name with several addresses none of which was reached: the error itself says nothing.
  if (cause instanceof AggregateError) return cause.errors.map(why).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
