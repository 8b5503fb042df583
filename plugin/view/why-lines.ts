// One cause, told at length: what holds a release or why it failed, and what a person can do.
import type { Canary } from '../../api/generated/canary.ts';
import { shortRevision } from '../../api/revision.ts';
import { ageOf } from './age.ts';
import { causeOf } from './cause.ts';
import { causeText } from './cause-text.ts';
import { type CheckRow, checkRows } from './check-rows.ts';
import { verdictTone } from './check-table.ts';
import { type Look, toned } from './look.ts';
import { primaryDrift } from './primary-drift.ts';
import { readableAnalysis } from './readable-analysis.ts';
import { textBlock, wrapped } from './text-block.ts';

export interface WhyFacts {
  readonly canary: Canary;
  readonly mayOpenGates?: boolean;
  /** What the pods that are waited for say, such as why an image cannot be pulled. */
  readonly podTroubles: readonly string[];
}

export function whyLines(
  { canary, mayOpenGates, podTroubles }: WhyFacts,
  { now, look }: { readonly now: Date; readonly look: Look },
): readonly string[] {
  const cause = causeOf(canary);
  const { metadata } = canary;
  const tone = cause.kind === 'failed' ? 'bad' : cause.needsSomebody ? 'attention' : 'strong';
  const title = `${metadata.name} in ${metadata.namespace}: ${causeText(cause, now)}.`;
  const facts = [
    ...podTroubles.map((text): Fact => ['Pods', text]),
    ...checkFacts(canary, { now, look }),
    ...failureFacts(canary),
    ...(mayOpenGates === undefined ? [] : [['Gate', gateText(mayOpenGates)] as const]),
    ...releaseFacts(canary, now),
    ...trafficFacts(canary),
    ...primaryFacts(canary),
  ];
  const commands = cause.advice.map(({ what, command }) => `  ${command}  ${toned(look, 'faint', `# ${what}`)}`);
  return [
    ...wrapped(title, look.columns).map((line) => toned(look, tone, line)),
    ...(facts.length === 0 ? [] : ['', ...textBlock(facts, look)]),
    ...(commands.length === 0 ? [] : ['', ...commands]),
  ];
}

type Fact = readonly [what: string, text: string];

/** Those that did not pass; of a release that failed by others, none. */
function checkFacts(canary: Canary, { now, look }: { readonly now: Date; readonly look: Look }): readonly Fact[] {
  const bad = checkRows(canary).filter(({ verdict }) => verdict !== undefined && verdict !== 'Pass');
  return bad.map((row) => ['Check', checkText(row, now, look)]);
}

/** `request-success-rate Fail: 69.17%, which has to be >= 99%; 5m ago`. */
function checkText({ name, verdict, value, limit, checkedAt, message }: CheckRow, now: Date, look: Look): string {
  const measured = value === '' ? '' : `: ${value}${limit === '' ? '' : `, and has to be ${limit}`}`;
  const wanted = value === '' && limit !== '' ? ` (has to be ${limit})` : '';
  const why = message === undefined ? '' : `: ${message}`;
  const when = checkedAt === undefined ? '' : `; ${ageOf(checkedAt, now)} ago`;
  return `${name} ${toned(look, verdictTone(verdict), verdict ?? '')}${measured}${wanted}${why}${when}`;
}

function failureFacts({ spec, status = {} }: Canary): readonly Fact[] {
  const { failedChecks = 0, failure } = status;
  const limit = readableAnalysis(spec)?.threshold;
  if (failedChecks === 0 || limit === undefined) return [];
  return [['Failures', `${failedChecks} of ${limit}${failure === undefined ? ' at which it is rolled back' : ''}`]];
}

function gateText(mayOpenGates: boolean): string {
  return mayOpenGates
    ? 'you may open it'
    : 'you may not open it: that takes the rights to create canaryactions and to approve canaries.flagger.app';
}

function releaseFacts({ status = {} }: Canary, now: Date): readonly Fact[] {
  const { startedAt, triggeredBy, lastAppliedSpec = '', lastPromotedSpec = '', step, steps } = status;
  if (startedAt === undefined) return [];
  const over = lastPromotedSpec === lastAppliedSpec ? '' : ` over ${shortRevision(lastPromotedSpec)}`;
  const by = triggeredBy === undefined ? '' : ` by ${triggeredBy.username}`;
  const at = step === undefined || steps === undefined || step === 0 ? '' : `, at step ${step} of ${steps}`;
  return [
    ['Release', `revision ${shortRevision(lastAppliedSpec)}${over}, begun ${ageOf(startedAt, now)} ago${by}${at}`],
  ];
}

function primaryFacts(canary: Canary): readonly Fact[] {
  const drift = primaryDrift(canary);
  return drift === undefined ? [] : [['Primary', drift]];
}

function trafficFacts({ status = {} }: Canary): readonly Fact[] {
  const { actualWeight, canaryWeight, matchedOnly } = status;
  const weight = actualWeight ?? canaryWeight;
  if (weight === undefined) return [];
  if (weight === 0) return [['Traffic', 'all of it goes to the primary']];
  const which = matchedOnly === true ? 'of the requests that match' : 'of all requests';
  return [['Traffic', `${weight}% ${which} go to the canary`]];
}
