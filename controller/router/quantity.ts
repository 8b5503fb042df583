const FACTORS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};
/** The API server never takes a longer one, and no weight needs one. */
const LONGEST = 64;

/**
 * What a Kubernetes Quantity says, as a number or as a text; `undefined` for what is none or below 0.
 *
 *     quantityOf('500m') === 0.5
 *     quantityOf('1e2') === 100
 *     quantityOf(100) === 100
 */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const [, digits = '', exponent = '', suffix = ''] =
    /^\+?(\d+(?:\.\d*)?|\.\d+)(?:([eE][-+]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(value) ?? [];
  const number = Number(digits + exponent) * (FACTORS[suffix] ?? 1);
  return digits === '' || !Number.isFinite(number) ? undefined : number;
}
