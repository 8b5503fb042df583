// Who owns what is made for a canary. The garbage collector takes an object when none of its owners is left: with two of them
// neither a canary that is gone with its finalizer taken away, nor one that is deleted in the foreground, takes the primary
// from under the traffic.
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import { CANARIES, DEPLOYMENTS } from '../api/resources.ts';

export interface Target {
  readonly metadata: { readonly name: string; readonly uid: string };
}

interface Family {
  readonly canary: Canary;
  readonly target: Target | undefined;
  readonly primary: Owned | undefined;
}

interface Owned {
  readonly metadata: { readonly ownerReferences?: readonly { readonly uid: string }[] };
}

export function ownerReference({ metadata: { name, uid } }: Canary) {
  return { apiVersion: CANARIES.apiVersion, kind: CANARIES.kind, name, uid, controller: true };
}

export function targetReference({ metadata: { name, uid } }: Target) {
  return { apiVersion: DEPLOYMENTS.apiVersion, kind: DEPLOYMENTS.kind, name, uid };
}

/** The owners of what goes when both are gone. Of a canary that nothing holds yet, all that was made goes with it. */
export function ownersOf(canary: Canary, target: Target | undefined): readonly { readonly uid: string }[] {
  const isHeld = canary.metadata.finalizers?.includes(FINALIZER) === true;
  return [ownerReference(canary), ...(target === undefined || !isHeld ? [] : [targetReference(target)])];
}

/** Whether an object was made for a canary, by whichever of its owners is left; not one that was there before. */
export function isMadeFor(object: Owned, canary: Canary, target: Target | undefined): boolean {
  return isOwnedBy(object, canary.metadata.uid) || (target !== undefined && isOwnedBy(object, target.metadata.uid));
}

export function isOwnedBy({ metadata }: Owned, owner: string): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner) ?? false;
}

/** Whether the primary stays when the canary goes: unless we have made it, and nobody but the canary owns it. */
export function outlivesCanary({ canary, target, primary }: Family): boolean {
  if (primary === undefined || !isOwnedBy(primary, canary.metadata.uid)) return true;
  return target !== undefined && isOwnedBy(primary, target.metadata.uid);
}
