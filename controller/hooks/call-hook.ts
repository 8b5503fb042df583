import { durationMs } from '../../api/duration.ts';
import type { Canary, CanaryWebhook } from '../../api/generated/canary.ts';
import { pause } from '../../kube/clock.ts';
import type { HttpCall, HttpRequest } from '../http-call.ts';
import { pauseAfter, type Tried, tryCall } from '../try-call.ts';
import { hiddenTexts } from './answer-text.ts';
import { HookHeaderError, type HookHeadersDeps, hookHeaders } from './hook-headers.ts';
import { type HookEvent, type HookPhase, hookPayload } from './hook-payload.ts';

export interface HookDeps extends HookHeadersDeps {
  readonly call: HttpCall;
  /** What the receiver is told; not always that of the status, which may be about to change. */
  readonly phase: HookPhase;
  /** For event hooks. */
  readonly event?: HookEvent;
  /** The hooks are those of the controller's options. @default false */
  readonly isOperators?: boolean;
}

/** `Fail` is the receiver's answer; `Error` is that there is none, or that it could not be asked. */
export interface HookResult {
  readonly verdict: 'Pass' | 'Fail' | 'Error';
  /** Why it did not pass, and what to do. Of the URL it has the scheme and the host only: a path may be a secret. */
  readonly message?: string;
}

/** Of a hook that has none, which the definition does not let happen. */
const TIMEOUT_MS = 10_000;
const VERDICTS = { taken: 'Pass', refused: 'Fail', 'no answer': 'Error' } as const;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Calls the hook once, and again as often as its `retries` say while there is no answer or one that may change: 429 and
 * 5xx but 501. Any 2xx passes. Whatever else goes wrong is the result.
 *
 * @throws the signal's reason where it aborts: a call that was broken off says nothing
 */
export async function callHook(canary: Canary, hook: CanaryWebhook, deps: HookDeps): Promise<HookResult> {
  deps.signal.throwIfAborted();
  const url = urlOf(hook);
  if (url === undefined) {
    return {
      verdict: 'Error',
      message: 'it has no URL that can be called: write one that begins with http:// or https://',
    };
  }
  try {
    const headers = await hookHeaders(canary.metadata.namespace, hook, deps);
    const body = JSON.stringify(hookPayload(canary, hook, deps.phase, deps.event));
    const request: HttpRequest = {
      method: 'POST',
      url: url.href,
      // Ours last, as the last one of a name is sent.
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      insecureSkipVerify: hook.disableTLS ?? false,
    };
    return await tryAll(canary, hook, request, hiddenTexts(url, headers), deps);
  } catch (error) {
    deps.signal.throwIfAborted();
    return { verdict: 'Error', message: `${url.origin}: ${troubleOf(error)}` };
  }
}

function urlOf({ url = '' }: CanaryWebhook): URL | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:' ? parsed : undefined;
}

async function tryAll(
  canary: Canary,
  hook: CanaryWebhook,
  request: HttpRequest,
  hidden: readonly string[],
  deps: HookDeps,
): Promise<HookResult> {
  const { origin } = new URL(request.url);
  const tries = 1 + (hook.retries ?? 0);
  for (let count = 1; ; count++) {
    const { outcome, what, detail, again, waitMs } = await tryOnce(canary, hook, request, hidden, deps);
    deps.signal.throwIfAborted();
    const verdict = VERDICTS[outcome];
    if (verdict === 'Pass') return { verdict };
    if (!again || count >= tries) {
      return { verdict, message: `${origin} ${what}${count === 1 ? '' : ` at try ${count}`}${detail}` };
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, pauseAfter(count, waitMs, LONGEST_PAUSE_MS));
    await pause(deps.clock, pauseMs, deps.signal);
    deps.signal.throwIfAborted();
  }
}

function tryOnce(
  { metadata: { namespace } }: Canary,
  hook: CanaryWebhook,
  request: HttpRequest,
  hidden: readonly string[],
  { call, clock, signal, isOperators = false }: HookDeps,
): Promise<Tried> {
  return tryCall(request, {
    ...{ call, clock, signal, hidden, namespace, isOperators },
    deadlineMs: durationMs(hook.timeout) ?? TIMEOUT_MS,
    within: hook.timeout,
    advice: { timeout: ', or write a longer timeout', untrusted: ', or set disableTLS' },
  });
}

/** Of an error that nobody has thought of only the name is safe to show. */
function troubleOf(error: unknown): string {
  if (error instanceof HookHeaderError) return error.message;
  return `it could not be called (${error instanceof Error ? error.name : typeof error}), which is a defect of the controller`;
}
