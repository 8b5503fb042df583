// Two canaries that own one object would write it in turns, and traffic would go to and fro.
import type { Finding } from '../finding.ts';
import type { Canary, TargetRef } from '../generated/canary.ts';
import { isKnative } from '../knative.ts';
import { type ReleaseNames, readableNames, releaseNames } from '../names.ts';
import type { Cluster } from './cluster.ts';

/** One finding for each canary that owns something of this one's. */
export function* ownsItsObjects(canary: Canary, { canaries }: Cluster): Iterable<Finding> {
  const names = releaseNames(canary.spec);
  const targetPath = canary.spec.targetRef === undefined ? 'spec.canary' : 'spec.targetRef';
  for (const other of others(canary, canaries)) {
    const shared = sharedService(names, other.names);
    if (isSame(names.target, other.names.target)) {
      yield {
        path: targetPath,
        message: `${titleOf(names.target)} is released by canary ${other.name} already: change that one, or delete it first`,
      };
    } else if (isPrimaryOf(names.target, other.names)) {
      yield {
        path: targetPath,
        message: `${titleOf(names.target)} is the primary that canary ${other.name} makes: write the workload that you change yourself`,
      };
    } else if (isPrimaryOf(other.names.target, names)) {
      yield {
        path: targetPath,
        message: `the primary would be ${titleOf(other.names.target)}, which canary ${other.name} releases: give one of the two another name`,
      };
    } else if (shared !== undefined) {
      yield {
        path: 'spec.service.name',
        message: `Service ${shared} is made by canary ${other.name} as well: write another name`,
      };
    }
  }
}

/** A canary of the same name is this one as it was. Those of a shape that we cannot read own nothing. */
function* others(canary: Canary, canaries: readonly Canary[]): Iterable<{ name: string; names: ReleaseNames }> {
  for (const { metadata, spec } of canaries) {
    if (metadata.name === canary.metadata.name || metadata.deletionTimestamp !== undefined) continue;
    const names = readableNames(spec);
    if (names !== undefined) yield { name: metadata.name, names };
  }
}

function sharedService(one: ReleaseNames, other: ReleaseNames): string | undefined {
  return servicesOf(one).find((service) => servicesOf(other).includes(service));
}

function servicesOf({ adopted, target, apexService, primaryService, canaryService }: ReleaseNames): readonly string[] {
  return adopted || isKnative(target) ? [] : [apexService, primaryService, canaryService];
}

function isSame(one: TargetRef, other: TargetRef): boolean {
  return one.kind === other.kind && one.name === other.name && isKnative(one) === isKnative(other);
}

function isPrimaryOf(workload: TargetRef, { target, primary }: ReleaseNames): boolean {
  return workload.kind === target.kind && workload.name === primary;
}

function titleOf({ kind, name }: TargetRef): string {
  return `${kind} ${name}`;
}
