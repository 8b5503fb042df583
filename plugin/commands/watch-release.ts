import { followRelease } from '../cluster/follow-release.ts';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { createRepainter } from '../output/repainter.ts';
import { openScreen } from '../output/screen.ts';
import { clipped } from '../view/clipped.ts';
import { releaseChanges } from '../view/release-changes.ts';
import { releaseEnd } from '../view/release-end.ts';
import type { SeenRelease } from '../view/seen-release.ts';
import { statusScreen } from '../view/status-lines.ts';
import { printStatus } from './print-status.ts';

interface Shows {
  show(seen: SeenRelease): void;
  /** Gives the terminal back. */
  end(): void;
}

/** Ages count on. */
const TICK_MS = 1000;

/**
 * Shows a release until it has ended: on a terminal as a screen that is painted anew, elsewhere as lines with a time. One of
 * which nothing is under way is shown, and has ended.
 *
 * @returns `OK` where the target's revision is promoted, `ROLLED_BACK` where it is not
 * @throws {CommandError} when the canary is deleted meanwhile
 */
export async function watchRelease(
  context: Context,
  name: string,
  { events }: { readonly events: number },
): Promise<ExitCode> {
  const cluster = await context.cluster();
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const isScreen = context.out.isTerminal && context.env['TERM'] !== 'dumb';
  let fault: Error | undefined;
  /** What goes wrong while something is shown ends it, and is told once the terminal has been given back. */
  const guarded = (show: () => void): void => {
    try {
      show();
    } catch (error) {
      fault ??= error instanceof Error ? error : new Error(String(error));
      over.abort();
    }
  };
  const shows = isScreen ? onScreen(context, { events, signal, guarded }) : asLines(context);
  let last: SeenRelease | undefined;
  let wasUnderWay = false;
  let end: ReturnType<typeof releaseEnd>;
  let isGone = false;
  try {
    const take = (seen: SeenRelease | undefined) => {
      isGone = seen === undefined;
      last = seen ?? last;
      if (seen !== undefined) shows.show(seen);
      end = seen === undefined ? undefined : releaseEnd(seen);
      wasUnderWay ||= end === undefined;
      if (isGone || end !== undefined) over.abort();
    };
    await followRelease(cluster, name, { clock: context.clock, signal }, (seen) => guarded(() => take(seen)));
  } finally {
    // Nothing is followed any more, also where it could not be read.
    over.abort();
    shows.end();
  }
  if (context.signal.aborted) return EXIT.INTERRUPTED;
  if (fault !== undefined) throw fault;
  if (isGone) throw new CommandError(`canary ${name} was deleted while it was watched`);
  if (isScreen && last !== undefined) printStatus(context, last, events);
  // What was reverted before is at rest with what is promoted.
  return end === 'failed' || (end === 'reverted' && wasUnderWay) ? EXIT.ROLLED_BACK : EXIT.OK;
}

interface ScreenOptions {
  readonly events: number;
  readonly signal: AbortSignal;
  readonly guarded: (show: () => void) => void;
}

function onScreen({ out, terminal, clock, signal: interrupted }: Context, options: ScreenOptions): Shows {
  const { events, signal, guarded } = options;
  let seen: SeenRelease | undefined;
  let screen: ReturnType<typeof openScreen> | undefined;
  const repainter = createRepainter(clock, () => guarded(paint));
  function paint(): void {
    if (seen === undefined || signal.aborted) return;
    // Not before there is something to show: what goes wrong before is said in a line on the usual screen.
    screen ??= openScreen({ out, signal: interrupted });
    const { columns, rows } = terminal.size();
    const look = { columns, hasColor: terminal.hasColor, hasUnicode: terminal.hasUnicode };
    screen.show(clipped(statusScreen(seen, { now: clock.date(), look, events }), rows, look), rows);
  }
  terminal.onResize(() => repainter.request(), signal);
  let cancel = clock.after(TICK_MS, tick);
  function tick(): void {
    repainter.request();
    cancel = clock.after(TICK_MS, tick);
  }
  return {
    show(next) {
      seen = next;
      repainter.request();
    },
    end() {
      repainter.stop();
      cancel();
      screen?.leave();
    },
  };
}

function asLines({ out, clock }: Context): Shows {
  let before: SeenRelease | undefined;
  return {
    show(seen) {
      const time = clock.date().toISOString();
      const { name } = seen.canary.metadata;
      out.write(
        releaseChanges(before, seen)
          .map((line) => `${time} ${name} ${line}\n`)
          .join(''),
      );
      before = seen;
    },
    end: () => undefined,
  };
}
