import type { CanaryStatus, CheckStatus } from '../../api/generated/canary.ts';
import { shortRevision } from '../../api/revision.ts';
import { causeOf } from './cause.ts';
import { shownValue } from './check-rows.ts';
import type { SeenRelease, ToldEvent, Workload } from './seen-release.ts';

/**
 * What has changed from one look at a release to the next, as one line for each thing, for logs: no times that count on, no
 * signs and no colours. Of the first look, where it stands.
 */
export function releaseChanges(before: SeenRelease | undefined, after: SeenRelease): readonly string[] {
  const was = before?.canary.status ?? {};
  const is = after.canary.status ?? {};
  return [
    ...changed('phase', was.phase, is.phase),
    ...changed('revision', shortRevision(was.lastAppliedSpec ?? ''), shortRevision(is.lastAppliedSpec ?? '')),
    ...changed('step', stepText(was), stepText(is)),
    ...changed('weight', weightText(was), weightText(is)),
    ...changed('failed checks', was.failedChecks ?? 0, is.failedChecks ?? 0),
    ...(is.checks ?? []).flatMap((check) => checkChange(was.checks ?? [], check)),
    ...changed('suspended', before?.canary.spec.suspend === true, after.canary.spec.suspend === true),
    ...after.workloads.flatMap((workload) => podChange(before, workload)),
    ...after.unread.filter((text) => before?.unread.includes(text) !== true),
    ...(before === undefined ? [] : newEvents(before, after).map(eventText)),
    ...waitChange(before, after),
  ];
}

type Fact = string | number | boolean | undefined;

function changed(what: string, was: Fact, is: Fact): readonly string[] {
  if (was === is || is === undefined || is === '') return [];
  const isNew = was === undefined || was === '';
  return [isNew ? `${what} ${is}` : `${what} ${is} (was ${was})`];
}

function stepText({ step, steps }: CanaryStatus): string {
  return step === undefined || steps === undefined ? '' : `${step}/${steps}`;
}

function weightText({
  actualWeight,
  canaryWeight,
  desiredWeight,
  matchedOnly,
  mirrorWeight = 0,
}: CanaryStatus): string {
  const actual = actualWeight ?? canaryWeight;
  if (actual === undefined) return '';
  const of = matchedOnly === true ? ' of the requests that match' : '';
  const wanted = desiredWeight === undefined || desiredWeight === actual ? '' : `, ${desiredWeight}% is wanted`;
  return `${actual}%${of}${mirrorWeight > 0 ? ` and copies of ${mirrorWeight}%` : ''}${wanted}`;
}

function checkChange(before: readonly CheckStatus[], check: CheckStatus): readonly string[] {
  const { kind, name, verdict, value, checkedAt, message } = check;
  const old = before.find((each) => each.kind === kind && each.name === name);
  if (old !== undefined && old.checkedAt === checkedAt && old.verdict === verdict) return [];
  const measured = value === undefined ? '' : ` ${shownValue(name, value)}`;
  return [`check ${name} ${verdict}${measured}${verdict === 'Pass' || message === undefined ? '' : `: ${message}`}`];
}

function podChange(before: SeenRelease | undefined, workload: Workload): readonly string[] {
  const old = before?.workloads.find(({ role }) => role === workload.role);
  const what = `pods of the ${workload.role} ready`;
  return changed(what, old === undefined ? undefined : podText(old), podText(workload));
}

function podText({ pods }: Workload): string {
  return pods === undefined ? 'none' : `${pods.ready}/${pods.wanted}`;
}

function newEvents(before: SeenRelease, after: SeenRelease): readonly ToldEvent[] {
  const key = ({ at, note, count }: ToldEvent) => `${at} ${count} ${note}`;
  const known = new Set(before.events.map(key));
  return after.events.filter((event) => !known.has(key(event)));
}

function eventText({ type, action, note }: ToldEvent): string {
  return `event ${type} ${action}: ${note}`;
}

function waitChange(before: SeenRelease | undefined, after: SeenRelease): readonly string[] {
  const old = before === undefined ? undefined : causeOf(before.canary);
  const { kind, text, reason, advice } = causeOf(after.canary);
  if (old?.reason === reason && old.text === text) return [];
  const [first] = advice;
  const todo = first === undefined || kind === 'rest' ? '' : ` (${first.command})`;
  return [kind === 'failed' ? `failed: ${text}${todo}` : `waits for ${text}${todo}`];
}
