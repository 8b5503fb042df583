import { execa } from 'execa';
import { tryKubectl } from '../kubectl.ts';

/** A ServiceAccount of the installation. */
export type Account = 'canary-controller' | 'canary-webhook';

/** Flags of kubectl that have it ask as an account, with the groups that its token has. */
export function as(account: Account): readonly string[] {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kubectl-canary', 'system:authenticated'];
  return [`--as=system:serviceaccount:kubectl-canary:${account}`, ...groups.map((group) => `--as-group=${group}`)];
}

/** Runs kubectl as somebody with an object as its input; '' when it was let through, or else why not. */
export async function refusal(flags: readonly string[], object: object, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await tryKubectl(object, ...args, ...flags);
  return exitCode === 0 ? '' : stderr;
}

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/**
 * Returns what an account may do in a namespace that an account without any role may not, a line for each kind:
 *
 *     secrets: get
 *     leases.coordination.k8s.io kubectl-canary-controller: get list watch update
 */
export async function rightsOf(account: Account, namespace: string): Promise<readonly string[]> {
  const [own, everybodys] = await Promise.all([
    rulesOf(as(account), namespace),
    rulesOf([`--as=system:serviceaccount:${namespace}:nobody`, '--as-group=system:authenticated'], namespace),
  ]);
  const verbs = new Map<string, Set<string>>();
  for (const line of own.filter((each) => !everybodys.includes(each))) {
    const [what = '', verb = ''] = line.split(': ');
    verbs.set(what, (verbs.get(what) ?? new Set()).add(verb));
  }
  return [...verbs].map(([what, its]) => `${what}: ${[...its].toSorted().join(' ')}`).toSorted();
}

async function rulesOf(flags: readonly string[], namespace: string): Promise<readonly string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const args = ['create', '-f', '-', '-o', 'json', '--validate=false', ...flags];
  const { stdout } = await execa('kubectl', args, { input: JSON.stringify(review), timeout: 60_000 });
  const { status } = JSON.parse(stdout) as { status: { resourceRules: readonly Rule[] } };
  return status.resourceRules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [''] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) =>
          verbs.map((verb) => `${kindOf(resource, group)}${name && ` ${name}`}: ${verb}`),
        ),
      ),
    ),
  );
}

function kindOf(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}
