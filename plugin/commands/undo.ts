import { revisionOf, shortRevision } from '../../api/revision.ts';
import { readKeptRevisions } from '../cluster/kept-revisions.ts';
import { CommandError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { changeTargets } from '../decide/change-targets.ts';
import type { WaitFlags } from '../decide/flags.ts';
import { wholeChange } from '../decide/target-change.ts';
import { undoRevision } from '../decide/undo-revision.ts';
import type { ExitCode } from '../exit-code.ts';

interface UndoFlags extends WaitFlags {
  readonly toRevision?: string;
}

export function run(context: Context, [names = []]: Args, flags: UndoFlags): Promise<ExitCode> {
  return changeTargets(context, flags, {
    ...{ command: 'undo', done: 'rolled back', names: names as readonly string[] },
    async changeOf(target, canary, cluster) {
      const { template } = target.spec;
      const kept = await readKeptRevisions(cluster, canary, context);
      const back = undoRevision(canary.status ?? {}, template, kept, flags.toRevision);
      const detail = `revision ${shortRevision(back.revision)}`;
      if (back.of === 'primary') {
        throw new CommandError(
          `${detail} is kept as the primary had it, and was never the target’s: apply it yourself`,
        );
      }
      if (revisionOf(back.template) === revisionOf(template)) {
        return { kind: 'unchanged', why: `it has the pod template of ${detail}` };
      }
      return { kind: 'change', change: wholeChange(target, back.template, flags.reason), detail };
    },
  });
}
