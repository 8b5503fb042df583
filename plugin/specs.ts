import type { CommandSpec } from './command-spec.ts';
import { abort } from './specs/abort.ts';
import { approve } from './specs/approve.ts';
import { check } from './specs/check.ts';
import { completion } from './specs/completion.ts';
import { analysis, events, tree, why } from './specs/explain.ts';
import { get } from './specs/get.ts';
import { diff, history } from './specs/history.ts';
import { lint } from './specs/lint.ts';
import { options } from './specs/options.ts';
import { pause } from './specs/pause.ts';
import { plan } from './specs/plan.ts';
import { promote } from './specs/promote.ts';
import { reject } from './specs/reject.ts';
import { restart } from './specs/restart.ts';
import { resume } from './specs/resume.ts';
import { retry } from './specs/retry.ts';
import { setImage } from './specs/set-image.ts';
import { status, watch } from './specs/status.ts';
import { undo } from './specs/undo.ts';
import { version } from './specs/version.ts';
import { wait } from './specs/wait.ts';

/** All commands, in the order in which help has them. */
export const SPECS: readonly CommandSpec[] = [
  ...[get, status, watch, why, wait, history, diff, analysis, events, tree],
  ...[promote, approve, reject, pause, resume, abort, retry, undo, setImage, restart],
  ...[plan, lint, check],
  ...[version, completion, options],
];
