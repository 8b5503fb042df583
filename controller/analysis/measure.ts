import { analysisOf } from '../../api/analysis.ts';
import type { Canary, CheckStatus, Metric } from '../../api/generated/canary.ts';
import type { Clock } from '../../kube/clock.ts';
import { callScope } from '../../kube/transport/call-scope.ts';
import { unlessAborted } from '../../kube/unless-aborted.ts';
import { checkAll } from '../check-all.ts';
import { type HttpCall, HttpCallError, type HttpCallReason } from '../http-call.ts';
import { type Measured, MetricQuestionError } from './metric-provider.ts';
import { METRIC_PROVIDER_TYPES, metricProviderOf } from './metric-providers.ts';
import { type MetricSource, metricSource, type SecretKey, type SourceDeps } from './metric-source.ts';
import { judge } from './verdict.ts';

type Credentials = Readonly<Record<string, string>>;

export interface MeasureDeps extends SourceDeps {
  /** The texts of a Secret, decoded; `undefined` where it is not there. */
  readonly secret: (namespace: string, name: string) => Promise<Credentials | undefined>;
  readonly call: HttpCall;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** For the Secret, and then for the answer. */
const DEADLINE_MS = 5000;
/** Among the calls of all canaries: nobody but the step waits for it. */
const TURN_MS = 30_000;
/** One number with the labels of its series, or a message about the query. A thousand series are more, and no number. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Measures and judges all metrics of the analysis, side by side; the checks in the order of the metrics. Whatever goes
 * wrong with a metric is its own verdict, with what to do about it.
 *
 * @throws the signal's reason where it aborts: checks that were broken off say nothing about the canary
 */
export function measureAll(canary: Canary, deps: MeasureDeps): Promise<readonly CheckStatus[]> {
  const { metrics = [] } = analysisOf(canary.spec);
  return checkAll('Metric', metrics, async (metric) => judge(metric, await measure(canary, metric, deps)), deps);
}

async function measure(canary: Canary, metric: Metric, deps: MeasureDeps): Promise<Measured> {
  try {
    const source = await metricSource(canary, metric, deps);
    const measured = await ask(canary, source, deps);
    return measured.kind === 'value' ? measured : { ...measured, message: `${source.name}: ${measured.message}` };
  } catch (error) {
    // Also what nobody has thought of: one metric's trouble must not keep the others from being judged.
    return { kind: 'error', message: messageOf(error) };
  }
}

async function ask(
  { metadata: { namespace } }: Canary,
  { provider, query, secret, isOperators = false }: MetricSource,
  deps: MeasureDeps,
): Promise<Measured> {
  const asked = metricProviderOf(provider.type);
  if (asked === undefined) {
    return failure(`${provider.type} cannot be asked yet: use a template for ${METRIC_PROVIDER_TYPES.join(' or ')}`);
  }
  try {
    const credentials = secret && (await credentialsOf(secret, deps));
    const { clock, signal } = deps;
    const whose = { namespace, isOperators };
    const limits = { ...whose, deadlineMs: DEADLINE_MS, waitMs: TURN_MS, maxBytes: MAX_ANSWER_BYTES, signal, clock };
    const request = asked.request({ query, provider, credentials });
    // Of a private authority, in the same Secret, as in those of type kubernetes.io/tls.
    const ca = credentials?.['ca.crt'];
    const measured = asked.value(await deps.call({ ...request, ca }, limits));
    if (measured.kind !== 'no data') return measured;
    return { ...measured, message: `${measured.message}; check that the canary gets requests and is scraped` };
  } catch (error) {
    if (error instanceof HttpCallError) return failure(error.message + ADVICE[error.reason]);
    return failure(messageOf(error));
  }
}

const ADVICE: Readonly<Record<HttpCallReason, string>> = {
  Timeout: '; check that it is up and not overloaded, and how long the query takes',
  ConnectionFailed: '; check the address, and that it is up',
  TooLarge:
    '; check that the address is the provider’s, and write a query that gives one number, with sum(), max() or avg()',
  Aborted: '',
  AddressDenied: '',
  TooManyCalls: '',
};

async function credentialsOf({ namespace, name }: SecretKey, deps: MeasureDeps): Promise<Credentials> {
  const scope = callScope(deps.clock, DEADLINE_MS, [deps.signal]);
  const title = `Secret ${namespace}/${name}`;
  let credentials: Credentials | undefined;
  try {
    credentials = await unlessAborted(deps.secret(namespace, name), scope.signal);
  } catch (cause) {
    throw new MetricQuestionError(`${title} cannot be read, ${messageOf(cause)}`, { cause });
  } finally {
    scope.end();
  }
  if (credentials === undefined) {
    throw new MetricQuestionError(`${title} is not there: create it, or correct the secretRef`);
  }
  return credentials;
}

function failure(message: string): Measured {
  return { kind: 'error', message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
