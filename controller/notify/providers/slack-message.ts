// The message with attachments that Slack has made, and that Discord and Rocket.Chat take as well.
import type { Alert, Severity } from '../alert.ts';
import { alertTexts } from '../alert-facts.ts';
import type { Destination } from '../notifier.ts';

export interface SlackMessage {
  readonly channel?: string;
  readonly username: string;
  readonly attachments: readonly SlackAttachment[];
}

interface SlackAttachment {
  readonly fallback: string;
  readonly color: string;
  readonly author_name: string;
  readonly text: string;
  /** None of the texts is markup. */
  readonly mrkdwn_in: readonly never[];
  readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[];
}

interface Style {
  readonly colors: Readonly<Record<Severity, string>>;
  readonly escape: (text: string) => string;
}

/** Short enough that two stand beside each other. */
const SHORT = 40;

export function slackMessage(alert: Alert, { channel, username }: Destination, style: Style): SlackMessage {
  const { colors, escape } = style;
  const { title, message, facts } = alertTexts(alert);
  const attachment: SlackAttachment = {
    fallback: escape(message),
    color: colors[alert.severity],
    author_name: title,
    text: escape(message),
    mrkdwn_in: [],
    fields: facts.map((fact) => ({
      title: escape(fact.title),
      value: escape(fact.value),
      short: fact.value.length <= SHORT,
    })),
  };
  return {
    ...(channel !== undefined && channel !== '' && { channel }),
    username: username === undefined || username === '' ? 'flagger' : username,
    attachments: [attachment],
  };
}

/** As colours of the page: green, yellow, red. */
export const HEX_COLORS: Readonly<Record<Severity, string>> = { info: '#36a64f', warn: '#daa038', error: '#d50200' };
