/**
 * What the plugin exits with, and kubectl after it.
 *
 * - `OK`: done, or what was waited for is reached.
 * - `FAILED`: an error, or what was named is not there. For `diff`: there is a difference.
 * - `USAGE`: the command line cannot be used. Nothing was asked of the cluster. For `diff`: every error.
 * - `UNCHANGED`: there was nothing to do, and `--error-unchanged` was given.
 * - `ROLLED_BACK`: the release that was waited for has failed.
 * - `AT_A_GATE`: the release that was waited for needs a person.
 * - `TIMEOUT`, `INTERRUPTED`: as coreutils' `timeout` and shells have them.
 */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  UNCHANGED: 3,
  ROLLED_BACK: 4,
  AT_A_GATE: 5,
  TIMEOUT: 124,
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
