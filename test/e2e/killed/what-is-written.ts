// What a write is about, so that the same one is known again in another run: in another namespace, at another time, with other
// uids and versions.
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { MANIFEST_ANNOTATION } from '../../../api/keys.ts';
import { revisionOf, shortRevision } from '../../../api/revision.ts';
import type { Write } from './write-proxy.ts';

export interface Written {
  /** `HTTPProxy podinfo`; the status is an object of its own. */
  readonly object: string;
  /** What the object is brought to. The same text is the same content. */
  readonly state: string;
  /** What a status says beside what it decides; it says so sooner or later, or not at all. */
  readonly waitsFor: string;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** @param before the status that is written over */
export function whatIsWritten(write: Write, namespace: string, before: CanaryStatus): Written {
  const { plural, name, subresource } = placeOf(write);
  if (plural === 'canaries' && subresource === 'status') {
    const { status: change } = write.body as { readonly status: object };
    const status = merged(before, change) as CanaryStatus;
    const waitsFor = status.waitingFor?.reason ?? '';
    return { object: `canaries ${name} status`, state: decided(status), waitsFor };
  }
  const content = revisionOf(withoutTraces(write.body, namespace));
  const state = `${write.method} ${gist(write.body)} ${shortRevision(content)}`;
  const object = [plural, withoutCopy(name), subresource].filter((part) => part !== '').join(' ');
  return { object, state, waitsFor: '' };
}

/** Where a write goes: `/apis/apps/v1/namespaces/test/deployments/podinfo` is `deployments` `podinfo` in `test`. */
export function placeOf({ path, body }: Pick<Write, 'path' | 'body'>) {
  const found = /\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(path);
  const [, namespace = '', plural = path, inPath, subresource = ''] = found ?? [];
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly name?: string } };
  return { namespace, plural, name: inPath ?? metadata?.name ?? '', subresource };
}

/** All that a status decides, and nothing of what it tells. */
function decided(status: CanaryStatus): string {
  const {
    phase,
    step = 0,
    steps = 0,
    desiredWeight = 0,
    ending,
    approvals = [],
    decisions = [],
    history = [],
  } = status;
  const { failedChecks = 0, lastAppliedSpec = '', lastPromotedSpec = '', failure, paused, promotedBy } = status;
  return [
    `${phase} ${step}/${steps} at ${desiredWeight} %`,
    `${shortRevision(lastAppliedSpec)} after ${shortRevision(lastPromotedSpec)}`,
    ...(failedChecks > 0 ? [`${failedChecks} checks failed`] : []),
    ...(failure === undefined ? [] : [`failed for ${failure.reason}`]),
    ...(ending === undefined ? [] : [`ending as ${ending.result} for ${ending.reason}`]),
    ...(paused === undefined ? [] : ['paused']),
    ...(promotedBy === undefined ? [] : ['promoted by hand']),
    ...approvals.map(({ gate }) => `approved ${gate}`),
    ...decisions.map(({ name, result }) => `${name} is ${result}`),
    ...history.map(({ result, weight }) => `once ${result} at ${weight} %`),
  ].join(', ');
}

/** A few words for people: weights, an image, a number of pods, or nothing. */
function gist(body: unknown): string {
  const text = JSON.stringify(body ?? '');
  const image = /"image":"([^"]+)"/.exec(text)?.[1];
  const weights = [...text.matchAll(/"name":"([^"]+)","port":\d+,"weight":(\d+)/g)].map(([, to, of]) => `${to} ${of}`);
  const replicas = /"path":"\/spec\/replicas","value":(\d+)/.exec(text)?.[1];
  const phase = /"phase":"([^"]+)"/.exec(text)?.[1];
  return [image, ...weights, replicas && `${replicas} replicas`, phase].filter((each) => each !== undefined).join(', ');
}

/** As of RFC 7396. */
function merged(object: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const fields = new Map(Object.entries(isFields(object) ? object : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) fields.delete(key);
    else fields.set(key, merged(fields.get(key), value));
  }
  return Object.fromEntries(fields);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** The same in all runs: what differs by when, where and of which objects it is written is left out. */
export function withoutTraces(value: unknown, namespace: string): unknown {
  if (typeof value === 'string') {
    if (UUID.test(value)) return 'a uid';
    if (TIME.test(value)) return 'a time';
    return withoutCopy(value.replaceAll(namespace, 'namespace'));
  }
  if (Array.isArray(value)) {
    return value
      .filter((item) => (item as Partial<Operation> | null)?.op !== 'test')
      .map((item) => withoutTraces(item, namespace));
  }
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([key, field]) => !isTrace(key, field));
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutTraces(field, namespace)]));
}

/** A version; the digest of a manifest that names its namespace; the time by which kept revisions are told apart. */
function isTrace(key: string, value: unknown): boolean {
  return key === 'resourceVersion' || key === MANIFEST_ANNOTATION || (key === 'revision' && typeof value === 'number');
}

/** Copies of configuration are called after the uid of their canary too. */
function withoutCopy(text: string): string {
  return text.replace(/-primary-[0-9a-f]{10}$/, '-primary-copy');
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
