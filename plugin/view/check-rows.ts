import type { Canary, CheckStatus, JudgedRange, Measurement, Metric } from '../../api/generated/canary.ts';
import { shownAs } from '../../controller/decide/texts.ts';
import { readableAnalysis } from './readable-analysis.ts';

/** One check of a release, measured or not. */
export interface CheckRow {
  readonly kind: CheckStatus['kind'];
  readonly name: string;
  /** Of the last measurement; undefined before the first. */
  readonly verdict?: CheckStatus['verdict'];
  /** `99.17%`; empty where there is none. */
  readonly value: string;
  /** `>= 99%`; empty of a hook. */
  readonly limit: string;
  readonly checkedAt?: string;
  readonly message?: string;
  /** Of those that are remembered, how many did not pass. */
  readonly failures: number;
  readonly measurements: readonly Measurement[];
}

/** The checks of a release: those of the spec in its order, then the hooks that have answered. */
export function checkRows({ spec, status }: Canary): readonly CheckRow[] {
  const { metrics = [] } = readableAnalysis(spec) ?? {};
  const checks = status?.checks ?? [];
  const isMetric = (name: string) => (check: CheckStatus) => check.kind === 'Metric' && check.name === name;
  const named = metrics.map((metric) => {
    const check = checks.find(isMetric(metric.name));
    return check === undefined ? unmeasured(metric) : rowOf(check, rangeOf(metric));
  });
  const others = checks.filter(
    ({ kind, name }) => kind === 'Webhook' || !metrics.some((metric) => metric.name === name),
  );
  return [...named, ...others.map((check) => rowOf(check))];
}

function unmeasured(metric: Metric): CheckRow {
  const limit = shownLimit(metric.name, rangeOf(metric));
  return { kind: 'Metric', name: metric.name, value: '', limit, failures: 0, measurements: [] };
}

function rowOf(check: CheckStatus, range?: JudgedRange): CheckRow {
  const { kind, name, verdict, value, thresholdRange = range, checkedAt, message, measurements = [] } = check;
  return {
    ...{ kind, name, verdict, measurements },
    value: shownValue(name, value),
    limit: shownLimit(name, thresholdRange),
    failures: measurements.filter((each) => each.verdict !== 'Pass').length,
    ...(checkedAt !== undefined && { checkedAt }),
    // Of a value that is out of its limits, it says the same once more.
    ...(message !== undefined && message !== '' && !(verdict === 'Fail' && value !== undefined) && { message }),
  };
}

/** The old form of a range is a least value of the success rate, and a greatest of all else. */
function rangeOf({ name, threshold, thresholdRange }: Metric): JudgedRange | undefined {
  if (thresholdRange !== undefined || threshold === undefined) return thresholdRange;
  return name === 'request-success-rate' ? { min: threshold } : { max: threshold };
}

/** A measured value as events have it: `69.17%`, `2.525s`, `12.5`. */
export function shownValue(name: string, value: number | undefined): string {
  return value === undefined ? '' : shownAs(name)[1](value, true);
}

/** `>= 99%`, `<= 500ms`, `1 to 5`. */
function shownLimit(name: string, { min, max }: JudgedRange = {}): string {
  const [, shown] = shownAs(name);
  if (min !== undefined && max !== undefined) return `${shown(min, false)} to ${shown(max, false)}`;
  if (min !== undefined) return `>= ${shown(min, false)}`;
  return max === undefined ? '' : `<= ${shown(max, false)}`;
}
