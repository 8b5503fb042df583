/** The `metav1.Status` that an API server answers a failure with; every field may be missing. */
interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

export interface KubeErrorFacts {
  /** The HTTP status, or 0 where no answer came (refused, reset, timed out, aborted). */
  readonly status: number;
  /** The `reason` of the Status, such as `NotFound` or `Conflict`; for a failed connection `ConnectionFailed` or `Timeout`. */
  readonly reason: string;
  readonly message: string;
  /** How long the server asked us to wait before the next try. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** What every call to the API server fails with. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(facts: KubeErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.status = facts.status;
    this.reason = facts.reason;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The error for an answer that is not a 2xx. `request` is `GET /path`, `body` the raw text. */
export function errorOfResponse(request: string, httpStatus: number, body: string, retryAfter?: string): KubeError {
  const status = parseStatus(body);
  const text = status?.message ?? firstLine(body);
  const seconds = status?.details?.retryAfterSeconds ?? Number(retryAfter ?? Number.NaN);
  return new KubeError({
    status: httpStatus,
    reason: status?.reason ?? 'Unknown',
    message: `${request}: ${httpStatus}${text === '' ? '' : ` ${text}`}`,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

/** The error inside a watch: an `ERROR` event carries a Status as its object. */
export function errorOfStatus(request: string, status: unknown): KubeError {
  const { code, reason, message } = (status ?? {}) as Status;
  return new KubeError({
    status: code ?? 0,
    reason: reason ?? 'Unknown',
    message: `${request}: ${code ?? 'error'} ${message ?? 'without a message'}`,
  });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Not every answer comes from the API server itself: a proxy in between speaks plain text or HTML.
    return undefined;
  }
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200).trim();
}
