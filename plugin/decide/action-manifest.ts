import type { Canary } from '../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../api/generated/canary-action.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
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
 * @throws {CommandError} where nothing is released yet
 */
export function actionManifest(
  { metadata: { name, namespace }, status }: Canary,
  asked: Asked,
  { revision, reason, suffix }: { readonly revision?: string; readonly reason?: string; readonly suffix: string },
): ActionManifest {
  const { lastAppliedSpec: seen = '' } = status ?? {};
  if (seen === '') throw new CommandError('the canary is being initialized, nothing is released yet');
  return {
    apiVersion: CANARY_ACTIONS.apiVersion,
    kind: CANARY_ACTIONS.kind,
    metadata: { name: actionName(name, `${asked.action}-${suffix}`), namespace },
    spec: { canary: name, revision: revision ?? seen, ...asked, ...(reason !== undefined && { reason }) },
  };
}

/** `podinfo-promote-x7k2p`. Neither half of a name that is cut may end or begin with anything but a letter or digit. */
function actionName(canary: string, rest: string): string {
  return `${canary.slice(0, MAX_NAME - rest.length - 1).replace(/[^a-z0-9]+$/, '')}-${rest}`;
}
