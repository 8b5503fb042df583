import type { Canary, CheckStatus } from '../../api/generated/canary.ts';
import { textWidth } from '../output/text-width.ts';
import { inTime } from './cause-text.ts';
import { type CheckRow, checkRows } from './check-rows.ts';
import { glyph, type Look, type Tone, toned } from './look.ts';
import { readableAnalysis } from './readable-analysis.ts';
import { sparkline } from './sparkline.ts';
import { textBlock, wrapped } from './text-block.ts';

/** As much of a sparkline as helps. */
const MAX_BARS = 20;
const MIN_BARS = 8;
/** Wider than any line: tables are not wrapped. */
const UNLIMITED = 1000;

/** The last verdict of each check, with the limit that it is judged by and its values before. */
export function checkLines(
  canary: Canary,
  { now, look }: { readonly now: Date; readonly look: Look },
): readonly string[] {
  const rows = checkRows(canary);
  if (rows.length === 0) return [];
  const { status = {}, spec } = canary;
  const limit = readableAnalysis(spec)?.threshold ?? 0;
  const { failedChecks = 0, nextCheckAt, paused } = status;
  // Nothing is measured while it is held.
  const isHeld = spec.suspend === true || paused !== undefined;
  const next = nextCheckAt === undefined || isHeld ? '' : inTime(nextCheckAt, now);
  const failures = toned(look, failedChecks > 0 ? 'attention' : undefined, `${failedChecks} of ${limit} failures`);
  const title = `${toned(look, 'strong', 'Checks')}  ${failures}${next === '' ? '' : `, next ${next}`}`;
  const titles = ['', 'CHECK', 'VALUE', 'LIMIT', 'VERDICT', 'FAILS', 'NEXT', 'LAST'].map((text) =>
    toned(look, 'faint', text),
  );
  const cells = rows.map((row) => cellsOf(row, { look, limit, next }));
  const room =
    look.columns -
    Math.max(
      ...textBlock([titles, ...cells.map((row) => [...row, ''])], { columns: UNLIMITED }).map((line) =>
        textWidth(line),
      ),
    ) -
    2;
  const bars = Math.max(MIN_BARS, Math.min(MAX_BARS, room));
  const table = cells.map((row, index) => {
    const values = (rows[index]?.measurements ?? []).slice(-bars).map(({ value }) => value);
    return [...row, values.every((value) => value === undefined) ? '' : sparkline(values, look)];
  });
  const lines = textBlock([titles, ...table], { columns: UNLIMITED });
  return [title, lines[0] ?? '', ...rows.flatMap((row, index) => [lines[index + 1] ?? '', ...messageLines(row, look)])];
}

function cellsOf(row: CheckRow, { look, limit, next }: { look: Look; limit: number; next: string }): readonly string[] {
  const tone = verdictTone(row.verdict);
  const sign =
    row.verdict === undefined
      ? 'ahead'
      : row.verdict === 'Pass'
        ? 'done'
        : row.verdict === 'Fail'
          ? 'failed'
          : 'unknown';
  const fails = row.measurements.length === 0 ? '' : `${row.failures}/${limit}`;
  return [
    toned(look, tone, glyph(look, sign)),
    row.name,
    row.value,
    row.limit,
    toned(look, tone, row.verdict ?? 'none yet'),
    fails,
    next.replace(/^in /, ''),
  ];
}

function messageLines({ verdict, message }: CheckRow, look: Look): readonly string[] {
  if (message === undefined || verdict === 'Pass') return [];
  return wrapped(message, look.columns - 5).map((line) => `     ${toned(look, 'faint', line)}`);
}

export function verdictTone(verdict: CheckStatus['verdict'] | undefined): Tone | undefined {
  switch (verdict) {
    case 'Pass':
      return 'good';
    case 'Fail':
    case 'Error':
      return 'bad';
    case 'Inconclusive':
    case 'NoData':
      return 'attention';
    case undefined:
      return 'faint';
  }
}
