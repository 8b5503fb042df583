import type { JudgedRange, Metric } from '../../api/generated/canary.ts';
import { isBuiltInCheck } from './built-in-queries.ts';
import type { Measured } from './metric-provider.ts';

/** What of a metric says how its value is judged. */
export type Judged = Pick<Metric, 'name' | 'threshold' | 'thresholdRange' | 'templateRef' | 'query'>;

interface Measurement {
  /** Finite: JSON has no other numbers. */
  readonly value?: number;
  readonly samples?: number;
  readonly thresholdRange: JudgedRange;
}

/**
 * `Inconclusive` is a value that says neither that the canary is good nor that it is bad: an infinite one that the range
 * would let pass, as a division by zero is no measurement to promote by, and any value where nothing says what passes.
 */
export type Verdict =
  | (Measurement & { readonly verdict: 'Pass' })
  | (Measurement & { readonly verdict: 'Fail' | 'Inconclusive'; readonly message: string })
  | { readonly verdict: 'NoData' | 'Error'; readonly message: string };

export function judge(metric: Judged, measured: Measured): Verdict {
  switch (measured.kind) {
    case 'no data':
      return { verdict: 'NoData', message: measured.message };
    case 'error':
      return { verdict: 'Error', message: measured.message };
    case 'value':
      // No comparison with NaN holds, so that it would pass every range.
      if (Number.isNaN(measured.value)) return { verdict: 'NoData', message: 'the query gives NaN' };
      return judgeValue(metric, measured);
  }
}

function judgeValue(metric: Judged, { value, samples }: Extract<Measured, { kind: 'value' }>): Verdict {
  const thresholdRange = rangeOf(metric);
  const { min, max } = thresholdRange;
  const unit = unitOf(metric);
  const measurement: Measurement = {
    ...(Number.isFinite(value) ? { value } : {}),
    ...(samples === undefined ? {} : { samples }),
    thresholdRange,
  };
  const is = `it is ${nearly(value, thresholdRange)}${unit}`;
  if (min !== undefined && value < min) {
    return { ...measurement, verdict: 'Fail', message: `${is}, and has to be at least ${min}${unit}` };
  }
  if (max !== undefined && value > max) {
    return { ...measurement, verdict: 'Fail', message: `${is}, and has to be at most ${max}${unit}` };
  }
  if (min === undefined && max === undefined) {
    const message = `${is}, and nothing says what passes: write a thresholdRange with min, max or both`;
    return { ...measurement, verdict: 'Inconclusive', message };
  }
  if (!Number.isFinite(value)) {
    const message = `${is}, as if divided by zero: write a query that gives nothing where there is nothing to divide by`;
    return { ...measurement, verdict: 'Inconclusive', message };
  }
  return { ...measurement, verdict: 'Pass' };
}

/**
 * The values that pass, limits included. `threshold` is what `thresholdRange` was before: the least success rate, and the
 * most of everything else. A metric with neither has a threshold of 0 in Flagger, over which everything fails; of a success
 * rate nothing would, so that it has no range here. `validate` refuses both.
 */
export function rangeOf({ name, threshold, thresholdRange }: Judged): JudgedRange {
  if (thresholdRange !== undefined) return thresholdRange;
  if (name !== 'request-success-rate') return { max: threshold ?? 0 };
  return threshold === undefined ? {} : { min: threshold };
}

/** Of a template's query only its author knows the unit. */
function unitOf({ name, templateRef, query = '' }: Judged): '' | '%' | ' ms' {
  if (templateRef !== undefined || query !== '' || !isBuiltInCheck(name)) return '';
  return name === 'request-success-rate' ? '%' : ' ms';
}

/** Six digits, but never a value rounded to the very limit that it misses. */
function nearly(value: number, { min, max }: JudgedRange): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const rounded = Number(value.toPrecision(6));
  return String(rounded === min || rounded === max ? value : rounded);
}
