import type { CanaryStatus, CheckStatus, Measurement } from '../../api/generated/canary.ts';

/** As many as the status takes: what a person can still see a trend in. */
const MAX_MEASUREMENTS = 20;

/** Checks with what each of them came to before, in this release, and now; oldest first. */
export function withMeasurements(
  checks: readonly CheckStatus[],
  { checks: before = [], desiredWeight = 0 }: CanaryStatus,
): readonly CheckStatus[] {
  return checks.map((check) => {
    const { kind, name, verdict, value, checkedAt } = check;
    if (checkedAt === undefined) return check;
    const earlier = before.find((each) => each.kind === kind && each.name === name)?.measurements ?? [];
    // The answer of a hook is judged again while a gate behind it is closed.
    if (earlier.at(-1)?.checkedAt === checkedAt) return { ...check, measurements: earlier };
    const now: Measurement = { checkedAt, verdict, ...(value !== undefined && { value }), weight: desiredWeight };
    return { ...check, measurements: [...earlier, now].slice(-MAX_MEASUREMENTS) };
  });
}
