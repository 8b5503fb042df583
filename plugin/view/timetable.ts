import { formatDuration } from '../../api/duration.ts';
import { type Column, createTable } from '../output/table.ts';
import type { Bad, PlannedCheck, Row, Timetable, Wait } from '../plan/timetable.ts';

/** A timetable for people: its rows, what is checked, and what it costs when a release is bad. */
export function timetableLines(plan: Timetable): readonly string[] {
  return [
    `${plan.name} in namespace ${plan.namespace}: ${plan.target} ${howOf(plan)}`,
    '',
    ...createTable(columnsOf(plan)).lines(grouped(plan.rows)),
    '',
    ...checkLines(plan),
    `Promoted after ${time(plan.promotedAtSeconds)} at the earliest: pods, gateways, hooks and gates add what they take.`,
    ...exposureLines(plan),
    ...plan.notes.map((note) => `Note: ${note}.`),
  ];
}

function howOf({ strategy, rows, intervalSeconds, weightsAreOf }: Timetable): string {
  const steps = rows.filter(({ kind }) => kind === 'step').length;
  const scope = weightsAreOf === 'all requests' ? '' : ` of ${weightsAreOf}`;
  if (steps === 0) return strategy;
  return `${strategy}${scope}, ${steps} ${steps === 1 ? 'step' : 'steps'} of ${time(intervalSeconds)}`;
}

/** Steps that stand at the same as the one before, and wait for nothing, are one line. */
interface Group extends Row {
  readonly last?: number | undefined;
}

const columnsOf = ({ name }: Timetable): readonly Column<Group>[] => [
  { title: 'STEP', cell: titleOf },
  { title: 'FROM', cell: ({ atSeconds }) => time(atSeconds) },
  { title: 'WEIGHT', cell: ({ weight }) => `${weight}%` },
  { title: 'COPIES', cell: ({ mirrorWeight }) => (mirrorWeight === 0 ? '-' : `${mirrorWeight}%`) },
  { title: 'CHECKS', cell: ({ checks }) => (checks === 0 ? '-' : String(checks)) },
  { title: 'WAITS FOR', cell: ({ waitsFor }) => waitsFor.map((wait) => waitText(wait, name)).join(', ') || '-' },
];

function grouped(rows: readonly Row[]): readonly Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    const before = groups.at(-1);
    const isMore =
      row.kind === 'step' &&
      before?.kind === 'step' &&
      row.waitsFor.length === 0 &&
      row.weight === before.weight &&
      row.mirrorWeight === before.mirrorWeight;
    if (isMore) groups[groups.length - 1] = { ...before, last: row.step };
    else groups.push(row);
  }
  return groups;
}

function titleOf({ kind, step, steps, last }: Group): string {
  if (kind !== 'step') return kind;
  return `${step}${last === undefined ? '' : `-${last}`}/${steps}`;
}

function waitText({ name, isGate, url }: Wait, canary: string): string {
  if (!isGate) return `hook ${name}`;
  return url === undefined ? `gate ${name} (kubectl canary approve ${name} ${canary})` : `gate ${name} (${url})`;
}

function checkLines({ checks, intervalSeconds, rows }: Timetable): readonly string[] {
  if (checks.length === 0 || !rows.some(({ kind }) => kind === 'step')) return [];
  const table = createTable<PlannedCheck>(
    [
      { title: 'CHECK', cell: ({ name }) => `  ${name}` },
      { title: 'PASSES', cell: passes },
    ],
    { hasHeaders: false },
  );
  return [`Checked at each step, when it has been held for ${time(intervalSeconds)}:`, ...table.lines(checks), ''];
}

function passes({ kind, min, max, template, url }: PlannedCheck): string {
  if (kind === 'Webhook') return `when ${url} says so`;
  const limits = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])];
  const from = template === undefined ? '' : ` (MetricTemplate ${template})`;
  return `${limits.join(' and ') || 'with any value'}${from}`;
}

function exposureLines(plan: Timetable): readonly string[] {
  const { exposure, weightsAreOf, ifBad } = plan;
  if (!plan.rows.some(({ kind }) => kind === 'step')) return [];
  return [
    `Until then the canary answers ${exposure.average}% of ${weightsAreOf} on average, and ${exposure.most}% at most.`,
    ...ifBad.map((bad, index) => badLine(plan, bad, index === 0)),
  ];
}

function badLine({ weightsAreOf }: Timetable, bad: Bad, isFirst: boolean): string {
  const { fromStep, failedChecks, servesSeconds, average, most } = bad;
  const checks = `${failedChecks} failed ${failedChecks === 1 ? 'check' : 'checks'}`;
  const when = isFirst ? 'its first request on' : `step ${fromStep} on`;
  const share = average === most ? `${most}%` : `${average}% on average, and ${most}% at most,`;
  return `One that is bad from ${when} serves users for ${time(servesSeconds)}, which is ${checks}: ${share} of ${weightsAreOf}.`;
}

function time(seconds: number): string {
  return formatDuration(seconds * 1000);
}
