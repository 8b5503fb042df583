/** What is used of the `metav1.Status` that an API server answers a failure with. */
interface Status {
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly retryAfterMs: number | undefined;
}

export interface KubeErrorFacts {
  /** The HTTP status, or 0 where no answer came. */
  readonly status: number;
  /**
   * The `reason` of the Status, such as `AlreadyExists` or `Conflict`; `Unknown` where the answer has none. Where no answer
   * came: `ConnectionFailed`, `Timeout`, `Aborted` (by the caller's own signal), `BadAnswer` (no JSON, or too large) or
   * `NotLeader`.
   */
  readonly reason: string;
  readonly message: string;
  /** How long the server asked us to wait before the next try. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * What every call to the API server fails with. A write that fails with status 0 may have been executed all the same,
 * unless its reason is `NotLeader`.
 */
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
export function errorOfResponse(request: string, httpStatus: number, body: string, retryAfter?: number): KubeError {
  const status = readStatus(parsed(body));
  const text = status.message || firstLine(body);
  const wait = retryAfter ?? status.retryAfterMs;
  return new KubeError({
    status: httpStatus,
    reason: status.reason,
    message: `${request}: ${httpStatus}${text === '' ? '' : ` ${text}`}`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** The error inside a watch: an `ERROR` event carries a Status as its object. */
export function errorOfStatus(request: string, object: unknown): KubeError {
  const { code, reason, message, ...wait } = readStatus(object);
  return new KubeError({
    status: code,
    reason,
    message: `${request}: ${code === 0 ? 'error' : code} ${message || 'without a message'}`,
    ...(wait.retryAfterMs === undefined ? {} : { retryAfterMs: wait.retryAfterMs }),
  });
}

/** The wait that a `Retry-After` header asks for, which is either seconds or a date; `undefined` where it is neither. */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  // Date.parse reads nearly anything as some date.
  const date = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

/** Any field may be missing or of another type: not every answer comes from the API server itself. */
function readStatus(object: unknown): Status {
  const { message, reason, code, details } = asRecord(object);
  const { retryAfterSeconds: seconds } = asRecord(details);
  return {
    message: typeof message === 'string' ? message : '',
    reason: typeof reason === 'string' && reason !== '' ? reason : 'Unknown',
    code: typeof code === 'number' ? code : 0,
    retryAfterMs: typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined,
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy in between speaks plain text or HTML.
    return undefined;
  }
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200).trim();
}
