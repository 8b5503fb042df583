import type { CanarySpec } from '../../api/generated/canary.ts';
import { readableNames } from '../../api/names.ts';
import { DAEMON_SETS, DEPLOYMENTS } from '../../api/resources.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Workload } from '../view/seen-release.ts';

/** The workloads of a release and where they are read: the target, then the primary. None of a kind without pods of its own. */
export function releaseWorkloads(
  spec: CanarySpec,
): readonly (Pick<Workload, 'role' | 'kind' | 'name'> & { readonly resource: Resource })[] {
  const names = readableNames(spec);
  if (names === undefined) return [];
  const { target, primary } = names;
  const resource = [DEPLOYMENTS, DAEMON_SETS].find(({ kind }) => kind === target.kind);
  if (resource === undefined) return [];
  const { kind } = target;
  return [
    { role: 'target', kind, name: target.name, resource },
    { role: 'primary', kind, name: primary, resource },
  ];
}
