import type { Canary, PromotedScaler } from '../../api/generated/canary.ts';
import type { AutoscalerFacts } from './observation.ts';
import type { PretendDeployment } from './pretend-deployment.ts';
import { type ScalerLimits, scalerLimits } from './scaler-limits.ts';

/** How old the metrics are that it scales by. */
const METRICS_MS = 45_000;

const NEW = { name: 'podinfo', rules: '1', scaleDownSeconds: 0 } as const;

/**
 * The target's HorizontalPodAutoscaler, and the primary's that is made from it. The latter scales at once by what it sees, and
 * what it sees is old: a primary that has shared its traffic looks idle, also when all of it has just come back.
 */
export class PretendAutoscaler {
  /** The user's own; `undefined` while it is not there. */
  ofTarget: PromotedScaler | undefined;
  /** The primary's; `undefined` while it is not there. */
  ofPrimary: (ScalerLimits & { readonly rules: string }) | undefined;
  /** How many pods all of the traffic needs. */
  load: number;
  /** How many pods that part of it needs which the primary gets while it shares. */
  sharedLoad = 1;
  #sharedAt = Number.NEGATIVE_INFINITY;

  constructor({ minReplicas, maxReplicas }: ScalerLimits, load: number) {
    this.ofTarget = { ...NEW, minReplicas, maxReplicas };
    this.load = load;
  }

  facts(canary: Canary): AutoscalerFacts {
    const wanted = this.#wanted(canary);
    const { ofPrimary } = this;
    const isTrue =
      wanted !== undefined &&
      ofPrimary?.minReplicas === wanted.minReplicas &&
      ofPrimary.maxReplicas === wanted.maxReplicas &&
      ofPrimary.rules === wanted.rules;
    return { ofTarget: this.ofTarget, isTrue };
  }

  /** Somebody changes the user's own, or makes it again. */
  write(minReplicas: number): void {
    const { maxReplicas, ...rest } = this.ofTarget ?? { maxReplicas: 5, ...NEW };
    this.ofTarget = { ...rest, minReplicas, maxReplicas: Math.max(minReplicas, maxReplicas), rules: `${minReplicas}` };
  }

  /** What people do. `edit` and `delete` are of the primary's. */
  happen(what: 'edit' | 'write' | 'delete' | 'delete target’s', replicas: number): void {
    if (what === 'write') this.write(replicas);
    else if (what === 'delete target’s') this.ofTarget = undefined;
    else if (what === 'delete') this.ofPrimary = undefined;
    else if (this.ofPrimary !== undefined) this.ofPrimary = { minReplicas: 1, maxReplicas: replicas, rules: 'odd' };
  }

  apply(canary: Canary): void {
    this.ofPrimary = this.#wanted(canary);
  }

  /** Whether what it sees is a primary with all of its traffic. */
  seesAll(now: number): boolean {
    return now - this.#sharedAt >= METRICS_MS;
  }

  /** @param served percent of the requests that the canary gets */
  scale(primary: PretendDeployment | undefined, served: number, now: number): void {
    if (served > 0) this.#sharedAt = now;
    // Of none it takes its hands off, as the real one does.
    if (primary === undefined || this.ofPrimary === undefined || primary.replicas === 0) return;
    const { minReplicas, maxReplicas } = this.ofPrimary;
    const wish = this.seesAll(now) ? this.load : this.sharedLoad;
    primary.change(now, { replicas: Math.min(maxReplicas, Math.max(minReplicas, wish)) });
  }

  #wanted({ spec, status = {} }: Canary) {
    const { scaler, primaryReplicas } = status;
    if (scaler === undefined) return undefined;
    const limits = scalerLimits(scaler, spec.autoscalerRef?.primaryScalerReplicas, primaryReplicas);
    return { ...limits, rules: scaler.rules };
  }
}
