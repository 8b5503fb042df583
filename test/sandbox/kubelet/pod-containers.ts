import { rm } from 'node:fs/promises';
import { KubeError } from '../../../kube/errors.ts';
import type { FactsByName } from './container-facts.ts';
import { ContainerStartError } from './container-process.ts';
import { ContainerSlot } from './container-slot.ts';
import { prepareContainer } from './container-start.ts';
import { stopContainer } from './container-stop.ts';
import { Deadline } from './deadline.ts';
import { ContainerConfigError } from './environment.ts';
import type { NodeFacts } from './field-value.ts';
import { ImagePullError, ImagePuller, type PulledImage } from './image-pull.ts';
import { runHook } from './lifecycle-hook.ts';
import type { NodeContext } from './node-context.ts';
import { type Container, type Pod, podContainers, podTitle } from './pod.ts';
import type { PodDirectories } from './pod-directories.ts';
import type { PodNetwork } from './pod-network.ts';
import { probeContainer } from './probe/schedule.ts';
import { restoredFacts } from './restored-facts.ts';
import { instantContainer, type RunningContainer } from './running-container.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';

/** An API server that did not answer is asked again soon; a failure that none of the kubelet's texts is for, later. */
const RETRY_MS = 1000;
const UNEXPECTED_MS = 10_000;

export interface PodContainersOptions {
  readonly context: NodeContext;
  readonly directories: PodDirectories;
  readonly volumes: PodVolumes;
  /** The newest version of the pod. */
  readonly pod: () => Pod;
  readonly nodeFacts: () => NodeFacts;
  /** Aborted when no container is to be started any more. */
  readonly over: AbortSignal;
  /** Something has changed that the pod's status or the plan may depend on. */
  readonly onChange: () => void;
  readonly log: (message: string, error?: unknown) => void;
}

/** The containers of one pod: starts them, watches over each run, and ends them. What is to be done, others decide. */
export class PodContainers {
  readonly #options: PodContainersOptions;
  readonly #slots: Map<string, ContainerSlot>;
  readonly #puller: ImagePuller;

  constructor(options: PodContainersOptions) {
    const { context } = options;
    this.#options = options;
    const facts = restoredFacts(options.pod(), Date.now());
    this.#slots = new Map(facts.map((own) => [own.name, new ContainerSlot(own)]));
    this.#puller = new ImagePuller((name) => context.config.programs[name], context.presentImages, context.events);
  }

  get facts(): FactsByName {
    return new Map([...this.#slots].map(([name, slot]) => [name, slot.facts]));
  }

  get anyRunning(): boolean {
    return [...this.#slots.values()].some(({ running }) => running !== undefined);
  }

  /** Whether no container of the pod is a process. */
  get allInstant(): boolean {
    return podContainers(this.#options.pod().spec).every(({ spec }) => this.#puller.isInstant(spec.image));
  }

  slot(name: string): ContainerSlot | undefined {
    return this.#slots.get(name);
  }

  /** Never fails: why a container does not start is in its facts. */
  async start(name: string, network: PodNetwork): Promise<void> {
    const slot = this.#slots.get(name);
    const container = this.#container(name);
    if (slot === undefined || container === undefined) return;
    const { events } = this.#options.context;
    let pulled: PulledImage | undefined;
    try {
      pulled = this.#puller.pull(this.#pod, container, Date.now());
      const { image, names } = pulled;
      if (image.kind === 'instant') {
        await this.#begin(slot, container, instantContainer(), pulled);
        return;
      }
      const prepared = await prepareContainer({
        context: this.#options.context,
        pod: this.#pod,
        container,
        image,
        restartCount: slot.nextRestartCount,
        directories: this.#options.directories,
        network,
        volumes: this.#options.volumes,
        node: this.#options.nodeFacts(),
        signal: this.#options.over,
      });
      events.container(this.#pod, name, 'Normal', 'Created', 'Container created');
      const running = await prepared.begin();
      events.container(this.#pod, name, 'Normal', 'Started', 'Container started');
      await this.#begin(slot, container, running, { image, names });
    } catch (error) {
      if (this.#options.over.aborted && !(error instanceof ContainerStartError)) return;
      this.#startFailed(slot, pulled, error);
    }
    this.#options.onChange();
  }

  #startFailed(slot: ContainerSlot, pulled: PulledImage | undefined, error: unknown): void {
    const { events } = this.#options.context;
    const now = Date.now();
    if (error instanceof ImagePullError) {
      slot.wait(error.reason, error.message, error.retryAt);
    } else if (error instanceof ContainerConfigError) {
      events.container(this.#pod, slot.name, 'Warning', 'Failed', `Error: ${error.message}`);
      slot.wait('CreateContainerConfigError', error.message, now + UNEXPECTED_MS);
    } else if (error instanceof ContainerStartError && pulled !== undefined) {
      events.container(this.#pod, slot.name, 'Warning', 'Failed', `Error: ${error.message}`);
      this.#noteBackOff(slot, slot.failToBegin(pulled.names, error.message, this.#pod, now));
    } else {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log(`container ${slot.name} cannot be made`, error);
      slot.wait('CreateContainerError', message, now + (error instanceof KubeError ? RETRY_MS : UNEXPECTED_MS));
    }
  }

  /** From here on the container runs: its end, its hook and its probes are watched. */
  async #begin(
    slot: ContainerSlot,
    container: Container,
    running: RunningContainer,
    pulled: PulledImage,
  ): Promise<void> {
    const previous = slot.logs[1];
    slot.begin({ running, names: pulled.names, reference: container.image });
    if (previous !== undefined) {
      slot.logs.length = 2;
      void Promise.all([rm(previous.path, { force: true }), rm(`${previous.path}.1`, { force: true })]);
    }
    void running.exited.then((exit) => this.#ended(slot, exit));
    const { inside } = running;
    if (inside === undefined) {
      slot.facts = { ...slot.facts, started: true, ready: true };
      return;
    }
    this.#options.onChange();
    const hook = container.lifecycle?.postStart;
    if (hook !== undefined) {
      try {
        await runHook(hook, inside.probe, this.#pod, this.#options.over);
      } catch (error) {
        if (slot.running !== running) return;
        const { events } = this.#options.context;
        events.container(this.#pod, slot.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
        this.#options.log(`the postStart hook of ${slot.name}`, error);
        this.#stop(slot, 'FailedPostStartHook', undefined);
        return;
      }
    }
    if (slot.running === running) this.#probe(slot, container, running);
  }

  #probe(slot: ContainerSlot, container: Container, running: RunningContainer): void {
    const { inside } = running;
    if (inside === undefined) return;
    const probing = new AbortController();
    slot.probing = probing;
    const change = (facts: Partial<ContainerSlot['facts']>): void => {
      slot.facts = { ...slot.facts, ...facts };
      this.#options.onChange();
    };
    if (container.startupProbe === undefined) change({ started: true, ready: container.readinessProbe === undefined });
    const { events } = this.#options.context;
    void probeContainer(
      inside.probe,
      running.startedAt,
      {
        onStarted: () => change({ started: true, ready: container.readinessProbe === undefined }),
        onReady: (ready) => {
          if (slot.facts.ready !== ready) change({ ready });
        },
        onDead: (kind, probe) => {
          const message = `Container ${slot.name} failed ${kind.toLowerCase()} probe, will be restarted`;
          this.#stop(slot, message, probe.terminationGracePeriodSeconds);
        },
        onWarning: (reason, message) => events.container(this.#pod, slot.name, 'Warning', reason, message),
      },
      probing.signal,
    ).catch((error: unknown) => this.#options.log(`the probes of ${slot.name}`, error));
  }

  /** Ends one container of a pod that goes on. */
  #stop(slot: ContainerSlot, message: string, graceSeconds: number | undefined): void {
    if (slot.running === undefined || slot.stopping !== undefined) return;
    const deadline = new Deadline((graceSeconds ?? this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    slot.stopping = this.#stopWithin(slot, message, deadline).finally(() => deadline.clear());
  }

  async #stopWithin(slot: ContainerSlot, message: string, deadline: Deadline): Promise<void> {
    const container = this.#container(slot.name);
    const { running } = slot;
    if (container === undefined || running === undefined) return;
    const { events } = this.#options.context;
    if (running.inside !== undefined) events.container(this.#pod, slot.name, 'Normal', 'Killing', message);
    await stopContainer({
      pod: this.#pod,
      container,
      running,
      deadline,
      onHookFailed: (error) => {
        events.container(this.#pod, slot.name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
        this.#options.log(`the preStop hook of ${slot.name}`, error);
      },
    });
  }

  async #ended(slot: ContainerSlot, exit: Awaited<RunningContainer['exited']>): Promise<void> {
    const container = this.#container(slot.name);
    if (container === undefined) return;
    const delayMs = await slot.end(exit, this.#pod, container, this.#options.over.aborted);
    this.#noteBackOff(slot, delayMs);
    this.#options.onChange();
  }

  #noteBackOff(slot: ContainerSlot, delayMs: number): void {
    if (delayMs === 0) return;
    const message = `Back-off restarting failed container ${slot.name} in pod ${podTitle(this.#pod)}`;
    this.#options.context.events.container(this.#pod, slot.name, 'Warning', 'BackOff', message);
  }

  /** An image is the one field of a container that may change under it. */
  restartChangedImages(): void {
    for (const slot of this.#slots.values()) {
      const image = this.#container(slot.name)?.image;
      if (slot.running !== undefined && image !== slot.reference && slot.role !== 'init') {
        const kind = slot.role === 'sidecar' ? 'Init container' : 'Container';
        this.#stop(slot, `${kind} ${slot.name} definition changed, will be restarted`, undefined);
      }
    }
  }

  /**
   * Ends all: regular containers at once, then the sidecars one by one in reverse, within one grace period. Resolves when
   * the processes have ended, a moment before their ends are in the facts.
   */
  async stopAll(deadline: Deadline, onReadinessGone: () => void): Promise<void> {
    const all = [...this.#slots.values()];
    for (const slot of all) {
      slot.probing?.abort();
      slot.facts = { ...slot.facts, ready: false };
    }
    onReadinessGone();
    const stop = (slot: ContainerSlot) => this.#stopWithin(slot, `Stopping container ${slot.name}`, deadline);
    await Promise.all(all.filter(({ role }) => role !== 'sidecar').map(stop));
    for (const slot of all.filter(({ role }) => role === 'sidecar').toReversed()) await stop(slot);
  }

  get #pod(): Pod {
    return this.#options.pod();
  }

  #container(name: string): Container | undefined {
    return podContainers(this.#pod.spec).find(({ spec }) => spec.name === name)?.spec;
  }
}
