import { type AlertFact, alertTexts } from '../alert-facts.ts';
import { escapeEntities } from '../escape-entities.ts';
import type { Notifier } from '../notifier.ts';

const COLORS = { info: '#36a64f', warn: '#b7791f', error: '#d50200' } as const;

/** Google Chat: a card, of the second version, as the first is going. The text of a paragraph is a small HTML. */
export const googleChat: Notifier = {
  type: 'gchat',
  payload(alert, { address }) {
    const { title, message, facts } = alertTexts(alert);
    const text = `<font color="${COLORS[alert.severity]}">${escapeEntities(message)}</font>`;
    const widgets = [paragraph(text), ...facts.map((fact) => paragraph(factText(fact)))];
    const card = { header: { title, subtitle: alert.severity }, sections: [{ widgets }] };
    return { method: 'POST', url: address, body: { cardsV2: [{ cardId: 'alert', card }] } };
  },
};

function paragraph(text: string): object {
  return { textParagraph: { text } };
}

function factText({ title, value }: AlertFact): string {
  return `<b>${escapeEntities(title)}</b>: ${escapeEntities(value)}`;
}
