import type { Canary } from '../../api/generated/canary.ts';

/** Where a release stands, in a line that changes as it goes on: `Progressing, step 2/5, weight 20, StepInterval until 14:03:20`. */
export function canaryState({ status = {} }: Canary): string {
  const { phase, ending, summary = {}, actualWeight, waitingFor } = status;
  const gate = waitingFor?.gate === undefined ? '' : ` ${waitingFor.gate}`;
  return [
    phase === undefined || phase === '' ? 'not seen by the controller yet' : phase,
    ...(ending === undefined ? [] : [`ending as ${ending.result}: ${ending.reason}`]),
    ...(summary.step === undefined ? [] : [`step ${summary.step}`]),
    ...(summary.step === undefined || actualWeight === undefined ? [] : [`weight ${actualWeight}`]),
    ...(summary.next === undefined ? [] : [`${summary.next}${gate}`]),
  ].join(', ');
}
