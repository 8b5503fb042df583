import type { Canary } from '../../api/generated/canary.ts';
import { claimedRevision, hasItsTemplate, type StoredKept } from '../../api/kept-revision.ts';
import { CANARY_LABEL } from '../../api/keys.ts';
import { CONTROLLER_REVISIONS } from '../../api/resources.ts';
import { shortRevision } from '../../api/revision.ts';
import type { KubeObject } from '../../kube/object.ts';
import { pages } from '../../kube/pages.ts';
import { collectionPath } from '../../kube/resource.ts';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import type { Cluster } from './cluster.ts';
import type { PodTemplate } from './target.ts';

/** A pod template that ran. */
export interface KeptRevision {
  /** Counted from 1, the oldest that is kept. */
  readonly ordinal: number;
  /** In full. */
  readonly revision: string;
  /** When it was released first, in RFC 3339. */
  readonly createdAt: string;
  /** As the target has it; or as the primary has it, of one that was there before its canary. */
  readonly of: 'target' | 'primary';
  readonly template: PodTemplate;
}

/** As it is read: anybody who may create ControllerRevisions may have written it. */
export interface StoredRevision extends KubeObject {
  readonly metadata: KubeObject['metadata'] & StoredKept['metadata'];
  /** When it was kept, in milliseconds since 1970; older controllers wrote seconds, which are fewer. */
  readonly revision: number;
  readonly data?: unknown;
}

/** Each has 1.5 MB at most. */
const PAGE = 20;
const MAX_PAGES = 25;

/** Up to here a number counts; what is longer is the beginning of a revision. */
const MAX_ORDINAL_DIGITS = 5;
const MIN_PREFIX = 6;
/** As milliseconds it is in 1973, as seconds in the year 5138. */
const LEAST_MS = 1e11;

/**
 * The revisions that are kept of a canary, oldest first. What only claims to be one is left out, and told to `err`.
 *
 * @throws {KubeError} where they may not be read
 */
export async function readKeptRevisions(
  { transport }: Cluster,
  canary: Canary,
  { err, signal }: Pick<Context, 'err' | 'signal'>,
): Promise<readonly KeptRevision[]> {
  const { name, namespace } = canary.metadata;
  const path = collectionPath(CONTROLLER_REVISIONS, namespace);
  const query = { labelSelector: `${CANARY_LABEL}=${name}` };
  const options = { path, query, signal, limit: PAGE, maxPages: MAX_PAGES };
  const items: StoredRevision[] = [];
  for await (const page of pages<StoredRevision>(transport, options)) {
    for (const item of page) {
      const revision = claimedRevision(item, canary.metadata);
      if (revision === undefined) continue;
      if (hasItsTemplate(item.data, revision)) items.push(item);
      else err.write(`ControllerRevision ${item.metadata.name} is left out: what is in it has another hash.\n`);
    }
  }
  return keptRevisionsOf(items, canary.metadata);
}

/** Those of them that are of this very canary, and not of one of its name that is gone, with the pod template that they are named by. */
export function keptRevisionsOf(
  items: readonly StoredRevision[],
  canary: { readonly name: string; readonly uid: string },
): readonly KeptRevision[] {
  const proved = items
    .toSorted((one, other) => one.revision - other.revision || (one.metadata.name < other.metadata.name ? -1 : 1))
    .flatMap((item) => {
      const full = claimedRevision(item, canary);
      const { data, revision } = item;
      if (full === undefined || !hasItsTemplate(data, full)) return [];
      const createdAt = new Date(revision < LEAST_MS ? revision * 1000 : revision).toISOString();
      return [{ revision: full, createdAt, of: data.of, template: data.template }];
    });
  // By two names, where the controller has just renamed those of an earlier version.
  return proved
    .filter((each, index) => proved.findIndex(({ revision }) => revision === each.revision) === index)
    .map((each, index) => ({ ordinal: index + 1, ...each }));
}

/**
 * The one that a person means, by its number or by the beginning of its revision.
 *
 * @throws {CommandError} where there is none, or more than one
 */
export function findKeptRevision(kept: readonly KeptRevision[], text: string): KeptRevision {
  const there = kept.map(({ ordinal, revision }) => `${ordinal} (${shortRevision(revision)})`).join(', ') || 'none';
  if (/^\d+$/.test(text) && text.length <= MAX_ORDINAL_DIGITS) {
    const counted = kept.find(({ ordinal }) => ordinal === Number(text));
    if (counted !== undefined) return counted;
    throw new CommandError(`there is no revision ${text}: there are ${there}`);
  }
  if (text.length < MIN_PREFIX) {
    throw new CommandError(`${JSON.stringify(text)} is no number, and too short for a revision: there are ${there}`);
  }
  const [one, ...others] = kept.filter(({ revision }) => revision.startsWith(text));
  if (one === undefined) throw new CommandError(`revision ${text} is not kept: there are ${there}`);
  if (others.length > 0) throw new CommandError(`more than one revision begins with ${text}: write more of it`);
  return one;
}
