import type { Canary } from '../../api/generated/canary.ts';
import { ageOf, humanDuration } from './age.ts';
import { inTime } from './cause-text.ts';
import { type Glyph, glyph, type Look, type Tone, toned } from './look.ts';
import { type ReleaseSteps, releaseSteps, type StepRow } from './step-rows.ts';
import { textBlock } from './text-block.ts';

interface StepOptions {
  readonly now: Date;
  readonly look: Look;
}

/** Of more steps than this, those around the cursor are shown. */
const MAX_ROWS = 9;
const BEFORE = 2;
const AFTER = 4;

const SIGNS: Readonly<Record<StepRow['state'], readonly [Glyph, Tone | undefined]>> = {
  done: ['done', 'good'],
  current: ['current', 'active'],
  ahead: ['ahead', 'faint'],
  failed: ['failed', 'bad'],
  skipped: ['ahead', 'faint'],
  unreached: ['ahead', 'faint'],
};

/** The steps of a release with a cursor, and how long they have taken and will take. */
export function stepLines(canary: Canary, { now, look }: StepOptions): readonly string[] {
  const steps = releaseSteps(canary, now);
  if (steps.rows.length === 0) return [];
  const cells = folded(steps).map((row) =>
    'from' in row ? foldedCells(row, look) : stepCells(row, steps, { now, look }),
  );
  return [`${toned(look, 'strong', 'Steps')}  ${summaryOf(steps)}`, ...textBlock(cells, look)];
}

function summaryOf({ rows, current, elapsedMs, leftMs, isHeld }: ReleaseSteps): string {
  const isPlanned = rows.every(({ state }) => state === 'ahead') && current === 0 && leftMs === undefined;
  const at = isPlanned ? `${rows.length} for the next release` : `${current} of ${rows.length}`;
  const elapsed = elapsedMs === undefined ? '' : `, ${humanDuration(elapsedMs)} elapsed`;
  const left =
    leftMs === undefined || leftMs === 0
      ? ''
      : `, ${humanDuration(leftMs)} left at least${isHeld ? ' once it goes on' : ''}`;
  return `${at}${elapsed}${left}`;
}

interface Folded {
  readonly from: StepRow;
  readonly to: StepRow;
}

function folded({ rows, current }: ReleaseSteps): readonly (StepRow | Folded)[] {
  if (rows.length <= MAX_ROWS) return rows;
  const cursor = Math.max(1, current);
  const first = Math.max(1, Math.min(cursor - BEFORE, rows.length - BEFORE - AFTER));
  const last = Math.min(rows.length, Math.max(first + BEFORE + AFTER, 0));
  return [...fold(rows.slice(0, first - 1)), ...rows.slice(first - 1, last), ...fold(rows.slice(last))];
}

function fold(rows: readonly StepRow[]): readonly (StepRow | Folded)[] {
  const [from] = rows;
  const to = rows.at(-1);
  return from === undefined || to === undefined || from === to ? rows : [{ from, to }];
}

function foldedCells({ from, to }: Folded, look: Look): readonly string[] {
  const [sign, tone] = SIGNS[from.state];
  const isSame = from.weight === to.weight;
  const weights = isSame ? `${to.weight}%` : `${from.weight}${glyph(look, 'more')}${to.weight}%`;
  return [
    toned(look, tone, glyph(look, sign)),
    `${from.step}-${to.step}`,
    weights,
    toned(look, 'faint', STATES[from.state]),
  ];
}

const STATES: Readonly<Record<StepRow['state'], string>> = {
  ...{ done: 'passed', current: 'now', ahead: '', failed: 'failed', skipped: 'left out', unreached: 'not reached' },
};

function stepCells(row: StepRow, steps: ReleaseSteps, options: StepOptions): readonly string[] {
  const { look } = options;
  const [sign, tone] = SIGNS[row.state];
  const text = toned(look, row.state === 'current' ? 'active' : 'faint', stateText(row, options));
  return [toned(look, tone, glyph(look, sign)), String(row.step), trafficText(row, steps), text];
}

/** `20%`, `100% of those that match`, `copies of 100%`, `100%, the switch`. */
function trafficText({ weight, mirrorWeight, isSwitch }: StepRow, { isMatched }: ReleaseSteps): string {
  if (mirrorWeight > 0) return `${weight}%, copies of ${mirrorWeight}%`;
  if (isSwitch) return `${weight}%, the switch`;
  return isMatched ? `${weight}% of those that match` : `${weight}%`;
}

function stateText({ state, at, due }: StepRow, { now }: StepOptions): string {
  switch (state) {
    case 'done':
      return at === undefined ? 'passed' : `passed ${ageOf(at, now)} ago`;
    case 'current': {
      const held = at === undefined ? 'now' : `for ${ageOf(at, now)}`;
      return due === undefined ? held : `${held}, judged ${inTime(due, now)}`;
    }
    case 'ahead':
      return due === undefined ? '' : `${inTime(due, now)} at the earliest`;
    case 'failed':
    case 'skipped':
    case 'unreached':
      return STATES[state];
  }
}
