import type { Accounts } from './accounts.ts';
import type { Struck } from './fault-plan.ts';
import type { ServedReport } from './served-load.ts';

/** A table of what there was: runs by how they ended, asks by what became of them, faults by kind, and the load. */
export function summaryLines({
  accounts,
  struck,
  served,
}: {
  readonly accounts: Accounts;
  readonly struck: readonly Struck[];
  readonly served: ServedReport;
}): readonly string[] {
  const faults = new Map<string, number>();
  for (const { name } of struck) faults.set(name, (faults.get(name) ?? 0) + 1);
  return [
    ...rows('runs', accounts.runs),
    ...rows('asked', accounts.asks),
    ...rows('faults', faults),
    ...rows('load', new Map([['requests', served.requests]])),
    ...rows('', new Map([['of them failed by bad revisions themselves', served.own]])),
  ];
}

function rows(what: string, counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${what.padEnd(7)}${String(count).padStart(7)}  ${name}`);
}
