import type { Context } from '../context.ts';
import { visibleInLine } from './visible.ts';

/** The alternate screen of a terminal: what was on it before is there again when it is left. */
export interface Screen {
  /** As many lines as the screen has, each no wider than it; what was there before is gone. */
  show(lines: readonly string[], rows: number): void;
  /** Gives the terminal back. Once is enough, and twice does no harm. */
  leave(): void;
}

const ESC = '\u001B';
/** Private modes of xterm: the alternate screen, and the cursor hidden. */
const ENTER = `${ESC}[?1049h${ESC}[?25l`;
const LEAVE = `${ESC}[?25h${ESC}[?1049l`;
/** A terminal that knows it shows a frame as a whole; others pass over it. */
const FRAME = { begin: `${ESC}[?2026h${ESC}[H`, end: `${ESC}[?2026l` };
/** Each line is cleared before it is written: behind a line as wide as the screen there is nothing to clear. */
const CLEAR_LINE = `${ESC}[2K`;

/** Takes the terminal, until it is left or the signal aborts. */
export function openScreen({ out, signal }: Pick<Context, 'out' | 'signal'>): Screen {
  let isOpen = true;
  function leave(): void {
    if (!isOpen) return;
    isOpen = false;
    signal.removeEventListener('abort', leave);
    out.writeRaw(LEAVE);
  }
  out.writeRaw(ENTER);
  // At once, and not when everything else has ended.
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return {
    show(lines, rows) {
      const empty = Array.from({ length: Math.max(0, rows - lines.length) }, () => '');
      if (isOpen)
        out.writeRaw(
          FRAME.begin + [...lines, ...empty].map((line) => CLEAR_LINE + visibleInLine(line)).join('\r\n') + FRAME.end,
        );
    },
    leave,
  };
}
