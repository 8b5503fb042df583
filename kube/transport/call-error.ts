import type { IncomingMessage } from 'node:http';
import { errorOfResponse, KubeError, retryAfterMs } from '../errors.ts';
import { Timeout } from './call-scope.ts';
import { AnswerTooLarge } from './http-exchange.ts';

/** What of a request its errors name. */
interface Named {
  /** @default 'GET' */
  readonly method?: string;
  readonly path: string;
}

/** `GET /path`, as errors and log lines begin: never a query, a header or a body. */
export function nameOf({ method = 'GET', path }: Named): string {
  return `${method} ${path}`;
}

/** For an answer that is not a 2xx. */
export function answerError(call: Named, response: IncomingMessage, body: string, date: Date): KubeError {
  const wait = retryAfterMs(response.headers['retry-after'], date);
  return errorOfResponse(nameOf(call), response.statusCode ?? 0, body, wait);
}

/** For a call that got no whole answer. `ended` is the signal of its scope, whose reason tells more than what it broke. */
export function callError(call: Named, error: unknown, ended: AbortSignal): KubeError {
  if (error instanceof KubeError) return error;
  const cause: unknown = ended.aborted ? ended.reason : error;
  return new KubeError({ status: 0, reason: reasonOf(cause, ended), message: `${nameOf(call)}: ${why(cause)}`, cause });
}

function reasonOf(cause: unknown, ended: AbortSignal): string {
  if (cause instanceof Timeout) return 'Timeout';
  if (ended.aborted) return 'Aborted';
  return cause instanceof AnswerTooLarge ? 'AnswerTooLarge' : 'ConnectionFailed';
}

function why(cause: unknown): string {
  // Of a name with several addresses none of which was reached: the error itself says nothing.
  if (cause instanceof AggregateError) return cause.errors.map(why).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
