import type { Clock } from '../../kube/clock.ts';
import { callScope } from '../../kube/transport/call-scope.ts';
import { unlessAborted } from '../../kube/unless-aborted.ts';
import { hiddenTexts } from '../hooks/answer-text.ts';
import type { HttpCall } from '../http-call.ts';
import { tryCall } from '../try-call.ts';
import type { Alert } from './alert.ts';
import type { Destination } from './notifier.ts';
import { notifierOf } from './notifiers.ts';
import type { Receiver, ReceiverSpec } from './receivers.ts';

export interface SendDeps {
  readonly call: HttpCall;
  /** The texts of a Secret, decoded; `undefined` where it is not there. */
  readonly secret: (namespace: string, name: string) => Promise<Readonly<Record<string, string>> | undefined>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Sent =
  | { readonly kind: 'sent' }
  /** The message has nothing of the address but scheme and host, and nothing of the token. */
  | { readonly kind: 'not sent'; readonly message: string; readonly again: boolean; readonly waitMs?: number };

/** For the Secret, and for the call. */
const DEADLINE_MS = 5000;

/**
 * Sends an alert once.
 *
 * @throws the signal's reason where it aborts
 */
export async function sendAlert(alert: Alert, { key, provider }: Receiver, deps: SendDeps): Promise<Sent> {
  deps.signal.throwIfAborted();
  let receiver: ReceiverSpec | undefined;
  try {
    receiver = await provider(deps.signal);
  } catch (error) {
    deps.signal.throwIfAborted();
    return unsent(
      `AlertProvider ${key} cannot be read, ${error instanceof Error ? error.message : String(error)}`,
      true,
    );
  }
  if (receiver === undefined) return unsent(`there is no AlertProvider ${key}`, true);
  const notifier = notifierOf(receiver.spec.type);
  if (notifier === undefined) return unsent(`alerts cannot be sent to a ${receiver.spec.type}`, false);
  const destination = await destinationOf(receiver, deps);
  if (typeof destination === 'string') return unsent(destination, true);
  const { body, ...request } = notifier.payload(alert, destination);
  const headers = { ...request.headers, 'content-type': 'application/json' };
  const url = new URL(destination.address);
  const { proxy } = receiver.spec;
  const tried = await tryCall(
    { ...request, headers, body: JSON.stringify(body), ca: destination.ca, ...(proxy !== undefined && { proxy }) },
    {
      ...deps,
      // The part of the canary's, as it is its release that makes them.
      ...{ namespace: alert.namespace, isOperators: receiver.isOperators ?? false },
      deadlineMs: DEADLINE_MS,
      within: `${DEADLINE_MS / 1000}s`,
      hidden: [...hiddenTexts(url, request.headers ?? {}), ...hiddenProxy(proxy)],
      advice: { timeout: '', untrusted: '' },
      ...(notifier.objection !== undefined && { objection: notifier.objection }),
    },
  );
  deps.signal.throwIfAborted();
  if (tried.outcome === 'taken') return { kind: 'sent' };
  const { what, detail, again, waitMs } = tried;
  return { ...unsent(`${url.origin} ${what}${detail}`, again), ...(waitMs !== undefined && { waitMs }) };
}

function unsent(message: string, again: boolean): Extract<Sent, { kind: 'not sent' }> {
  return { kind: 'not sent', message, again };
}

function hiddenProxy(proxy = ''): readonly string[] {
  return URL.canParse(proxy) ? hiddenTexts(new URL(proxy), {}) : [];
}

/** Where to, or why nowhere. What the Secret has goes before what is written in the provider. */
async function destinationOf(
  { namespace, spec, token }: ReceiverSpec,
  { secret, clock, signal }: SendDeps,
): Promise<Destination | string> {
  const { secretRef, channel, username } = spec;
  const common = { channel, username };
  if (secretRef === undefined) return addressed({ ...common, address: spec.address ?? '', token }, 'its address');
  const title = `Secret ${namespace}/${secretRef.name}`;
  const scope = callScope(clock, DEADLINE_MS, [signal]);
  let texts: Readonly<Record<string, string>> | undefined;
  try {
    texts = await unlessAborted(secret(namespace, secretRef.name), scope.signal);
  } catch {
    signal.throwIfAborted();
    return `${title} cannot be read`;
  } finally {
    scope.end();
  }
  signal.throwIfAborted();
  if (texts === undefined) return `${title} is not there: create it, with the hook's URL under address`;
  // Of a file or `echo` a text has a newline at its end.
  const text = (key: string) => (texts !== undefined && Object.hasOwn(texts, key) ? texts[key]?.trim() : undefined);
  const secretToken = text('token');
  if (secretToken !== undefined && UNSENDABLE.test(secretToken)) {
    return `${title} has under token characters that no header can have: correct it`;
  }
  const address = text('address') ?? spec.address ?? '';
  return addressed(
    { ...common, address, token: secretToken ?? token, ca: text('ca.crt') },
    `what ${title} has under address`,
  );
}

/** What Node refuses to send in a header. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;

function addressed(destination: Destination, whose: string): Destination | string {
  const { address } = destination;
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return destination;
  return `${whose} is no URL: write one that begins with http:// or https://`;
}
