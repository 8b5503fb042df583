// ServiceAccounts with the rights that a test gives them, and what the API server answers them.
import { execa } from 'execa';
import { eventually } from '../eventually.ts';
import { apply, tryKubectl } from '../kubectl.ts';

/** Rights as `kubectl create role` takes them: `create,patch httpproxies.projectcontour.io`, with a name for one object alone. */
export type Right = readonly [verbs: string, resource: string, name?: string];

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export function userOf({ namespace, name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Makes a ServiceAccount with a ClusterRole in its namespace, and further rights in any. */
export async function account(
  { namespace, name }: Account,
  role: string | undefined,
  rights: Readonly<Record<string, readonly Right[]>> = {},
): Promise<Account> {
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  const apiGroup = 'rbac.authorization.k8s.io';
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    ...(role === undefined
      ? []
      : [
          {
            ...{ ...rbac, kind: 'RoleBinding', metadata: { name: `${name}-${role}`, namespace }, subjects },
            roleRef: { apiGroup, kind: 'ClusterRole', name: role },
          },
        ]),
    ...Object.entries(rights).flatMap(([where, list]) => [
      {
        ...{ ...rbac, kind: 'Role', metadata: { name: `${name}-${namespace}`, namespace: where } },
        rules: list.map(([verbs, resource, only]) => {
          const [plural = '', ...group] = resource.split('.');
          return {
            ...{ verbs: verbs.split(','), apiGroups: [group.join('.')], resources: [plural] },
            ...(only !== undefined && { resourceNames: [only] }),
          };
        }),
      },
      {
        ...{ ...rbac, kind: 'RoleBinding', metadata: { name: `${name}-${namespace}`, namespace: where }, subjects },
        roleRef: { apiGroup, kind: 'Role', name: `${name}-${namespace}` },
      },
    ]),
  );
  return { namespace, name };
}

/** Gives an account a ClusterRole in all namespaces. */
export async function everywhere({ namespace, name }: Account, role: string): Promise<void> {
  await apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${name}-${namespace}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
}

/** Returns what the API server says of a write by an account: empty where it is admitted. */
export async function saidTo(who: Account, object: object, ...args: readonly string[]): Promise<string> {
  const [verb = 'create', ...rest] = args;
  const { exitCode, stderr } = await tryKubectl(object, verb, '-f', '-', ...rest, `--as=${userOf(who)}`);
  return exitCode === 0 ? '' : stderr;
}

/** The authorizer hears of new rights a moment after they are written. */
export async function untilAllowed(who: Account, namespace: string, verb: string, resource: string): Promise<void> {
  await eventually(async () => {
    const args = ['auth', 'can-i', verb, resource, '-n', namespace, `--as=${userOf(who)}`];
    const { stdout } = await execa('kubectl', args, { reject: false, timeout: 60_000 });
    if (stdout.trim() !== 'yes') throw new Error(`${userOf(who)} may not ${verb} ${resource} in ${namespace} yet`);
  });
}
