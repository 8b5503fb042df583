import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { changeTargets } from '../decide/change-targets.ts';
import type { WaitFlags } from '../decide/flags.ts';
import { imageChange, namesAndImages } from '../decide/image-change.ts';
import type { ExitCode } from '../exit-code.ts';

export function run(context: Context, [args = []]: Args, flags: WaitFlags): Promise<ExitCode> {
  const { names, images } = namesAndImages(args as readonly string[]);
  return changeTargets(context, flags, {
    ...{ command: 'set image', done: 'image updated', names },
    changeOf(target) {
      const change = imageChange(target, images, flags.reason);
      return Promise.resolve(
        change === undefined ? { kind: 'unchanged', why: 'it has these images' } : { kind: 'change', change },
      );
    },
  });
}
