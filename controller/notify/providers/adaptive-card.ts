import type { Alert, Severity } from '../alert.ts';
import { type AlertFact, alertTexts } from '../alert-facts.ts';

const COLORS: Readonly<Record<Severity, string>> = { info: 'Good', warn: 'Warning', error: 'Attention' };

/** A message with one Adaptive Card. Text runs are no markdown, so that nothing in them has to be escaped. */
export function adaptiveCardMessage(alert: Alert): object {
  const { title, message, facts } = alertTexts(alert);
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      paragraph([{ type: 'TextRun', text: title, isSubtle: true }]),
      paragraph([{ type: 'TextRun', text: message, weight: 'Bolder', color: COLORS[alert.severity] }]),
      ...facts.map(factOf),
    ],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
  };
}

function paragraph(inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines };
}

function factOf({ title, value }: AlertFact): object {
  return {
    ...paragraph([
      { type: 'TextRun', text: `${title}: `, weight: 'Bolder' },
      { type: 'TextRun', text: value },
    ]),
    spacing: 'Small',
  };
}
