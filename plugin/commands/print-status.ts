import type { Context } from '../context.ts';
import type { SeenRelease } from '../view/seen-release.ts';
import { statusScreen } from '../view/status-lines.ts';

/** The status as it is, whole, once. */
export function printStatus({ out, terminal, clock }: Context, seen: SeenRelease, events: number): void {
  const columns = terminal.lineWidth();
  const look = { columns, hasColor: terminal.hasColor, hasUnicode: terminal.hasUnicode };
  const { body, foot } = statusScreen(seen, { now: clock.date(), look, events });
  out.write(`${[...body, ...foot].join('\n')}\n`);
}
