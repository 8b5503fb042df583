import type { CanaryWebhook, HeaderSource, WebhookHeader } from '../../api/generated/canary.ts';
import type { Clock } from '../../kube/clock.ts';
import { callScope } from '../../kube/transport/call-scope.ts';
import { unlessAborted } from '../../kube/unless-aborted.ts';

type SecretTexts = Readonly<Record<string, string>>;

export interface HookHeadersDeps {
  /** The texts of a Secret, decoded; `undefined` where it is not there. */
  readonly secret: (namespace: string, name: string) => Promise<SecretTexts | undefined>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A header has no value that could be sent. The message says what to do, and has no value in it. */
export class HookHeaderError extends Error {
  override readonly name = 'HookHeaderError';
}

/** For each Secret. */
const DEADLINE_MS = 5000;
/** As the definition has for a value that is written in the hook; servers refuse longer ones. */
const LONGEST_VALUE = 8192;
/** What Node refuses to send. A line break would end the header, and let its value write the next. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The hook's own headers, in the order in which they are written, with what the Secrets hold now.
 *
 * @throws {HookHeaderError}
 * @throws the signal's reason where it aborts
 */
export async function hookHeaders(
  namespace: string,
  { headers = [] }: CanaryWebhook,
  deps: HookHeadersDeps,
): Promise<Readonly<Record<string, string>>> {
  const read = new Map<string, SecretTexts>();
  const values: [string, string][] = [];
  for (const header of headers) {
    const { name, valueFrom } = header;
    if (valueFrom === undefined) {
      values.push([name, inlineValue(header)]);
    } else {
      const texts = read.get(valueFrom.secretKeyRef.name) ?? (await secretOf(namespace, name, valueFrom, deps));
      read.set(valueFrom.secretKeyRef.name, texts);
      values.push([name, secretValue(namespace, name, valueFrom, texts)]);
    }
  }
  return Object.fromEntries(values);
}

function inlineValue({ name, value = '' }: WebhookHeader): string {
  if (!UNSENDABLE.test(value)) return value;
  throw new HookHeaderError(`the value of header ${name} has characters that no header can have: correct it`);
}

async function secretOf(
  namespace: string,
  header: string,
  { secretKeyRef: { name } }: HeaderSource,
  { secret, clock, signal }: HookHeadersDeps,
): Promise<SecretTexts> {
  const scope = callScope(clock, DEADLINE_MS, [signal]);
  const title = `Secret ${namespace}/${name}`;
  let texts: SecretTexts | undefined;
  try {
    texts = await unlessAborted(secret(namespace, name), scope.signal);
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HookHeaderError(`${title} for header ${header} cannot be read, ${why}`, { cause });
  } finally {
    scope.end();
  }
  signal.throwIfAborted();
  if (texts !== undefined) return texts;
  throw new HookHeaderError(`${title} is not there: create it, or correct the secretKeyRef of header ${header}`);
}

function secretValue(
  namespace: string,
  header: string,
  { secretKeyRef: { name, key } }: HeaderSource,
  texts: SecretTexts,
): string {
  const title = `Secret ${namespace}/${name}`;
  // Of a file or `echo` a text has a newline at its end, which no header can have.
  const value = Object.hasOwn(texts, key) ? texts[key]?.trim() : undefined;
  if (value === undefined || value === '') {
    const lack = value === undefined ? 'no key' : 'nothing under the key';
    const message = `${title} has ${lack} ${key}: add it, or correct the secretKeyRef of header ${header}`;
    throw new HookHeaderError(message);
  }
  if (value.length > LONGEST_VALUE) {
    const message = `${title} has ${value.length} characters under ${key}, and header ${header} takes ${LONGEST_VALUE} at most: correct the secretKeyRef`;
    throw new HookHeaderError(message);
  }
  if (UNSENDABLE.test(value)) {
    const what = 'characters that no header can have, such as a line break';
    throw new HookHeaderError(`${title} has under ${key} ${what}: correct it, as header ${header} is read from there`);
  }
  return value;
}
