import { connectedTo, type HttpAnswer, type HttpCall, HttpCallError, type HttpLimits, httpCall } from '../http-call.ts';
import type { Egress } from './egress.ts';
import { guardAddresses } from './guarded-lookup.ts';
import { type OutgoingLimit, TooManyCalls } from './outgoing-limit.ts';

export interface OutgoingOptions {
  readonly limit: OutgoingLimit;
  readonly egress: Egress;
  /** Whether an address that answered for a URL is that of a Service of the namespace, whose words its users may read. */
  readonly isOwnService: (namespace: string, url: URL, address: string, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Calls to hooks, metric servers and alert receivers: each has its turn among all of them, goes to no address that is denied,
 * and has its words marked where they are those of a server that the canary's namespace does not have.
 */
export function createOutgoingCall({ limit, egress, isOwnService }: OutgoingOptions): HttpCall {
  return async (request, limits) => {
    const { namespace, clock, signal, deadlineMs, waitMs = deadlineMs, isOperators = false } = limits;
    const end = await turn(namespace, { clock, signal, ms: waitMs });
    const guard = isOperators ? undefined : guardAddresses(egress, portOf(connectedTo(request)));
    try {
      const answer = await httpCall(request, limits, guard);
      return isOperators ? answer : { ...answer, isForeign: !(await isOwn(new URL(request.url), answer, limits)) };
    } finally {
      // A thread that looks a name up is not free before it has found it, whatever the call's deadline.
      if (guard === undefined) end();
      else void guard.settled().then(end);
    }
  };

  async function turn(...args: Parameters<OutgoingLimit['acquire']>): Promise<() => void> {
    try {
      return await limit.acquire(...args);
    } catch (cause) {
      const [, { signal }] = args;
      const message = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof TooManyCalls) throw new HttpCallError('TooManyCalls', message, { cause });
      if (signal.aborted) throw new HttpCallError('Aborted', message, { cause });
      throw cause;
    }
  }

  /** Of what succeeds nothing is told, so that nobody need be asked. */
  async function isOwn(url: URL, { status, address }: HttpAnswer, { namespace, signal }: HttpLimits): Promise<boolean> {
    if (address === undefined || (status >= 200 && status < 300)) return false;
    return isOwnService(namespace, url, address, signal);
  }
}

function portOf(url: URL | undefined): number {
  if (url !== undefined && url.port !== '') return Number(url.port);
  return url?.protocol === 'https:' ? 443 : 80;
}
