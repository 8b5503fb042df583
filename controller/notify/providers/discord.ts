import type { Notifier } from '../notifier.ts';
import { HEX_COLORS, slackMessage } from './slack-message.ts';

/** Discord takes messages for Slack at the path `/slack` under its own hook. */
export const discord: Notifier = {
  type: 'discord',
  payload(alert, destination) {
    return {
      ...{ method: 'POST', url: slackPath(destination.address) },
      body: slackMessage(alert, destination, { colors: HEX_COLORS, escape: escapeMarkdown }),
    };
  },
};

function slackPath(address: string): string {
  const url = new URL(address);
  if (!url.pathname.endsWith('/slack')) url.pathname = `${url.pathname.replace(/\/$/, '')}/slack`;
  return url.href;
}

/** A backslash before a mark makes it a character; `<` and `@` begin mentions. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|<>@#[\]]/g, '\\$&');
}
