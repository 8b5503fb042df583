import type { Notifier } from '../notifier.ts';
import { HEX_COLORS, slackMessage } from './slack-message.ts';

/** Rocket.Chat: messages as for Slack, with colours as a page has them. */
export const rocket: Notifier = {
  type: 'rocket',
  payload(alert, destination) {
    return {
      ...{ method: 'POST', url: destination.address },
      body: slackMessage(alert, destination, { colors: HEX_COLORS, escape: escapeMarkdown }),
    };
  },
};

/** Of what a backslash does not help against, links lose their form. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[*_~`#]/g, '\\$&')
    .replaceAll('](', '] (')
    .replaceAll('<http', '< http');
}
