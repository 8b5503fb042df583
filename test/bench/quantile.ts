/** The value that such a share of all do not exceed, by rank: of 50, the 0.99 quantile is the greatest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `12 ms, p99 34 ms` */
export function medianAndP99(values: readonly number[], text: (value: number) => string): string {
  return `${text(quantile(values, 0.5))}, p99 ${text(quantile(values, 0.99))}`;
}
