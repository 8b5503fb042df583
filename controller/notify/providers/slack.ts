import type { HttpAnswer } from '../../http-call.ts';
import { bearer } from '../bearer.ts';
import { escapeEntities } from '../escape-entities.ts';
import type { Notifier } from '../notifier.ts';
import { slackMessage } from './slack-message.ts';

const COLORS = { info: 'good', warn: 'warning', error: 'danger' } as const;

/** Slack: an incoming webhook, or with a token `https://slack.com/api/chat.postMessage`. */
export const slack: Notifier = {
  type: 'slack',
  payload(alert, destination) {
    return {
      ...{ method: 'POST', url: destination.address, headers: bearer(destination) },
      body: slackMessage(alert, destination, { colors: COLORS, escape: escapeEntities }),
    };
  },
  objection,
};

/** An incoming webhook answers `ok`; the Web API answers 200 and `{"ok":false,"error":"channel_not_found"}`. */
function objection({ body }: HttpAnswer): { what: string; again: boolean } | undefined {
  const { ok, error } = parsed(body);
  if (ok !== false) return undefined;
  const what = typeof error === 'string' ? error : 'it was not taken';
  return { what, again: TEMPORARY.has(what) };
}

const TEMPORARY: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
]);

function parsed(body: string): { readonly ok?: unknown; readonly error?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
