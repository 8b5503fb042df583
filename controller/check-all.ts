import type { CheckStatus } from '../api/generated/canary.ts';
import type { Clock } from '../kube/clock.ts';
import { createTurns } from '../kube/transport/turns.ts';

/** What a check found; who asked what and when is added. */
export type Checked = Omit<CheckStatus, 'kind' | 'name' | 'checkedAt'>;

const AT_A_TIME = 8;
/** What the status has room for. */
const LONGEST_MESSAGE = 1024;

/**
 * Checks all items side by side; the results in the order of the items.
 *
 * @throws the signal's reason where it aborts: checks that were broken off say nothing about the canary
 */
export async function checkAll<T extends { readonly name: string }>(
  kind: CheckStatus['kind'],
  items: readonly T[],
  check: (item: T) => Promise<Checked>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly CheckStatus[]> {
  const turns = createTurns(AT_A_TIME);
  const checks = items.map((item) =>
    turns.take(signal, async (): Promise<CheckStatus> => {
      const { message = '', ...found } = await check(item);
      return {
        ...{ kind, name: item.name, ...found },
        ...(message === '' ? {} : { message: message.slice(0, LONGEST_MESSAGE) }),
        checkedAt: clock.date().toISOString(),
      };
    }),
  );
  // All of them, so that none is still under way when this has thrown.
  await Promise.allSettled(checks);
  signal.throwIfAborted();
  return Promise.all(checks);
}
