// What the API server answers while it only pretends to write: nothing is left behind.

import { REVISION_ANNOTATION } from '../../api/keys.ts';
import { readableNames } from '../../api/names.ts';
import { CANARIES, CANARY_ACTIONS, DEPLOYMENTS } from '../../api/resources.ts';
import { revisionOf } from '../../api/revision.ts';
import { KubeError } from '../../kube/errors.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import { SYSTEM_NAMESPACE } from '../cluster/installation.ts';
import { lacksName } from '../cluster/own-name.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { type CheckLine, fail, ok, skip } from './check-line.ts';
import type { InstalledSite } from './site.ts';

const NAME = 'kubectl-canary-check';
const REFUSES = 'admission of canaries';
const STAMPS = 'stamp of actions';
const STARTS = 'stamp of targets';

/** What only the webhook can know: a definition does not read queries. */
const UNREADABLE_QUERY = '{{ nobody knows this }}';

/** What a pretended write came to. */
export type Pretended =
  | { readonly kind: 'admitted'; readonly object: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly message: string; readonly byWebhook: boolean }
  | { readonly kind: 'unstamped' }
  | { readonly kind: 'forbidden' };

export async function checkAdmission(site: InstalledSite): Promise<readonly CheckLine[]> {
  const [wrong, right, action] = await Promise.all([
    pretend(site, CANARIES, canary([{ name: 'check', query: UNREADABLE_QUERY, threshold: 1 }])),
    pretend(site, CANARIES, canary([])),
    pretend(site, CANARY_ACTIONS, { spec: { canary: NAME, revision: '0'.repeat(64), action: 'abort' } }),
  ]);
  const fix = fixOf(site);
  return [judgeAdmission(wrong, right, fix), judgeStamp(action, fix)];
}

function canary(metrics: readonly object[]): object {
  return {
    spec: {
      provider: 'kubernetes',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
      service: { port: 80 },
      analysis: { interval: '1m', threshold: 1, iterations: 1, metrics },
    },
  };
}

async function pretend({ transport, namespace, signal }: InstalledSite, resource: Resource, fields: object) {
  const { apiVersion, kind } = resource;
  return pretended(() =>
    transport.request<Readonly<Record<string, unknown>>>({
      method: 'POST',
      ...{ path: collectionPath(resource, namespace), query: { dryRun: 'All' }, signal },
      body: { apiVersion, kind, metadata: { name: NAME }, ...fields },
    }),
  );
}

async function pretended(write: () => Promise<Readonly<Record<string, unknown>>>): Promise<Pretended> {
  try {
    return { kind: 'admitted', object: await write() };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status === 0) throw error;
    const { message } = error;
    const byWebhook = message.includes('admission webhook "validate.flagger.app"');
    // Nobody stamps an action that the policy misses the name in: that is no missing right.
    if (lacksName(error)) return { kind: 'unstamped' };
    return error.status === 403 && !byWebhook ? { kind: 'forbidden' } : { kind: 'refused', message, byWebhook };
  }
}

function fixOf({ installation: { webhook } }: InstalledSite): string {
  const { namespace = SYSTEM_NAMESPACE, name = 'canary-webhook' } = webhook ?? {};
  return `kubectl -n ${namespace} logs deployment/${name}`;
}

export function judgeAdmission(wrong: Pretended, right: Pretended, fix: string): CheckLine {
  if (wrong.kind === 'forbidden' || right.kind === 'forbidden')
    return skip(REFUSES, 'not asked: you may not create canaries here');
  if (wrong.kind === 'admitted')
    return fail(REFUSES, 'a canary that is wrong was admitted: the webhook does not answer', fix);
  if (wrong.kind === 'refused' && !wrong.byWebhook)
    return fail(REFUSES, `not the webhook answers: ${wrong.message}`, fix);
  if (right.kind === 'refused') return fail(REFUSES, `a canary that is right was refused: ${right.message}`, fix);
  return ok(REFUSES, 'what is wrong is refused, and what is right admitted');
}

export function judgeStamp(action: Pretended, fix: string): CheckLine {
  if (action.kind === 'forbidden') return skip(STAMPS, 'not asked: you may not promote canaries here');
  if (action.kind === 'refused') return fail(STAMPS, `an action was refused: ${action.message}`, fix);
  const object = action.kind === 'admitted' ? action.object : {};
  const spec = object['spec'] as { readonly requestedBy?: string } | undefined;
  return spec?.requestedBy === undefined
    ? fail(STAMPS, 'nobody writes who asks for an action: the webhook does not answer', fix)
    : ok(STAMPS, `you are ${spec.requestedBy}`);
}

/** On the target of the first canary that has a Deployment: without one there is nothing to stamp. */
export async function checkTargetStamp(
  site: InstalledSite,
  canaries: readonly ReadCanary[],
): Promise<readonly CheckLine[]> {
  const target = canaries.flatMap(({ metadata: { namespace }, spec }) => {
    const names = readableNames(spec);
    return names?.target.kind === 'Deployment' ? [{ namespace, name: names.target.name }] : [];
  })[0];
  if (target === undefined) return [];
  const { transport, signal } = site;
  const template = { metadata: { annotations: { 'flagger.app/check': 'dry run' } } };
  const answer = await pretended(() =>
    transport.request({
      method: 'PATCH',
      ...{ path: objectPath(DEPLOYMENTS, target), query: { dryRun: 'All' }, signal },
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { template } },
    }),
  );
  return [judgeTargetStamp(answer, `${target.namespace}/${target.name}`, fixOf(site))];
}

export function judgeTargetStamp(answer: Pretended, title: string, fix: string): CheckLine {
  if (answer.kind === 'forbidden') return skip(STARTS, `not asked: you may not patch Deployment ${title}`);
  // Its target may have been deleted.
  if (answer.kind === 'refused') return skip(STARTS, `not asked: ${answer.message}`);
  if (answer.kind === 'unstamped') throw new TypeError('a Deployment was answered as an action is');
  const { metadata, spec } = answer.object as {
    readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
    readonly spec: { readonly template: unknown };
  };
  if (metadata.annotations?.[REVISION_ANNOTATION] === revisionOf(spec.template))
    return ok(STARTS, `a change of Deployment ${title} would start its canary at once`);
  const text = `a change of Deployment ${title} is not stamped: the controller finds it a little later`;
  return { name: STARTS, verdict: 'warn', text, fix };
}
