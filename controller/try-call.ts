import type { Clock } from '../kube/clock.ts';
import { retryAfterMs } from '../kube/errors.ts';
import { answerText } from './hooks/answer-text.ts';
import { type HttpAnswer, type HttpCall, HttpCallError, type HttpLimits, type HttpRequest } from './http-call.ts';

/** How one try of a call went whose receiver only has to take it: a hook, an alert. */
export interface Tried {
  /** `refused` is the receiver's answer; `no answer` is that there is none. */
  readonly outcome: 'taken' | 'refused' | 'no answer';
  /** `answered 503` */
  readonly what: string;
  /** `: busy` */
  readonly detail: string;
  /** Whether another try may go better, and the wait that the receiver asks for. */
  readonly again: boolean;
  readonly waitMs?: number | undefined;
}

export interface TryOptions extends Pick<HttpLimits, 'namespace' | 'isOperators'> {
  readonly call: HttpCall;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** The deadline as it is written. */
  readonly within: string;
  /** What of the request may not stand in a message. */
  readonly hidden: readonly string[];
  /** What else helps than mending the receiver: `, or set disableTLS`. */
  readonly advice: { readonly timeout: string; readonly untrusted: string };
  /** What a 2xx says all the same, of a receiver that says its refusals in the body. */
  readonly objection?: (answer: HttpAnswer) => Pick<Tried, 'what' | 'again'> | undefined;
}

/**
 * Many times what a message has room for. What a longer answer goes on with is not read: its status says already whether it
 * passes, and one that never ends would otherwise hold the call until its deadline.
 */
const MAX_ANSWER_BYTES = 16 * 1024;

const FIRST_PAUSE_MS = 1000;

/**
 * How long to wait after so many tries, in milliseconds: 1 s, 2 s, 4 s and so on up to the longest, or what the receiver asks for.
 * One that asks for no wait at all is given a moment nevertheless.
 */
export function pauseAfter(tries: number, waitMs: number | undefined, longestMs: number): number {
  if (waitMs !== undefined) return Math.max(FIRST_PAUSE_MS, waitMs);
  return Math.min(longestMs, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 10));
}

/** Calls once. Whatever goes wrong is the result, in our own words: those of the error have the path, which may be a secret. */
export async function tryCall(request: HttpRequest, options: TryOptions): Promise<Tried> {
  const { call, clock, signal, deadlineMs, namespace, isOperators = false } = options;
  const whose = { namespace, isOperators };
  try {
    const answer = await call(request, {
      ...whose,
      deadlineMs,
      maxBytes: MAX_ANSWER_BYTES,
      longer: 'cut',
      signal,
      clock,
    });
    return ofAnswer(answer, options);
  } catch (error) {
    if (error instanceof HttpCallError) return ofNoAnswer(error, options);
    throw error;
  }
}

function ofAnswer(answer: HttpAnswer, { hidden, clock, objection, namespace }: TryOptions): Tried {
  const { status, headers, body, isCut = false, isForeign = false } = answer;
  const what = `answered ${status}`;
  const waitMs = retryAfterMs(headers['retry-after'], clock.date());
  if (status >= 200 && status < 300) {
    const refusal = objection?.(answer);
    if (refusal === undefined) return { outcome: 'taken', what, detail: '', again: false };
    const why = isForeign ? unshown(namespace) : answerText(refusal.what, hidden);
    return { outcome: 'refused', detail: '', ...refusal, what: `${what}: ${why}`, waitMs };
  }
  const text = isForeign && body !== '' ? unshown(namespace) : answerText(body, hidden, isCut);
  const advice = status >= 300 && status < 400 ? '; redirects are not followed, write the URL that it leads to' : '';
  return {
    outcome: 'refused',
    what,
    detail: (text === '' ? '' : `: ${text}`) + advice,
    again: status === 429 || (status >= 500 && status !== 501),
    waitMs,
  };
}

/** What a server says may be for others than the readers of a canary: it is shown where they could ask it themselves. */
function unshown(namespace: string): string {
  return `its answer is shown only where it is a Service of namespace ${namespace}`;
}

function ofNoAnswer({ reason, cause, message }: HttpCallError, { within, advice }: TryOptions): Tried {
  const outcome = 'no answer';
  switch (reason) {
    case 'Timeout': {
      const detail = `; check that it is up and not overloaded${advice.timeout}`;
      return { outcome, what: `gave no answer within ${within}`, detail, again: true };
    }
    case 'ConnectionFailed': {
      const code = codeOf(cause);
      const why = code === undefined ? '' : ` (${code})`;
      if (code !== undefined && UNTRUSTED.test(code)) {
        const detail = `; give it one of an authority that the controller trusts${advice.untrusted}`;
        return { outcome, what: `has a certificate that is not trusted${why}`, detail, again: false };
      }
      const detail = '; check the address, and that it is up';
      return { outcome, what: `gave no answer${why}`, detail, again: true };
    }
    case 'TooLarge':
      return { outcome, what: 'answered with too much', detail: '; answer with less', again: false };
    case 'AddressDenied': {
      const why = cause instanceof Error ? cause.message : 'its address is denied';
      return { outcome, what: 'was not called', detail: `: ${why}`, again: false };
    }
    case 'TooManyCalls':
      return { outcome, what: 'was not called', detail: `: ${message}`, again: true };
    case 'Aborted':
      // Where it is the signal that aborted, the caller does not read this.
      return { outcome, what: 'was not asked to the end', detail: '', again: false };
  }
}

/** What TLS calls a certificate that is too old, of nobody known or for another name, and that no second try makes better. */
const UNTRUSTED = /^(?!ERR_SSL_).*(CERT|LEAF_SIGNATURE)/;

/** `ECONNREFUSED`: unlike the message of the error, it can have nothing of the request in it. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
