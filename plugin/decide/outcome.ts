import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Printed } from '../output/object-printer.ts';
import type { DryRun } from './flags.ts';

/** What became of one canary or its target. */
export interface Outcome {
  readonly kind: 'changed' | 'unchanged' | 'timeout';
  /** `canary.flagger.app/podinfo` */
  readonly subject: string;
  /** `promoted`; of a timeout a whole sentence. */
  readonly done: string;
  /** In brackets: how far, or why it is unchanged. */
  readonly detail?: string | undefined;
  /** For `-o`: what was written, as the API server answered. Nothing where nothing had to be. */
  readonly object?: Printed;
}

/**
 * As kubectl tells what it has done.
 *
 *     canary.flagger.app/podinfo promoted (step 3 -> 4)
 *     canary.flagger.app/podinfo unchanged (it is paused already: jane asked for it)
 *     deployment.apps/podinfo image updated (server dry run)
 */
export function outcomeLine({ kind, subject, done, detail }: Outcome, dryRun: DryRun): string {
  const what = kind === 'unchanged' ? 'unchanged' : done;
  return `${subject} ${what}${inBrackets(detail)}${inBrackets(DRY_RUN[dryRun])}`;
}

const DRY_RUN = { none: undefined, client: 'dry run', server: 'server dry run' } as const;

function inBrackets(text: string | undefined): string {
  return text === undefined || text === '' ? '' : ` (${text})`;
}

/** Of several: a failure before what took too long, and that before what had to be done no more. */
export function exitCodeOf(
  kinds: readonly (Outcome['kind'] | 'failed')[],
  { errorUnchanged }: { readonly errorUnchanged?: boolean },
): ExitCode {
  if (kinds.includes('failed')) return EXIT.FAILED;
  if (kinds.includes('timeout')) return EXIT.TIMEOUT;
  return errorUnchanged === true && kinds.includes('unchanged') ? EXIT.UNCHANGED : EXIT.OK;
}
