import type { DeploymentFacts } from './readiness.ts';

interface Pod {
  readonly template: string;
  /** What it was configured by when it was made. */
  config: string;
  readyAt: number;
  /** Whether somebody has looked at its Deployment since. */
  isSeen: boolean;
}

/** When a pod of a template is available, in milliseconds after it is made. `Infinity` is never. */
export type PodDelay = (template: string) => number;

/** What the deployment controller takes to look at a new spec. */
const OBSERVED_MS = 100;

/**
 * A Deployment as its controller would make it: all new pods at once, and the old ones go when the new ones are available.
 * Names of revisions stand for pod templates.
 */
export class PretendDeployment {
  static #made = 0;
  /** Another for each that is made, under one name or not. */
  readonly uid = String(++PretendDeployment.#made);
  template: string;
  /** What pods are configured by that are made from now on; copies, which have names of their own, are part of the template. */
  config = '';
  replicas: number;
  generation = 1;
  /** How late Kubernetes lists its pods as endpoints. */
  listDelayMs = 0;
  /** Takes the old pods away before the new ones are there. */
  recreates = false;
  readonly #name: string;
  readonly #delay: PodDelay;
  #observed = 0;
  #syncAt: number;
  #pods: Pod[] = [];
  #progressedAt: number;
  #unavailableSince: number | undefined;
  /** The template of which all pods were there at once. */
  #completed: string | undefined;
  #facts: DeploymentFacts;
  /** What is listed from when on, the newest last. */
  #lists: readonly { readonly at: number; readonly ready: number }[] = [];

  constructor(
    name: string,
    { template, replicas, now, delay }: { template: string; replicas: number; now: number; delay: PodDelay },
  ) {
    this.template = template;
    this.replicas = replicas;
    this.#name = name;
    this.#delay = delay;
    this.#syncAt = now + OBSERVED_MS;
    this.#progressedAt = now;
    this.#facts = this.#status(now, 0);
  }

  change(
    now: number,
    { template = this.template, replicas = this.replicas }: { template?: string; replicas?: number },
  ) {
    if (template === this.template && replicas === this.replicas) return;
    this.template = template;
    this.replicas = replicas;
    this.generation += 1;
    this.#syncAt = now + OBSERVED_MS;
  }

  /** All of its pods fall over, and come back after this long. */
  crash(now: number, forMs: number): void {
    // One that never comes up does not by crashing.
    for (const pod of this.#pods) pod.readyAt = Math.max(now + forMs, pod.readyAt);
    this.settle(now);
  }

  /** Somebody looks at it, and remembers what it is like. */
  look(): void {
    for (const pod of this.#pods) pod.isSeen = true;
  }

  /**
   * Its configuration is again what it was when somebody looked last. Nobody can tell this from no change at all, so no rule can
   * hold for pods that were made in between: they count as made with this configuration.
   */
  configureBack(config: string): void {
    this.config = config;
    for (const pod of this.#pods) if (!pod.isSeen) pod.config = config;
  }

  /** Pods that are as they should be, whatever it took. */
  becomeReady(now: number): void {
    this.#sync(now);
    this.#pods = this.#pods.filter(({ template }) => template === this.template);
    for (const pod of this.#pods) pod.readyAt = now;
    this.settle(now);
  }

  /** What has happened by now. */
  settle(now: number): void {
    if (now >= this.#syncAt) this.#sync(now);
    this.#facts = this.#status(now, this.#observed);
    if (this.#lists.at(-1)?.ready !== this.available)
      this.#lists = [...this.#lists, { at: now + this.listDelayMs, ready: this.available }];
    const current = this.#lists.findLastIndex(({ at }) => at <= now);
    this.#lists = this.#lists.slice(Math.max(0, current));
    this.#settledAt = now;
  }

  /** How many of its pods a gateway knows. */
  get listed(): number {
    return this.#lists.findLast(({ at }) => at <= this.#settledAt)?.ready ?? 0;
  }

  /** When something happens by itself next. */
  get nextAt(): number {
    const lists = this.#lists.map(({ at }) => at).filter((at) => at > this.#settledAt);
    return Math.min(
      this.#observed < this.generation ? this.#syncAt : Number.POSITIVE_INFINITY,
      ...this.#coming(),
      ...lists,
    );
  }

  /** @param shownAt the date that a moment is written as */
  facts(shownAt: (time: number) => string): DeploymentFacts {
    const conditions = this.#facts.conditions.map((each) => ({
      ...each,
      lastUpdateTime: shownAt(Number(each.lastUpdateTime)),
      lastTransitionTime: shownAt(Number(each.lastTransitionTime)),
    }));
    const endpoints = { service: `${this.#name}-listed`, ready: this.listed };
    return { ...this.#facts, generation: this.generation, replicas: this.replicas, conditions, endpoints };
  }

  get available(): number {
    return this.#facts.availableReplicas;
  }

  /** Whether all pods that there are have the newest template, and are available. */
  get isUniform(): boolean {
    return this.#pods.every(({ template }) => template === this.template);
  }

  /** What its pods are made of, and whether those that there are have read it all. */
  get content(): string {
    return `${this.template}${this.config}`;
  }

  /** Whether there are pods, and all of them are made of this, whatever they should be made of. */
  runs(content: string | undefined): boolean {
    return this.#pods.length > 0 && this.#pods.every(({ template, config }) => `${template}${config}` === content);
  }

  get hasReadConfig(): boolean {
    return this.#pods.every(({ config }) => config === this.config);
  }

  #coming(): readonly number[] {
    return this.#pods.map(({ readyAt }) => readyAt).filter((at) => at > this.#seenAt);
  }

  #seenAt = 0;
  #settledAt = 0;

  #sync(now: number): void {
    if (this.#observed === this.generation) return;
    this.#observed = this.generation;
    this.#syncAt = Number.POSITIVE_INFINITY;
    const fresh = this.#pods.filter(({ template }) => template === this.template).slice(0, this.replicas);
    const old = this.recreates || this.replicas === 0 ? [] : this.#pods.filter((pod) => pod.template !== this.template);
    const missing = Math.max(0, this.replicas - fresh.length);
    const made = Array.from({ length: missing }, () => ({
      template: this.template,
      config: this.config,
      readyAt: now + this.#delay(this.template),
      isSeen: false,
    }));
    if (missing > 0) this.#progressedAt = now;
    this.#pods = [...old, ...fresh, ...made];
  }

  #status(now: number, observedGeneration: number): DeploymentFacts {
    const isNew = ({ template }: Pod) => template === this.template;
    const isAvailable = ({ readyAt }: Pod) => readyAt <= now;
    // With an older spec nothing is done about the pods but to count them.
    const isObserved = observedGeneration === this.generation;
    const fresh = this.#pods.filter(isNew);
    if (isObserved && fresh.length >= this.replicas && fresh.every(isAvailable)) {
      this.#pods = fresh;
      this.#completed = this.template;
    }
    const progress = this.#completed === this.template ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated';
    if (this.#pods.some(({ readyAt }) => readyAt > this.#seenAt && readyAt <= now)) this.#progressedAt = now;
    this.#seenAt = now;
    const available = this.#pods.filter(isAvailable).length;
    const isEnough = available >= this.replicas;
    this.#unavailableSince = isEnough ? undefined : (this.#unavailableSince ?? now);
    return {
      name: this.#name,
      namespace: 'test',
      generation: this.generation,
      observedGeneration,
      replicas: this.replicas,
      statusReplicas: this.#pods.length,
      updatedReplicas: isObserved ? fresh.length : Math.min(this.#facts?.updatedReplicas ?? 0, this.#pods.length),
      availableReplicas: available,
      conditions: [
        condition('Progressing', progress, 'True', this.#progressedAt),
        condition('Available', 'Pretended', isEnough ? 'True' : 'False', this.#unavailableSince ?? this.#progressedAt),
      ],
    };
  }
}

/** Times are written as numbers: which date that is depends on whose clock is asked. */
function condition(type: string, reason: string, status: string, at: number) {
  return { type, status, reason, message: '', lastUpdateTime: String(at), lastTransitionTime: String(at) };
}
