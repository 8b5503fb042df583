import type { MetricProvider as ProviderSpec } from '../../api/generated/metric-template.ts';
import type { HttpAnswer, HttpRequest } from '../http-call.ts';

export type MetricProviderType = ProviderSpec['type'];

/** One question, with all that it takes to ask it. */
export interface MetricQuestion {
  /** With its variables filled in. */
  readonly query: string;
  /** Whom to ask, as the template has it. */
  readonly provider: ProviderSpec;
  /** The provider's Secret, decoded; `undefined` where the template names none. */
  readonly credentials: Readonly<Record<string, string>> | undefined;
}

/** What an answer says. Messages are for an operator, begin with a small letter and have no secret in them. */
export type Measured =
  /** Never NaN, but perhaps infinite. */
  | { readonly kind: 'value'; readonly value: number; readonly samples?: number }
  | { readonly kind: 'no data'; readonly message: string }
  | { readonly kind: 'error'; readonly message: string };

/** A question that cannot be asked as it is; the message says what to write. */
export class MetricQuestionError extends Error {
  override readonly name = 'MetricQuestionError';
}

/**
 * One way to measure. Both functions are pure; sending, waiting and judging are written once, outside. To add one: a file
 * with a MetricProvider in providers/, and its line in `metric-providers.ts`.
 */
export interface MetricProvider {
  /** @throws {MetricQuestionError} */
  request(question: MetricQuestion): HttpRequest;
  /** For an answer of any status. Total: an answer that nobody would expect is an error. */
  value(answer: HttpAnswer): Measured;
}
