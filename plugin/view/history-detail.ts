import type { HistoryRow } from './history-rows.ts';
import { historyDuration } from './history-table.ts';

/** One release with all that is known of it, and its pod template where that is kept. */
export function historyDetail(row: HistoryRow, template: string | undefined, now: Date): readonly string[] {
  const { ordinal, result, reason, message, startedAt, changedBy, endedBy, weight, failedChecks, images } = row;
  const duration = historyDuration(row, now);
  const fields: readonly (readonly [string, string | undefined])[] = [
    [
      'Revision',
      `${row.revision}${ordinal === undefined ? '' : `, number ${ordinal}`}${row.isPromoted ? ', on the primary' : ''}`,
    ],
    ['Result', result === '' ? undefined : result + (reason === undefined ? '' : `, ${reason}`)],
    ['Message', message],
    ['Started', startedAt === undefined ? undefined : startedAt + (duration === '' ? '' : `, took ${duration}`)],
    ['Changed by', changedBy],
    ['Ended by', endedBy],
    ['Weight', weight === undefined ? undefined : `${weight} percent`],
    ['Failed checks', failedChecks === undefined ? undefined : String(failedChecks)],
    ['Images', images.length === 0 ? undefined : images.join(', ')],
  ];
  return [
    ...fields.flatMap(([title, value]) => (value === undefined ? [] : [`${`${title}:`.padEnd(16)}${value}`])),
    ...(template === undefined
      ? ['Pod template:   it is kept no more']
      : [
          'Pod template:',
          ...template
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]),
  ];
}
