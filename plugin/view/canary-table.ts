import type { Canary } from '../../api/generated/canary.ts';
import { readableNames } from '../../api/names.ts';
import { shortRevision } from '../../api/revision.ts';
import type { Column } from '../output/table.ts';
import { ageOf } from './age.ts';

const UNKNOWN = '<unknown>';

/** The columns of `kubectl canary get`: those of `kubectl get canaries`, and what people ask for beside them. */
export function canaryColumns({
  now,
  hasNamespace,
}: {
  readonly now: () => Date;
  readonly hasNamespace: boolean;
}): readonly Column<Canary>[] {
  const namespace: Column<Canary> = { title: 'NAMESPACE', cell: ({ metadata }) => metadata.namespace };
  return [
    ...(hasNamespace ? [namespace] : []),
    { title: 'NAME', cell: ({ metadata }) => metadata.name },
    { title: 'TARGET', cell: targetOf },
    { title: 'STATUS', cell: ({ status }) => status?.phase || UNKNOWN },
    { title: 'STEP', cell: ({ status }) => status?.summary?.step ?? '' },
    { title: 'WEIGHT', cell: weightOf },
    { title: 'CHECKS', cell: ({ status }) => status?.summary?.checks ?? '' },
    { title: 'NEXT', cell: ({ status }) => status?.summary?.next ?? '' },
    { title: 'PRIMARY-REV', isWide: true, cell: ({ status }) => shortRevision(status?.lastPromotedSpec ?? '') },
    { title: 'CANARY-REV', isWide: true, cell: ({ status }) => shortRevision(status?.lastAppliedSpec ?? '') },
    { title: 'PROVIDER', isWide: true, cell: ({ spec }) => spec.provider ?? '' },
    { title: 'FAILED-CHECKS', isWide: true, cell: ({ status }) => String(status?.failedChecks ?? '') },
    { title: 'SUSPENDED', isWide: true, cell: ({ spec }) => String(spec.suspend === true) },
    {
      title: 'REASON',
      isWide: true,
      cell: ({ status }) => status?.waitingFor?.reason ?? status?.failure?.reason ?? '',
    },
    { title: 'AGE', cell: ({ metadata }) => ageOf(metadata.creationTimestamp, now()) },
  ];
}

function targetOf({ spec }: Canary): string {
  const target = readableNames(spec)?.target;
  return target === undefined ? UNKNOWN : `${target.kind}/${target.name}`;
}

/** What the route gives, and behind it what it is to give, where that is not the same: `20` or `10->20`. */
function weightOf({ status }: Canary): string {
  const { actualWeight, desiredWeight, canaryWeight } = status ?? {};
  const actual = actualWeight ?? canaryWeight;
  if (actual === undefined) return '';
  return desiredWeight === undefined || desiredWeight === actual ? String(actual) : `${actual}->${desiredWeight}`;
}
