import type { Canary } from '../../api/generated/canary.ts';
import { CANARIES } from '../../api/resources.ts';
import { isNotFound, KubeError } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath } from '../../kube/resource.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { Cluster } from './cluster.ts';

export type ReadCanary = Canary & KubeObject;

/** Which canaries a command is about. */
export interface Which {
  /** Also as `-o name` prints them: `canary.flagger.app/podinfo`. */
  readonly names: readonly string[];
  readonly selector?: string | undefined;
  readonly allNamespaces?: boolean;
}

/** What was read, and from when a watch goes on. */
export interface ReadCanaries {
  readonly items: readonly ReadCanary[];
  /** Of a list; names are read one by one. */
  readonly resourceVersion?: string;
}

/** What was read of some names, and why the others were not. */
interface ReadNames {
  readonly items: readonly ReadCanary[];
  readonly failures: readonly Error[];
}

interface CanaryList {
  readonly items: readonly ReadCanary[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** As kubectl reads lists. */
const PAGE = 500;
/** What may stand before a name. */
const KINDS = /^(canary|canaries|cny)(\.flagger\.app|\.v1beta1\.flagger\.app)?\//i;

/** @throws {CommandError} for names together with what asks for several, and for what no canary can be called */
export function checkWhich({ names, selector, allNamespaces }: Which): void {
  if (names.length === 0) return;
  if (selector !== undefined) throw usageError('name canaries or give --selector, not both');
  if (allNamespaces === true) throw usageError('a name is of one namespace: leave out --all-namespaces');
  for (const name of names) nameOf(name);
}

/**
 * The name in `canary.flagger.app/podinfo`, which is how `-o name` prints it, or in `podinfo`.
 *
 * @throws {CommandError} for what no canary can be called
 */
export function nameOf(text: string): string {
  const name = text.replace(KINDS, '');
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) return name;
  const why = name.includes('/') ? 'it is of another kind' : 'no canary can be called that';
  throw usageError(`there is no canary ${JSON.stringify(text)}: ${why}`);
}

/**
 * The canaries that are named, in that order, or all that the selector fits.
 *
 * @throws {KubeError} 404 for a name that is not there
 * @throws {CommandError} where the cluster does not know canaries at all
 */
export async function readCanaries(cluster: Cluster, which: Which, signal: AbortSignal): Promise<ReadCanaries> {
  checkWhich(which);
  if (which.names.length > 0) {
    const { items, failures } = await readNamed(cluster, which.names, signal);
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    return { items };
  }
  const path = collectionPath(CANARIES, which.allNamespaces === true ? undefined : cluster.namespace);
  const read = (limit: number | undefined) => readList(cluster, { path, limit, selector: which.selector, signal });
  try {
    // A list that changes while it is read may be too old for its next page; all in one is of one moment.
    return await read(PAGE);
  } catch (error) {
    if (isExpired(error)) return read(undefined);
    throw isNotFound(error) ? notInstalled(error) : error;
  }
}

/** Of some names, those that are there, in that order, and what each of the others failed with. */
export async function readNamed(
  { transport, namespace }: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadNames> {
  const paths = names.map((name) => objectPath(CANARIES, { namespace, name: nameOf(name) }));
  const read = await Promise.allSettled(paths.map((path) => transport.request<ReadCanary>({ path, signal })));
  return {
    items: read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    failures: read.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : [])),
  };
}

async function readList(
  { transport }: Cluster,
  {
    path,
    limit,
    selector,
    signal,
  }: {
    readonly path: string;
    readonly limit: number | undefined;
    readonly selector: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<ReadCanaries> {
  const items: ReadCanary[] = [];
  let next: string | undefined;
  let resourceVersion = '';
  do {
    const query = { limit, labelSelector: selector, continue: next };
    const page = await transport.request<CanaryList>({ path, query, signal });
    items.push(...page.items);
    ({ resourceVersion } = page.metadata);
    next = page.metadata.continue === '' ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return { items, resourceVersion };
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

/** Of a kind that is served, a list may be empty, but is there. */
function notInstalled(cause: unknown): CommandError {
  const message =
    'this cluster does not know canaries of flagger.app/v1beta1: install kubectl-canary, or choose another --context';
  return new CommandError(message, { cause });
}
