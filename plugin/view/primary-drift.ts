import type { Canary } from '../../api/generated/canary.ts';

/** What is known of a primary that somebody has changed, so that what serves is not what was promoted; `undefined` of any other. */
export function primaryDrift({ status = {} }: Canary): string | undefined {
  const inSync = status.conditions?.find(({ type }) => type === 'PrimaryInSync');
  return inSync?.status === 'False' ? (inSync.message ?? 'it is not as it was promoted') : undefined;
}
