import { readKeptRevisions } from '../cluster/kept-revisions.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { changeTargets } from '../decide/change-targets.ts';
import type { WaitFlags } from '../decide/flags.ts';
import { restartChange, restartUnderWay } from '../decide/restart-change.ts';
import type { ExitCode } from '../exit-code.ts';

export function run(context: Context, [names = []]: Args, flags: WaitFlags): Promise<ExitCode> {
  const { clock } = context;
  return changeTargets(context, flags, {
    ...{ command: 'restart', done: 'restarted', names: names as readonly string[] },
    async changeOf(target, canary, cluster) {
      const kept = await readKeptRevisions(cluster, canary, context);
      const since = restartUnderWay(target, canary.status ?? {}, kept);
      return since === undefined
        ? { kind: 'change', change: restartChange(target, clock.date(), flags.reason) }
        : { kind: 'unchanged', why: `its restart of ${since} is under way` };
    },
  });
}
