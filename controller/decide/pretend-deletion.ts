import type { Acceptance, DeletionFacts } from './observation.ts';
import type { PretendDeployment } from './pretend-deployment.ts';

/** What of a pretended release matters when its canary goes. */
interface Going {
  readonly target: PretendDeployment | undefined;
  primary: PretendDeployment | undefined;
  readonly services: { readonly backends: boolean; readonly apex: boolean };
  readonly routeWeight: number | undefined;
  readonly served: number;
  deleted: boolean;
}

/** What leads to the pods of a canary that is deleted, and what the garbage collector leaves of it. */
export class PretendDeletion {
  /** Whether our finalizer is there. */
  isHeld = false;
  namespaceIsGoing = false;
  /** Whether the target owns the primary too. */
  primaryIsShared = false;
  serviceIsBack = false;
  routeIsBack = false;
  /** Whether the gateway has taken that up. */
  gatewayIsBack = false;
  isGone = false;

  facts({ services, routeWeight }: Going, acceptance: Acceptance): DeletionFacts {
    return {
      namespaceIsGoing: this.namespaceIsGoing,
      service: { isThere: services.apex, isBack: this.serviceIsBack },
      route: { isThere: routeWeight !== undefined, isBack: this.routeIsBack, acceptance },
    };
  }

  hold(how: 'hold canary' | 'share primary'): void {
    if (how === 'hold canary') this.isHeld = true;
    else this.primaryIsShared = true;
  }

  /** Somebody deletes the canary. */
  delete(release: Going): void {
    release.deleted = true;
    if (!this.isHeld) this.letGo(release, false);
  }

  letGo(release: Going, collects: boolean): void {
    this.isHeld = false;
    this.isGone = true;
    const isOwned = !collects && this.primaryIsShared && release.target !== undefined && !this.namespaceIsGoing;
    if (!isOwned) release.primary = undefined;
  }

  /** Whether somebody answers who calls by name, and who comes through the gateway. */
  isAnswered({ target, primary, services, routeWeight, served }: Going) {
    const ofTarget = (target?.available ?? 0) > 0;
    const ofPrimary = (primary?.available ?? 0) > 0;
    const byName = this.serviceIsBack || !services.apex ? ofTarget : ofPrimary;
    if (this.gatewayIsBack || routeWeight === undefined) return { byName, byGateway: byName };
    return { byName, byGateway: (served === 100 || ofPrimary) && (served === 0 || ofTarget) };
  }
}
