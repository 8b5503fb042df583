import { type CheckRow, shownValue } from './check-rows.ts';
import { verdictTone } from './check-table.ts';
import { type Look, toned } from './look.ts';
import { sparkline } from './sparkline.ts';
import { textBlock, wrapped } from './text-block.ts';

/** What each check measured in this release, oldest first, with the limit that it was judged by. */
export function analysisLines(checks: readonly CheckRow[], look: Look): readonly string[] {
  return checks.flatMap((check, index) => [...(index === 0 ? [] : ['']), ...checkLines(check, look)]);
}

function checkLines(check: CheckRow, look: Look): readonly string[] {
  const { name, limit, verdict, value, measurements, message } = check;
  const now =
    verdict === undefined ? 'not measured yet' : `${toned(look, verdictTone(verdict), verdict)} ${value}`.trimEnd();
  const title = `${toned(look, 'strong', name)}${limit === '' ? '' : ` ${limit}`}: ${now}`;
  const why = verdict === 'Pass' || message === undefined ? [] : wrapped(message, look.columns - 2);
  const values = measurements.map((each) => each.value);
  const hasValues = values.some((each) => each !== undefined);
  const bars = hasValues ? [`  ${sparkline(values, look)}  ${extremes(name, values)}`] : [];
  const titles = ['TIME', 'WEIGHT', 'VALUE', 'VERDICT'].map((text) => toned(look, 'faint', text));
  const rows = measurements.map((each) => [
    each.checkedAt,
    each.weight === undefined ? '' : `${each.weight}%`,
    shownValue(name, each.value),
    toned(look, verdictTone(each.verdict), each.verdict),
  ]);
  const table = rows.length === 0 ? [] : textBlock([titles, ...rows], look);
  return [title, ...why.map((line) => `  ${toned(look, 'faint', line)}`), ...bars, ...table];
}

function extremes(name: string, values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  return `${shownValue(name, least)} to ${shownValue(name, greatest)}`;
}
