import type { CanaryStatus } from '../../api/generated/canary.ts';

/** When canaries that were asked for the same at once came to where. */
export interface Timeline {
  saw(name: string, status: CanaryStatus): void;
  /** `4.1 to 9.8 s, half by 7.0: 100 Progressing at 25 %, ...`, in the order of the first that came there. */
  lines(): readonly string[];
}

/** @param started by `performance.now` */
export function startTimeline(started: number): Timeline {
  const lastOf = new Map<string, string>();
  const cameAt = new Map<string, number[]>();
  return {
    saw(name, { phase = 'new', actualWeight = 0, waitingFor, ending }) {
      const waits = waitingFor === undefined ? '' : `, waiting for ${waitingFor.reason}`;
      const state = `${phase} at ${actualWeight} %${ending === undefined ? '' : ', ending'}${waits}`;
      if (lastOf.get(name) === state) return;
      lastOf.set(name, state);
      cameAt.set(state, [...(cameAt.get(state) ?? []), (performance.now() - started) / 1000]);
    },
    lines: () =>
      [...cameAt].map(([state, seconds]) => {
        const [first = 0, half = 0, last = 0] = [0, 0.5, 1].map(
          (share) => seconds[Math.floor((seconds.length - 1) * share)],
        );
        return `${first.toFixed(1)} to ${last.toFixed(1)} s, half by ${half.toFixed(1)}: ${seconds.length} ${state}`;
      }),
  };
}
