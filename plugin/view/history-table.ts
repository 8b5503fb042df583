import { shortRevision } from '../../api/revision.ts';
import type { Column } from '../output/table.ts';
import { ageOf, humanDuration } from './age.ts';
import type { HistoryRow } from './history-rows.ts';

/** The columns of `kubectl canary history`. */
export function historyColumns(now: () => Date, isWide: boolean): readonly Column<HistoryRow>[] {
  return [
    { title: '#', cell: ({ ordinal }) => (ordinal === undefined ? '-' : String(ordinal)) },
    { title: 'REVISION', cell: ({ revision }) => shortRevision(revision) },
    { title: 'RESULT', cell: ({ result }) => result },
    { title: 'STARTED', cell: ({ startedAt }) => ageOf(startedAt, now()) },
    { title: 'DURATION', cell: (row) => historyDuration(row, now()) },
    { title: 'IMAGES', cell: ({ images }) => images.map(isWide ? (image) => image : shortImage).join(',') },
    { title: 'BY', cell: ({ endedBy, changedBy = '' }) => (endedBy ?? changedBy).replaceAll(/\s/g, '_') },
    { title: 'REASON', cell: ({ reason = '' }) => reason },
  ];
}

/** From its beginning to its end, or up to now while it has none. Of what was no release, there is none. */
export function historyDuration({ result, startedAt, finishedAt }: HistoryRow, now: Date): string {
  const isRelease = finishedAt !== undefined || (result !== '' && result !== 'Initialized');
  const [from, to] = [Date.parse(startedAt ?? ''), finishedAt === undefined ? now.getTime() : Date.parse(finishedAt)];
  return !isRelease || Number.isNaN(from) || Number.isNaN(to) ? '' : humanDuration(to - from);
}

/** `podinfo:6.0.1` of `ghcr.io/stefanprodan/podinfo:6.0.1`; of a digest, as much as tells it from others. */
function shortImage(image: string): string {
  const last = image.split('/').at(-1) ?? image;
  return last.replace(/(@sha256:[0-9a-f]{10})[0-9a-f]+$/, '$1');
}
