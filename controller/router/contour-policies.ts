import type { CanaryService, HeaderOperations, RequestMatch, Retries } from '../../api/generated/canary.ts';

/** What an HTTPProxy's route does besides splitting. */
export function routePolicies(service: CanaryService, { uri }: RequestMatch): object {
  const { timeout, retries, rewrite, headers } = service;
  // Contour refuses a new path where the condition is not a prefix.
  const byPrefix = uri?.exact === undefined && uri?.regex === undefined;
  const host = rewrite?.authority ? { Host: rewrite.authority } : {};
  const requestHeaders = headersPolicy(headers?.request, host);
  const responseHeaders = headersPolicy(headers?.response);
  return {
    ...(timeout === undefined ? {} : { timeoutPolicy: { response: timeout } }),
    ...(retries === undefined ? {} : { retryPolicy: retryPolicy(retries) }),
    // Only the prefix that matched can be replaced, whatever rewrite.type says.
    ...(rewrite?.uri && byPrefix ? { pathRewritePolicy: { replacePrefix: [{ replacement: rewrite.uri }] } } : {}),
    ...(requestHeaders === undefined ? {} : { requestHeadersPolicy: requestHeaders }),
    ...(responseHeaders === undefined ? {} : { responseHeadersPolicy: responseHeaders }),
  };
}

/** `retryOn` is a list here, and status codes have one of their own. */
function retryPolicy({ attempts = 1, perTryTimeout, retryOn = '' }: Retries): object {
  const failures = retryOn
    .split(',')
    .map((failure) => failure.trim())
    .filter((failure) => failure !== '');
  const codes = failures.filter(isStatusCode).map(Number);
  const named = failures.filter((failure) => !isStatusCode(failure));
  const kinds = codes.length === 0 ? named : [...new Set([...named, 'retriable-status-codes'])];
  return {
    // To Contour, 0 is its default, which is one; none at all is -1.
    count: attempts === 0 ? -1 : attempts,
    ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
    ...(kinds.length === 0 ? {} : { retryOn: kinds }),
    ...(codes.length === 0 ? {} : { retriableStatusCodes: codes }),
  };
}

function isStatusCode(failure: string): boolean {
  return /^[1-5]\d\d$/.test(failure);
}

/**
 * Contour can set and remove headers. To add a value beside those that the client sent is not known to it: it is set, in
 * their place. A name may be there once only, in whichever case: the last one counts.
 */
function headersPolicy(
  { add, set, remove = [] }: HeaderOperations = {},
  more: Readonly<Record<string, string>> = {},
): object | undefined {
  const values = new Map<string, { readonly name: string; readonly value: string }>();
  for (const [name, value] of Object.entries({ ...add, ...set, ...more })) {
    values.set(name.toLowerCase(), { name, value });
  }
  const removed = new Map(remove.map((name) => [name.toLowerCase(), name]));
  if (values.size + removed.size === 0) return undefined;
  return {
    ...(values.size === 0 ? {} : { set: [...values.values()] }),
    ...(removed.size === 0 ? {} : { remove: [...removed.values()] }),
  };
}
