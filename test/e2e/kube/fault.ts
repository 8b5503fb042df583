/** A request as it arrived at the proxy. */
export interface ProxiedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  /** Counts all requests, from 1. */
  readonly number: number;
  readonly userAgent: string | undefined;
}

/** What happens to a request in place of being passed on. */
export type Fault = StatusFault | AnswerFault | ConnectionFault | DelayFault | StreamFault;

/** Answered with a `metav1.Status`, as an API server answers a failure; never reaches the server. */
export interface StatusFault {
  readonly kind: 'status';
  readonly status: number;
  /** @default the one that API servers give with this status */
  readonly reason?: string;
  /** Sent both as the header and in the Status. */
  readonly retryAfterSeconds?: number;
}

/** Answered with anything at all, such as a gateway's HTML; never reaches the server. */
export interface AnswerFault {
  readonly kind: 'answer';
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * - `reset`: the connection is reset before any answer, and the request never reaches the server.
 * - `reset-after`: the server executes the request, and its answer is lost in a reset.
 * - `silence`: no answer comes until the client goes away or the proxy closes, and the request never reaches the server.
 */
export interface ConnectionFault {
  readonly kind: 'reset' | 'reset-after' | 'silence';
}

/** Passed on after that time. */
export interface DelayFault {
  readonly kind: 'delay';
  readonly ms: number;
}

/** For a watch that the server accepts: an answer other than 200 is passed on as it is. */
export type StreamFault = CutFault | WatchErrorFault;

/** The watch breaks off after so many events, for which it waits; 0 is right after the head of the answer. */
export interface CutFault {
  readonly kind: 'cut';
  /** Bookmarks count. */
  readonly afterEvents: number;
  /** A clean end; a reset; or half of the next event, and then a reset. */
  readonly how: 'end' | 'reset' | 'mid-line';
}

/** After so many events comes an ERROR event, and the clean end. */
export interface WatchErrorFault {
  readonly kind: 'watch-error';
  /** Bookmarks count. */
  readonly afterEvents: number;
  readonly status: number;
  /** @default the one that API servers give with this status */
  readonly reason?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The `metav1.Status` that such a fault is told with. */
export function statusOf(fault: StatusFault | WatchErrorFault): object {
  const retryAfterSeconds = fault.kind === 'status' ? fault.retryAfterSeconds : undefined;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${fault.status} of the fault proxy`,
    reason: fault.reason ?? REASONS[fault.status] ?? 'Unknown',
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    code: fault.status,
  };
}
