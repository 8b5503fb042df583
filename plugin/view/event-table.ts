import type { Column } from '../output/table.ts';
import { ageOf } from './age.ts';
import type { ToldEvent } from './seen-release.ts';

/** The columns of `kubectl canary events`, as `kubectl events` has them; what was done says more than its one reason. */
export function eventColumns({ now }: { readonly now: () => Date }): readonly Column<ToldEvent>[] {
  return [
    { title: 'LAST', cell: ({ at }) => ageOf(at, now()) },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'ACTION', cell: ({ action }) => action },
    { title: 'COUNT', isWide: true, cell: ({ count }) => String(count) },
    { title: 'NOTE', cell: ({ note, count }) => (count > 1 ? `${note} (${count} times)` : note) },
  ];
}
