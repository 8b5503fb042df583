import { promDuration } from '../prom-ql.ts';

/** A metric and the matchers that leave the canary's series of it. */
export interface Series {
  readonly metric: string;
  /** `namespace="test",pod=~"podinfo-.+"` */
  readonly matchers: string;
  readonly interval: string;
}

/**
 * Percent of the requests whose status does not begin with 5, NaN where there are none. Counted from the errors: where all
 * is well it is 100 to the last digit, whatever order the series are added up in, and where no request went well there
 * need not be a series for it to be 0.
 */
export function successRate(series: Series, statusLabel: string): string {
  return unfailedRate(series, `${statusLabel}=~"5.*"`);
}

/** The same of the requests that another matcher leaves: who counts may say itself what has failed. */
export function unfailedRate({ metric, matchers, interval }: Series, failure: string): string {
  const window = promDuration(interval);
  const all = `sum(rate(${metric}{${matchers}}[${window}]))`;
  const failed = `sum(rate(${metric}{${matchers},${failure}}[${window}]))`;
  return `100 - 100 * ((${failed} or vector(0)) / ${all})`;
}

/** The 99th percentile of a histogram in its own unit, NaN where nothing was observed. */
export function p99({ metric, matchers, interval }: Series): string {
  return `histogram_quantile(0.99, sum by (le) (rate(${metric}{${matchers}}[${promDuration(interval)}])))`;
}
