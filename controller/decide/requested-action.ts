import type { CanaryActionSpec } from '../../api/generated/canary-action.ts';

/** What a person has asked for, as the API server has taken it: who asked cannot be forged. */
export interface RequestedAction extends Omit<CanaryActionSpec, 'canary'> {
  readonly uid: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Who asked for it and why, as far as it is known. */
export function byOf({ requestedBy: by, reason }: RequestedAction): { readonly by?: string; readonly reason?: string } {
  return { ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) };
}
