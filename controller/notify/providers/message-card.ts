import type { Alert, Severity } from '../alert.ts';
import { alertTexts } from '../alert-facts.ts';
import { escapeEntities } from '../escape-entities.ts';

const COLORS: Readonly<Record<Severity, string>> = { info: '0076D7', warn: 'DAA038', error: 'FF0000' };

/** A legacy actionable message card. Its texts are HTML, and without markdown. */
export function messageCard(alert: Alert): object {
  const { title, message, facts } = alertTexts(alert);
  return {
    '@type': 'MessageCard',
    '@context': 'http://schema.org/extensions',
    themeColor: COLORS[alert.severity],
    summary: escapeEntities(`${title}: ${message}`),
    sections: [
      {
        activityTitle: escapeEntities(message),
        activitySubtitle: escapeEntities(title),
        facts: facts.map((fact) => ({ name: escapeEntities(fact.title), value: escapeEntities(fact.value) })),
        markdown: false,
      },
    ],
  };
}
