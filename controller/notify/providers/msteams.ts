import type { HttpAnswer } from '../../http-call.ts';
import type { Notifier } from '../notifier.ts';
import { adaptiveCardMessage } from './adaptive-card.ts';
import { messageCard } from './message-card.ts';

/**
 * Microsoft Teams. A workflow of Power Automate, which is what Teams has today, posts Adaptive Cards; the connectors of
 * Office 365 before it, and relays that were made for those, take a MessageCard.
 */
export const msTeams: Notifier = {
  type: 'msteams',
  payload(alert, { address }) {
    const body = isWorkflow(new URL(address)) ? adaptiveCardMessage(alert) : messageCard(alert);
    return { method: 'POST', url: address, body };
  },
  objection,
};

const WORKFLOW_HOSTS =
  /(^|\.)(logic\.azure\.(com|us|cn)|api\.powerplatform\.(com|us|cn)|api\.powerautomate\.com|flow\.microsoft\.com)$/;
/** `/workflows/ID/triggers/manual/paths/invoke`, on whichever host a cloud has it. */
const WORKFLOW_PATH = /\/workflows\/[^/]+\/triggers\/[^/]+\/paths\/invoke\/?$/;

function isWorkflow({ hostname, pathname }: URL): boolean {
  return WORKFLOW_HOSTS.test(hostname) || WORKFLOW_PATH.test(pathname);
}

/** A connector answers 200 and `Webhook message delivery failed with error: ... returned HTTP error 429 ...`. */
function objection({ body }: HttpAnswer): { what: string; again: boolean } | undefined {
  if (!body.includes('delivery failed')) return undefined;
  const status = Number(/HTTP error (\d{3})/.exec(body)?.[1]);
  return { what: body, again: status === 429 || status >= 500 };
}
