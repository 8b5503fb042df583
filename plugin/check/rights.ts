import type { Provider } from '../../api/provider-abilities.ts';
import { ROUTE_KINDS } from '../../api/route-kinds.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { optionOf, SYSTEM_NAMESPACE } from '../cluster/installation.ts';
import { ask } from './ask.ts';
import { type CheckLine, fail, ok, skip } from './check-line.ts';
import { eachController } from './each-controller.ts';
import type { InstalledSite, Site } from './site.ts';

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';

/** A right, as RBAC gives it. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

/** `patch canaries.flagger.app/status in test` */
function rightText({ verb, group, resource, subresource, namespace }: Right): string {
  const kind = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${kind}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

/** Those of the rights that are lacked; `undefined` where that may not be asked. */
async function lacked(
  transport: Transport,
  rights: readonly Right[],
  signal: AbortSignal,
  user?: string,
): Promise<readonly Right[] | undefined> {
  const reviews = await Promise.all(
    rights.map((resourceAttributes) =>
      ask<{ readonly status?: { readonly allowed?: boolean } }>(transport, {
        method: 'POST',
        path: `${AUTHORIZATION}/${user === undefined ? 'selfsubjectaccessreviews' : 'subjectaccessreviews'}`,
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: user === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview',
          spec: { resourceAttributes, ...(user !== undefined && { user }) },
        },
        signal,
      }),
    ),
  );
  if (reviews.some(({ kind }) => kind !== 'found')) return undefined;
  return rights.filter((_, index) => {
    const review = reviews[index];
    return review?.kind !== 'found' || review.value.status?.allowed !== true;
  });
}

const PROMOTE = { commands: 'promote, pause, resume, abort and retry', role: 'kubectl-canary-promoter' };
const APPROVE = { commands: 'approve and reject', role: 'kubectl-canary-approver' };

/** What the commands of each group need of who uses them. */
export async function checkCaller({ transport, signal, namespace }: Site): Promise<readonly CheckLine[]> {
  const ours = { group: 'flagger.app', namespace };
  const see = ['get', 'list', 'watch'].map((verb) => ({ ...ours, verb, resource: 'canaries' }));
  const decide = { ...ours, verb: 'create', resource: 'canaryactions' };
  const promote = [decide, { ...ours, verb: 'promote', resource: 'canaries' }];
  const approve = [decide, { ...ours, verb: 'approve', resource: 'canaries' }];
  const change = [{ group: 'apps', namespace, verb: 'patch', resource: 'deployments' }];
  const [noSee, noPromote, noApprove, noChange] = await Promise.all(
    [see, promote, approve, change].map((rights) => lacked(transport, rights, signal)),
  );
  return [
    judgeCaller('you may see', noSee, 'fail', { commands: 'get, status and watch', role: 'view' }, namespace),
    judgeCaller('you may promote', noPromote, 'warn', PROMOTE, namespace),
    judgeCaller('you may approve', noApprove, 'warn', APPROVE, namespace),
    judgeCaller(
      'you may change',
      noChange,
      'warn',
      { commands: 'undo, set image and restart', role: 'edit' },
      namespace,
    ),
  ];
}

export function judgeCaller(
  name: string,
  missing: readonly Right[] | undefined,
  verdict: 'warn' | 'fail',
  /** The ClusterRole is the least that has the rights. */
  { commands, role }: { readonly commands: string; readonly role: string },
  namespace: string,
): CheckLine {
  if (missing === undefined) return skip(name, 'not asked: you may not ask what you may do');
  if (missing.length === 0) return ok(name, commands);
  const text = `you may not ${missing.map(rightText).join(', ')}: ${commands} will be refused`;
  const fix = `kubectl -n ${namespace} create rolebinding ${role}s --clusterrole=${role} --user=YOU (by an administrator)`;
  return { name, verdict, text, fix };
}

/** What the controller cannot do its work without, and to write the routes of these providers. */
export function controllerRights(providers: readonly Provider[]): readonly Right[] {
  const routes = providers.flatMap((provider) => ROUTE_KINDS[provider] ?? []);
  return [
    { verb: 'list', group: 'flagger.app', resource: 'canaries' },
    { verb: 'patch', group: 'flagger.app', resource: 'canaries' },
    { verb: 'patch', group: 'flagger.app', resource: 'canaries', subresource: 'status' },
    { verb: 'patch', group: 'flagger.app', resource: 'canaryactions', subresource: 'status' },
    ...['list', 'create', 'patch'].map((verb) => ({ verb, group: 'apps', resource: 'deployments' })),
    { verb: 'create', group: 'apps', resource: 'controllerrevisions' },
    { verb: 'patch', group: '', resource: 'services' },
    { verb: 'create', group: 'events.k8s.io', resource: 'events' },
    ...routes.flatMap(({ apiVersion, plural }) =>
      ['list', 'create', 'patch'].map((verb) => ({
        ...{ verb, resource: plural },
        group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
      })),
    ),
  ];
}

export async function checkControllers(
  { transport, signal, installation }: InstalledSite,
  providers: readonly Provider[],
): Promise<readonly CheckLine[]> {
  const rights = controllerRights(providers);
  return Promise.all(
    eachController('controller’s rights', installation).map(async ({ name, controller }) => {
      const { namespace, serviceAccount } = controller;
      const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
      const within = optionOf(controller, '--namespace');
      const needed = within === undefined ? rights : rights.map((right) => ({ ...right, namespace: within }));
      const missing = await lacked(transport, needed, signal, user);
      return judgeController(name, missing, `${namespace}/${serviceAccount}`);
    }),
  );
}

/** @param name what the line is called */
export function judgeController(name: string, missing: readonly Right[] | undefined, account: string): CheckLine {
  if (missing === undefined) return skip(name, 'not asked: you may not ask what others may do');
  if (missing.length === 0) return ok(name, `ServiceAccount ${account} may do what it needs`);
  const text = `ServiceAccount ${account} may not ${missing.map(rightText).join(', ')}`;
  return fail(name, text, 'kubectl apply -k manifests/controller');
}

/** What an installation writes. */
const INSTALLED: readonly Right[] = [
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
  { group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
  { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' },
  { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicies' },
  { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicybindings' },
  { group: '', resource: 'namespaces' },
  ...['configmaps', 'serviceaccounts', 'services', 'secrets'].map((resource) => ({
    ...{ group: '', resource, namespace: SYSTEM_NAMESPACE },
  })),
  { group: 'apps', resource: 'deployments', namespace: SYSTEM_NAMESPACE },
].map((right) => ({ ...right, verb: 'create' }));

export async function checkInstaller({ transport, signal }: Site): Promise<readonly CheckLine[]> {
  const missing = await lacked(transport, INSTALLED, signal);
  const name = 'you may install';
  if (missing === undefined) return [skip(name, 'not asked: you may not ask what you may do')];
  if (missing.length === 0) return [ok(name, 'definitions, roles, webhooks and programs')];
  return [fail(name, `you may not ${missing.map(rightText).join(', ')}`, 'install as an administrator of the cluster')];
}
