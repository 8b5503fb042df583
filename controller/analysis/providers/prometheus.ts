import { withoutTrailing } from '../../../api/without-trailing.ts';
import { basicAuthorization, type HttpAnswer } from '../../http-call.ts';
import { type Measured, type MetricProvider, type MetricQuestion, MetricQuestionError } from '../metric-provider.ts';

/** Servers and proxies take URLs of 8 kB, some of 4; a longer query goes in the body, which not every proxy lets pass. */
const LONGEST_QUERY_IN_URL = 3000;
const LONGEST_REASON = 300;

/** Prometheus, and all that speaks its query API: Thanos, Mimir, VictoriaMetrics. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export const prometheus: MetricProvider = {
  request({ query, provider, credentials }) {
    const url = queryUrl(provider.address ?? '');
    const form = new URLSearchParams({ query }).toString();
    const inUrl = form.length <= LONGEST_QUERY_IN_URL;
    if (inUrl) url.searchParams.set('query', query);
    const shared = { url: url.href, insecureSkipVerify: provider.insecureSkipVerify ?? false };
    const headers = { ...headersOf(provider), ...authorization(credentials), accept: 'application/json' };
    if (inUrl) return { ...shared, method: 'GET', headers };
    return {
      ...shared,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    };
  },

  value({ status, headers, body, isForeign = false }) {
    const encoding = headers['content-encoding'] ?? 'identity';
    // To unpack what nobody asked for could take any amount of memory.
    if (encoding !== 'identity') return failure('its answer is compressed, which was not asked for');
    const answer = parse(body);
    if (status === 200 && isRecord(answer) && answer['status'] === 'success') return valueOf(answer['data']);
    return { kind: 'error', message: refusal(status, answer, isForeign) };
  },
};

/** The address may have a path in front of the API's own, and parameters such as a tenant's. */
function queryUrl(address: string): URL {
  if (!URL.canParse(address)) {
    throw new MetricQuestionError('its address is no URL: write one such as http://prometheus:9090');
  }
  const url = new URL(address);
  url.pathname = `${withoutTrailing(url.pathname, '/')}/api/v1/query`;
  url.hash = '';
  return url;
}

function headersOf({ headers = {} }: MetricQuestion['provider']): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values]));
}

/** What the Secret says goes before a header of the template: servers refuse two. */
function authorization(credentials: MetricQuestion['credentials']): { readonly authorization?: string } {
  if (credentials === undefined) return {};
  // Of a file or `echo` a text has a newline at its end, which no header can have.
  const { username, password, token } = Object.fromEntries(
    Object.entries(credentials).map(([key, value]) => [key, value.trim()]),
  );
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (username !== undefined && password !== undefined) {
    return { authorization: basicAuthorization({ username, password }) };
  }
  if (credentials['ca.crt'] !== undefined && username === undefined && password === undefined) return {};
  throw new MetricQuestionError('its Secret needs the key token, or the keys username and password');
}

function valueOf(data: unknown): Measured {
  if (!isRecord(data)) return notUnderstood();
  const { resultType, result } = data;
  switch (resultType) {
    case 'scalar':
      return ofSample(result);
    case 'vector':
      return Array.isArray(result) ? ofVector(result) : notUnderstood();
    case 'matrix':
      return failure('the query gives values over time: wrap it in a function such as rate() or avg_over_time()');
    case 'string':
      return failure('the query gives a text: write one that gives a number');
    default:
      return notUnderstood();
  }
}

/** Which of several series is meant nobody can say; whichever came last would pass or fail a release by chance. */
function ofVector(result: readonly unknown[]): Measured {
  if (result.length === 0) return { kind: 'no data', message: 'the query finds no series' };
  if (result.length > 1) {
    return failure(`the query gives ${result.length} series: make them one with sum(), max() or avg()`);
  }
  const [series] = result;
  if (isRecord(series) && series['histogram'] !== undefined) {
    return failure('the query gives a histogram: wrap it in histogram_quantile() or histogram_avg()');
  }
  return isRecord(series) ? ofSample(series['value']) : notUnderstood();
}

/** `[1700000000.123, "99.5"]`, the time and the value. */
function ofSample(sample: unknown): Measured {
  const text: unknown = Array.isArray(sample) ? sample[1] : undefined;
  if (typeof text !== 'string') return notUnderstood();
  if (text === 'NaN') return { kind: 'no data', message: 'the query gives NaN, as a ratio of no requests does' };
  const value = text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
  return text === '' || Number.isNaN(value) ? notUnderstood() : { kind: 'value', value };
}

function notUnderstood(): Measured {
  return failure('the answer is not one of Prometheus: check the address');
}

function failure(message: string): Measured {
  return { kind: 'error', message };
}

/** As Prometheus calls what went wrong, in one word. */
const ERROR_TYPES: readonly unknown[] = [
  ...['bad_data', 'execution', 'timeout', 'canceled', 'internal', 'unavailable', 'not_found', 'too_many_requests'],
];

/**
 * Only Prometheus' own words are repeated: any other body may be of a server that was never meant to be asked. Its sentences
 * have labels of series in them, so that of a foreign one only the kind of error is told.
 */
function refusal(status: number, answer: unknown, isForeign: boolean): string {
  const said = isRecord(answer) && answer['status'] === 'error' ? answer : {};
  const kind = ERROR_TYPES.includes(said['errorType']) ? said['errorType'] : undefined;
  const error = isForeign ? kind : said['error'];
  const reason = typeof error === 'string' ? error.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON) : undefined;
  return `status ${status}${reason === undefined ? '' : `, ${reason}`}${advice(status, reason)}`;
}

function advice(status: number, reason: string | undefined): string {
  if (status === 401 || status === 403) return ': check the credentials in the template’s secretRef';
  if (status >= 300 && status < 400) return ', a redirect, which is not followed: write the address that it leads to';
  return reason === undefined ? ' and no answer of Prometheus: check the address and its path' : '';
}

function parse(body: HttpAnswer['body']): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
