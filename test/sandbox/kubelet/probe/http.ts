import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Container, Probe } from '../pod.ts';
import { resolvePort } from './port.ts';
import { dialError, failure, type ProbeResult, success } from './result.ts';

export type HttpGet = NonNullable<Probe['httpGet']>;

const MAX_REDIRECTS = 10;
const MAX_BODY = 10 * 1024;

export interface HttpCall {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string[]>>;
}

/** The request that an httpGet means. `purpose` is what the User-Agent says: `probe` or `lifecycle`. */
export function httpCall(action: HttpGet, container: Container, address: string, purpose: string): HttpCall {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const port = resolvePort(action.port, container);
  const path = action.path ?? '/';
  const url = new URL(`${scheme}://${action.host ?? address}:${port}${path.startsWith('/') ? '' : '/'}${path}`);
  const headers: Record<string, string[]> = {};
  for (const { name, value } of action.httpHeaders ?? []) (headers[name.toLowerCase()] ??= []).push(value);
  headers['user-agent'] ??= [`kube-${purpose}/1.36`];
  headers['accept'] ??= ['*/*'];
  if (headers['accept'].join('') === '') delete headers['accept'];
  return { url, headers };
}

/** Any status from 200 to 399 is a success. Redirects are followed as long as they stay on the same host. */
export async function probeHttp(call: HttpCall, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const deadline = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  let { url } = call;
  const named = (target: URL, why: string): ProbeResult => failure(`Get "${target.href}": ${why}`);
  for (let redirects = 0; ; redirects++) {
    let response: IncomingMessage;
    let body: string;
    try {
      response = await get({ ...call, url }, deadline);
      body = await readBeginning(response, deadline);
    } catch (error) {
      if (deadline.aborted) {
        return named(url, 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
      }
      return named(url, dialError(url.hostname, portOf(url), error));
    }
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url.href)) {
      const next = new URL(location, url);
      if (next.hostname !== url.hostname) {
        return { outcome: 'warning', output: `Probe terminated redirects, Response body: ${body}` };
      }
      if (redirects + 1 >= MAX_REDIRECTS) return named(next, 'stopped after 10 redirects');
      url = next;
      continue;
    }
    if (status >= 200 && status < 400) return success(body);
    return failure(`HTTP probe failed with statuscode: ${status}`);
  }
}

function get({ url, headers }: HttpCall, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method: 'GET', headers: { ...headers }, signal, agent: false as const };
    // A probe asks whether the program answers, not who it is.
    const outgoing = secure
      ? httpsRequest(url, { ...options, rejectUnauthorized: false }, resolve)
      : httpRequest(url, options, resolve);
    outgoing.once('error', reject);
    outgoing.end();
  });
}

async function readBeginning(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += (chunk as Buffer).toString('utf8');
      if (text.length >= MAX_BODY) break;
    }
  } catch (error) {
    // A body that breaks off does not make a good status bad.
    if (signal.aborted) throw error;
  } finally {
    response.destroy();
  }
  return text.slice(0, MAX_BODY);
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
