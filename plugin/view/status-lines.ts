// One release on one screen.
import type { Canary } from '../../api/generated/canary.ts';
import { readableNames } from '../../api/names.ts';
import { shortRevision } from '../../api/revision.ts';
import { ageOf } from './age.ts';
import { type Cause, causeOf } from './cause.ts';
import { causeText } from './cause-text.ts';
import { checkLines } from './check-table.ts';
import { type GateRow, gateRows } from './gate-rows.ts';
import { glyph, type Look, type Tone, toned } from './look.ts';
import { primaryDrift } from './primary-drift.ts';
import type { SeenRelease, Workload } from './seen-release.ts';
import { stepLines } from './step-lines.ts';
import { textBlock, wrapped } from './text-block.ts';

export interface StatusOptions {
  readonly now: Date;
  readonly look: Look;
  /** How many of the last events are shown. */
  readonly events: number;
}

/** What is shown in two parts: when there is no room for all, it is the body that is cut. */
export interface StatusScreen {
  readonly body: readonly string[];
  /** What it waits for, and what to type. */
  readonly foot: readonly string[];
}

export function statusScreen(seen: SeenRelease, options: StatusOptions): StatusScreen {
  const sections = [
    headerLines(seen, options),
    stepLines(seen.canary, options),
    checkLines(seen.canary, options),
    gateLines(seen, options),
    podLines(seen, options),
    eventLines(seen, options),
    seen.unread.map((text) => toned(options.look, 'attention', text)),
  ];
  const body = sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']);
  return { body, foot: causeLines(causeOf(seen.canary), options) };
}

function headerLines({ canary, workloads }: SeenRelease, { now, look }: StatusOptions): readonly string[] {
  const { metadata, spec, status = {} } = canary;
  const { phase = '', lastTransitionTime, triggeredBy, startedAt, lastAppliedSpec, lastPromotedSpec } = status;
  const names = readableNames(spec);
  const target = names === undefined ? '<unknown>' : `${names.target.kind}/${names.target.name}`;
  const since = lastTransitionTime === undefined ? '' : ` for ${ageOf(lastTransitionTime, now)}`;
  const flags = [
    ...(spec.suspend === true ? ['suspended'] : []),
    ...(status.paused === undefined ? [] : [`paused by ${status.paused.by ?? 'somebody'}`]),
  ];
  const isAtRest = phase === 'Initialized' || phase === 'Succeeded';
  const revision = shortRevision(lastAppliedSpec ?? '') || '<none>';
  const before = shortRevision(lastPromotedSpec ?? '');
  const over = before === '' || isAtRest || before === revision ? '' : ` over ${before}`;
  const begun = startedAt === undefined ? '' : `, begun ${ageOf(startedAt, now)} ago`;
  const by = triggeredBy === undefined ? '' : ` by ${triggeredBy.username}`;
  const rows: (readonly [string, string])[] = [
    ['Canary', `${toned(look, 'strong', metadata.name)} in ${metadata.namespace}`],
    ['Target', `${target}, traffic by ${spec.provider ?? 'the default provider'}`],
    [
      'Phase',
      `${toned(look, phaseTone(canary), phase || '<unknown>')}${since}${flags.map((flag) => `, ${flag}`).join('')}`,
    ],
    ['Revision', `${revision}${over}${begun}${by}`],
    ...imageRows(workloads, look),
    ['Weight', weightText(canary, look)],
    ...driftRows(canary, look),
  ];
  return textBlock(rows, { columns: look.columns, indent: 0 });
}

function phaseTone({ status }: Canary): Tone | undefined {
  switch (status?.phase) {
    case 'Initialized':
    case 'Succeeded':
      return 'good';
    case 'Failed':
      return 'bad';
    case 'Waiting':
    case 'WaitingPromotion':
      return 'attention';
    case 'Progressing':
    case 'Promoting':
    case 'Finalising':
    case 'Initializing':
      return 'active';
    case 'Terminating':
    case 'Terminated':
    case '':
    case undefined:
      return undefined;
  }
}

function driftRows(canary: Canary, look: Look): readonly (readonly [string, string])[] {
  const drift = primaryDrift(canary);
  return drift === undefined ? [] : [['Primary', toned(look, 'bad', drift)]];
}

/** What the primary runs, and behind it what the target is at, where that is another. */
function imageRows(workloads: readonly Workload[], look: Look): readonly (readonly [string, string])[] {
  const of = (role: Workload['role']) => workloads.find((workload) => workload.role === role)?.images ?? {};
  const [primary, target] = [of('primary'), of('target')];
  const containers = [...new Set([...Object.keys(primary), ...Object.keys(target)])];
  return containers.map((container, index) => {
    const images = [...new Set([primary[container], target[container]].filter((image) => image !== undefined))];
    return [index === 0 ? 'Images' : '', `${container}: ${images.join(` ${glyph(look, 'becomes')} `)}`];
  });
}

/** `20% of all requests`, and what it is to become. */
function weightText({ status = {} }: Canary, look: Look): string {
  const { desiredWeight, actualWeight, canaryWeight, matchedOnly, mirrorWeight } = status;
  const actual = actualWeight ?? canaryWeight;
  if (actual === undefined) return '<unknown>';
  const which = matchedOnly === true ? 'of the requests that match' : 'of all requests';
  const wanted = desiredWeight === undefined || desiredWeight === actual ? '' : `, ${desiredWeight}% is wanted`;
  const mirror = mirrorWeight === undefined || mirrorWeight === 0 ? '' : `, and copies of ${mirrorWeight}%`;
  return `${toned(look, actual > 0 ? 'active' : undefined, `${actual}%`)} ${which}${wanted}${mirror} ${bar(actual, look)}`;
}

function bar(percent: number, look: Look): string {
  const full = Math.round(percent / 5);
  return `${toned(look, 'active', glyph(look, 'full').repeat(full))}${toned(look, 'faint', glyph(look, 'empty').repeat(20 - full))}`;
}

function gateLines(seen: SeenRelease, { now, look }: StatusOptions): readonly string[] {
  const rows = gateRows(seen.canary);
  if (rows.length === 0) return [];
  const cells = rows.map((row) => {
    const [sign, tone] = GATE_SIGNS[row.state];
    return [
      toned(look, tone, glyph(look, sign)),
      row.name,
      row.moment,
      toned(look, tone, row.state),
      gateText(row, seen, now),
    ];
  });
  return [toned(look, 'strong', 'Gates'), ...textBlock(cells, look)];
}

const GATE_SIGNS = {
  open: ['done', 'good'],
  waiting: ['waits', 'attention'],
  closed: ['failed', 'attention'],
  ahead: ['ahead', 'faint'],
} as const;

function gateText({ state, url, by, at }: GateRow, { mayOpenGates }: SeenRelease, now: Date): string {
  if (at !== undefined) return `by ${by ?? 'somebody'}, ${ageOf(at, now)} ago`;
  if (url !== undefined) return `asked at ${url}`;
  if (state !== 'waiting' || mayOpenGates === undefined) return 'a person opens it';
  return mayOpenGates ? 'a person opens it: you may' : 'a person opens it: you may not (approve canaries)';
}

function podLines({ workloads }: SeenRelease, { look }: StatusOptions): readonly string[] {
  if (workloads.length === 0) return [];
  const cells = workloads.map(({ role, kind, name, pods, isUnread }) => {
    const isReady = pods !== undefined && pods.ready >= pods.wanted;
    const sign = pods === undefined ? 'unknown' : pods.wanted === 0 ? 'ahead' : isReady ? 'done' : 'waits';
    const tone: Tone = pods === undefined ? 'bad' : pods.wanted === 0 ? 'faint' : isReady ? 'good' : 'attention';
    const text = pods === undefined ? (isUnread === true ? 'not known' : 'not there') : podText(pods);
    return [toned(look, tone, glyph(look, sign)), role, `${kind}/${name}`, text];
  });
  return [toned(look, 'strong', 'Pods'), ...textBlock(cells, look)];
}

function podText({ ready, wanted, updated }: NonNullable<Workload['pods']>): string {
  if (wanted === 0) return ready === 0 ? 'none' : `${ready} going`;
  return `${ready}/${wanted} ready${updated < wanted ? `, ${updated} of the new template` : ''}`;
}

function eventLines({ events }: SeenRelease, { now, look, events: count }: StatusOptions): readonly string[] {
  const last = events.slice(Math.max(0, events.length - count));
  if (last.length === 0 || count === 0) return [];
  const cells = last.map((event) => {
    const times = event.count > 1 ? ` (${event.count} times)` : '';
    const tone = event.type === 'Warning' ? 'attention' : 'faint';
    return [toned(look, 'faint', ageOf(event.at, now)), toned(look, tone, event.action), `${event.note}${times}`];
  });
  return [toned(look, 'strong', 'Events'), ...textBlock(cells, look)];
}

/** `Waits for gate qa to be approved by a person, for 10m.`, and the command that opens it. */
function causeLines(cause: Cause, { now, look }: StatusOptions): readonly string[] {
  const [advice] = cause.advice;
  const text = `${causeText(cause, now)}.`;
  const lines = wrapped(text, look.columns);
  const tone = cause.kind === 'failed' ? 'bad' : cause.needsSomebody ? 'attention' : 'strong';
  const shown = lines.map((line) => toned(look, tone, line));
  if (advice === undefined) return shown;
  return [...shown, `${toned(look, 'strong', advice.command)}  ${toned(look, 'faint', `# ${advice.what}`)}`];
}
