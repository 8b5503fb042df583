import { usageError } from '../command-error.ts';

/** What `--for` waits for. */
export type WaitGoal =
  /** Of the canary, whatever it releases. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'initialized' }
  | { readonly kind: 'deleted' }
  /** Of a release. */
  | ReleaseGoal;

export type ReleaseGoal = EndGoal | WayGoal;

type EndGoal = { readonly kind: 'promoted' } | { readonly kind: 'failed' } | { readonly kind: 'finished' };

/** A point on the way of a release. */
export type WayGoal =
  | { readonly kind: 'started' }
  | { readonly kind: 'paused' }
  /** A gate that a person opens: that one, or any. */
  | { readonly kind: 'gate'; readonly gate?: string }
  /** At least so many percent of the requests. */
  | { readonly kind: 'weight'; readonly percent: number };

const PLAIN = ['promoted', 'failed', 'finished', 'started', 'paused', 'ready', 'initialized', 'deleted'] as const;

const WAIT_GOALS: readonly string[] = [...PLAIN, 'gate', 'gate=NAME', 'weight=PERCENT'];

/** @throws {CommandError} for what cannot be waited for */
export function waitGoalOf(text: string): WaitGoal {
  const kind = PLAIN.find((plain) => plain === text.toLowerCase());
  if (kind !== undefined) return { kind };
  const [, name, value = ''] = /^(gate|weight)(?:=(.+))?$/i.exec(text) ?? [];
  if (name?.toLowerCase() === 'gate') return { kind: 'gate', ...(value !== '' && { gate: value }) };
  const percent = Number(value);
  if (name !== undefined && /^\d+$/.test(value) && percent >= 1 && percent <= 100) return { kind: 'weight', percent };
  throw usageError(`--for=${text} cannot be waited for: there are ${WAIT_GOALS.join(', ')}`);
}
