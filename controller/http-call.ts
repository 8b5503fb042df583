import type { Agent, IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../kube/clock.ts';
import { proxyAgentOf } from '../kube/kube-config/proxy.ts';
import { type CallScope, callScope, Timeout } from '../kube/transport/call-scope.ts';
import { fixedConnection } from '../kube/transport/connection.ts';
import { AnswerTooLarge, createHttpExchange, readBeginning, readBody } from '../kube/transport/http-exchange.ts';
import { AddressDenied, type AddressGuard } from './outgoing/guarded-lookup.ts';

/** One request to a server that is not the API server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** `http:` or `https:`. A `user:password@` in it is sent as Authorization, unless the headers have one. */
  readonly url: string;
  /** A list is a header that is sent once for each of its values. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly insecureSkipVerify?: boolean;
  /** PEM of the authorities that the server's certificate may be of. @default those of the system */
  readonly ca?: string | undefined;
  /** An `http:`, `https:` or `socks5:` URL of a proxy on the way, which may have a `user:password@`. */
  readonly proxy?: string;
}

export interface HttpLimits {
  /** From the call to the last byte of the answer, without the wait for its turn. */
  readonly deadlineMs: number;
  /** Of the answer's body. */
  readonly maxBytes: number;
  /** What becomes of an answer that is longer: an error, or its first part, after which nothing is read. @default 'refuse' */
  readonly longer?: 'refuse' | 'cut';
  /** Of the canary that it is for. */
  readonly namespace: string;
  /** The address is one of the controller's options, which may be anywhere, and not one that a tenant wrote. @default false */
  readonly isOperators?: boolean;
  /** For its turn among all calls. @default deadlineMs */
  readonly waitMs?: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Of any status: whether 404 is an error, and whether a redirect is to be followed, is the caller's to say. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The first part of it, where it was cut. */
  readonly body: string;
  readonly isCut?: boolean;
  /** Which the connection was made to: the server's, or its proxy's. */
  readonly address?: string | undefined;
  /** Its words are not for the readers of the canary: of a refusal only the status may be told. */
  readonly isForeign?: boolean;
}

/** `ConnectionFailed` is also a request that cannot be sent at all, such as one to a URL that is none. */
export type HttpCallReason = 'Timeout' | 'ConnectionFailed' | 'TooLarge' | 'Aborted' | 'AddressDenied' | 'TooManyCalls';

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
 * Sends once, over a connection of its own: calls are minutes apart, and a kept connection would be stale by then. At once,
 * as which turn it has among others is not for it to know.
 *
 * @param guard which addresses it may connect to; without it, to all
 * @throws {HttpCallError}
 */
export async function httpCall(request: HttpRequest, limits: HttpLimits, guard?: AddressGuard): Promise<HttpAnswer> {
  const { method, body, insecureSkipVerify = false } = request;
  const url = parseUrl(method, request.url);
  checkAddress(method, request, guard);
  const agent = await proxyAgentTo(url, request.proxy, guard);
  const connection = { ...fixedConnection(url.origin, {}), ...(agent !== undefined && { agent }) };
  // What a proxy reaches is the proxy's to say.
  const lookup = agent === undefined ? guard?.lookup : undefined;
  const exchange = createHttpExchange({ ...connection, ...(lookup !== undefined && { lookup }) });
  const scope = callScope(limits.clock, limits.deadlineMs, [limits.signal]);
  try {
    const response = await exchange.send({
      method,
      path: url.pathname + url.search,
      headers: {},
      body: body === undefined ? undefined : Buffer.from(body),
      credentials: {
        headers: headersOf(request, url),
        insecureSkipTlsVerify: insecureSkipVerify,
        ...(request.ca !== undefined && { ca: request.ca }),
      },
      signal: scope.signal,
    });
    // Of a body that has come whole with its head, the connection is taken away soon.
    const address = response.socket.remoteAddress;
    const { maxBytes, longer = 'refuse' } = limits;
    const { text, isCut } =
      longer === 'cut'
        ? await readBeginning(response, maxBytes)
        : { text: await readBody(response, maxBytes), isCut: false };
    return { status: response.statusCode ?? 0, headers: response.headers, body: text, isCut, address };
  } catch (error) {
    throw callError(`${method} ${withoutSecrets(url)}`, guard?.denied ?? error, scope);
  } finally {
    scope.end();
    exchange.close();
  }
}

/** Before the time of the call begins: the first one loads what goes through proxies. */
async function proxyAgentTo(
  { origin }: URL,
  proxyUrl: string | undefined,
  guard: AddressGuard | undefined,
): Promise<Agent | undefined> {
  if (proxyUrl === undefined || proxyUrl === '') return undefined;
  try {
    const agent = await proxyAgentOf({ name: '', server: origin, proxyUrl, skipTLSVerify: false });
    if (agent !== undefined && guard !== undefined) guardProxy(agent, guard);
    return agent;
  } catch {
    // What it says may have the URL in it, and with that a password.
    throw new HttpCallError('ConnectionFailed', `to ${origin}: the proxy's URL cannot be used`);
  }
}

/** The agents for HTTP and for SOCKS each have an option for how they connect to their proxy. */
function guardProxy(agent: Agent, { lookup }: AddressGuard): void {
  const known = agent as Agent & { proxyRequestOptions?: object; socketOptions?: object | null };
  if (known.proxyRequestOptions !== undefined) known.proxyRequestOptions = { ...known.proxyRequestOptions, lookup };
  else if (known.socketOptions !== undefined) known.socketOptions = { ...known.socketOptions, lookup };
  else throw new TypeError('a proxy of this kind cannot be kept from addresses');
}

/**
 * What a call connects to: the server, or the proxy in front of it. What is behind a proxy is the proxy's to say, and has
 * addresses of the proxy's network. `undefined` where that is no URL.
 */
export function connectedTo({ url, proxy = '' }: Pick<HttpRequest, 'url' | 'proxy'>): URL | undefined {
  // `socks5:` is no scheme of the web, whose hosts alone are brought into one notation: 0x7f.1 is 127.0.0.1.
  const text = proxy === '' ? url : proxy.replace(/^socks[a-z0-9]{0,3}:/i, 'http:');
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** @throws {HttpCallError} for a server or proxy that is written as an address that is denied */
function checkAddress(method: string, request: HttpRequest, guard: AddressGuard | undefined): void {
  const to = connectedTo(request);
  try {
    if (to !== undefined) guard?.checkUrl(to);
  } catch (cause) {
    if (!(cause instanceof AddressDenied)) throw cause;
    throw new HttpCallError('AddressDenied', `${method} ${withoutSecrets(new URL(request.url))}: ${cause.message}`, {
      cause,
    });
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
  if (cause instanceof AddressDenied) return 'AddressDenied';
  return cause instanceof AnswerTooLarge ? 'TooLarge' : 'ConnectionFailed';
}

function why(cause: unknown): string {
  // Of a name with several addresses none of which was reached: the error itself says nothing.
  if (cause instanceof AggregateError) return cause.errors.map(why).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
