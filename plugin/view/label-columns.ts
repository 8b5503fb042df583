import type { Canary } from '../../api/generated/canary.ts';
import type { Column } from '../output/table.ts';

/** The columns of `--label-columns`, each called after the last part of its label, and that of `--show-labels`. */
export function labelColumns({
  labelColumns: labels = [],
  showLabels = false,
}: {
  readonly labelColumns?: readonly string[];
  readonly showLabels?: boolean;
}): readonly Column<Canary>[] {
  const all: Column<Canary> = {
    title: 'LABELS',
    cell: ({ metadata }) =>
      Object.entries(metadata.labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .toSorted()
        .join(','),
  };
  const each = labels
    .flatMap((label) => label.split(','))
    .map((label) => ({
      title: (label.split('/').at(-1) ?? '').toUpperCase(),
      // As kubectl shows a label that is not there.
      cell: ({ metadata }: Canary) => metadata.labels?.[label] ?? '',
    }));
  return [...each, ...(showLabels ? [all] : [])];
}
