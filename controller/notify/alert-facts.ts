import { shortRevision } from '../../api/revision.ts';
import { haltReason } from '../decide/texts.ts';
import { oneLine } from '../hooks/answer-text.ts';
import type { Alert } from './alert.ts';

/** A line of a chat's message beside its text. */
export interface AlertFact {
  readonly title: string;
  readonly value: string;
}

/** What a chat shows of an alert, as plain text: its markup is the notifier's to escape. */
export interface AlertTexts {
  /** `podinfo.test` */
  readonly title: string;
  readonly message: string;
  readonly facts: readonly AlertFact[];
}

/**
 * Discord takes the least of all chats, 6000 characters of a message, and escaping may double them. Teams takes 28 kB, and
 * there a character may become six.
 */
const LONGEST_MESSAGE = 1000;
const LONGEST_TITLE = 60;
const LONGEST_VALUE = 300;
const MOST_OF_FACTS = 1600;

export function alertTexts(alert: Alert): AlertTexts {
  return {
    title: `${alert.name}.${alert.namespace}`.slice(0, 256),
    message: oneLine(alert.message, LONGEST_MESSAGE),
    facts: bounded(factsOf(alert)),
  };
}

/** What is needed first, first: what is too long is cut at the end. */
function factsOf(alert: Alert): readonly AlertFact[] {
  const { cluster, target, revision, images, triggeredBy, plan, failure, namespace } = alert;
  const facts: (readonly [string, string | undefined])[] = [
    ['Cluster', cluster],
    ['Target', `${target.kind}/${target.name}.${namespace}`],
    ['Revision', revision === undefined ? undefined : shortRevision(revision)],
    [images.length > 1 ? 'Images' : 'Image', images.length === 0 ? undefined : images.join(', ')],
    ['Triggered by', triggeredBy],
    ['Reason', failure?.reason],
    ['Progress deadline', seconds(failure?.deadlineSeconds ?? plan?.progressDeadlineSeconds)],
    ...(failure?.checks ?? []).map((check) => [check.name, haltReason(check)] as const),
    ['Failed checks threshold', plan === undefined ? undefined : String(plan.threshold)],
    ['Traffic routing', plan?.routing],
  ];
  return facts.flatMap(([title, value]) => (value === undefined ? [] : { title, value }));
}

function seconds(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count}s`;
}

function bounded(facts: readonly AlertFact[]): readonly AlertFact[] {
  const shown: AlertFact[] = [];
  let left = MOST_OF_FACTS;
  for (const { title, value } of facts) {
    const fact = { title: oneLine(title, LONGEST_TITLE), value: oneLine(value, LONGEST_VALUE) };
    left -= fact.title.length + fact.value.length;
    if (left < 0) return [...shown, { title: 'And', value: `${facts.length - shown.length} more` }];
    shown.push(fact);
  }
  return shown;
}
