import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../api/generated/canary-action.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import { withoutTrailing } from '../../api/without-trailing.ts';
import type { ActionManifest } from '../cluster/ask-action.ts';
import { CommandError } from '../command-error.ts';

/** What a command asks for beside the canary and its revision. */
export type Asked = Pick<CanaryActionSpec, 'action' | 'full' | 'toStep' | 'fromStep' | 'gate'>;

const MAX_NAME = 253;

/**
 * An action about the revision that was seen, or about the one that is named.
 *
 * @param suffix makes the name one that no action has. It is chosen here and not by the API server: where the answer to
 *   the write is lost, it can be looked up whether it was taken
 * @throws {CommandError} where nothing is released yet, or more than one revision begins as it is named
 */
export function actionManifest(
  { metadata: { name, namespace }, status }: Canary,
  asked: Asked,
  { revision, reason, suffix }: { readonly revision?: string; readonly reason?: string; readonly suffix: string },
): ActionManifest {
  const { lastAppliedSpec: seen = '' } = status ?? {};
  if (seen === '') throw new CommandError('the canary is being initialized, nothing is released yet');
  const named = revision === undefined ? seen : inFull(revision, seen, status ?? {});
  return {
    apiVersion: CANARY_ACTIONS.apiVersion,
    kind: CANARY_ACTIONS.kind,
    metadata: { name: actionName(name, `${asked.action}-${suffix}`), namespace },
    spec: { canary: name, revision: named, ...asked, ...(reason !== undefined && { reason }) },
  };
}

/**
 * The revision that somebody has named by how it begins. The controller takes no less of it than nobody can make twice, so it is
 * written in full where it is the one that is released, and no other that is known begins so.
 *
 * @throws {CommandError} where more than one begins so
 */
function inFull(text: string, seen: string, { lastPromotedSpec, target, history = [] }: CanaryStatus): string {
  if (!seen.startsWith(text)) return text;
  const known = [lastPromotedSpec, target?.revision, ...history.map(({ revision }) => revision)];
  if (known.some((each) => each !== undefined && each !== seen && each.startsWith(text)))
    throw new CommandError(`more than one revision begins with ${text}: write more of it`);
  return seen;
}

/** `podinfo-promote-x7k2p`. Neither half of a name that is cut may end or begin with anything but a letter or digit. */
function actionName(canary: string, rest: string): string {
  return `${withoutTrailing(canary.slice(0, MAX_NAME - rest.length - 1), '.-')}-${rest}`;
}
