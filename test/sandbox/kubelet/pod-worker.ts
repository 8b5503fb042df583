import { rm } from 'node:fs/promises';
import { KubeError } from '../../../kube/errors.ts';
import type { ContainerSlot } from './container-slot.ts';
import { Deadline } from './deadline.ts';
import type { NodeFacts } from './field-value.ts';
import type { NodeContext } from './node-context.ts';
import { pause } from './pause.ts';
import { type Pod, podPath } from './pod.ts';
import { PodContainers } from './pod-containers.ts';
import { type PodDirectories, podDirectories } from './pod-directories.ts';
import type { PodNetwork } from './pod-network.ts';
import { planPod } from './pod-plan.ts';
import { podStatus } from './pod-status.ts';
import { StatusWriter } from './status-writer.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { keepVolumesFresh, mountVolumes, type UpkeepOptions } from './volumes/volume-upkeep.ts';
import { WakeUp } from './wake-up.ts';

const RETRY_MS = 1000;
/** After a failure that nothing else is in place for, such as of a program of the machine. */
const UNEXPECTED_MS = 10_000;
/** What a stopping kubelet gives its containers. */
const SHUTDOWN_MS = 2000;

/** Why no container of the pod is to be started any more. */
type Ending =
  /** deletionTimestamp is set: the object waits for us to let it go. */
  | 'deleted'
  /** The object is gone. */
  | 'removed'
  | 'deadline'
  | 'finished'
  /** The kubelet itself stops: the pod goes on elsewhere in time. */
  | 'shutdown';

/**
 * Runs one pod, from the moment that it is bound to this node until it is gone. Everything about the pod happens in one
 * sequence: a loop plans from what is known, does it, and sleeps until something has happened.
 */
export class PodWorker {
  readonly #context: NodeContext;
  readonly #directories: PodDirectories;
  readonly #containers: PodContainers;
  readonly #volumes: PodVolumes;
  readonly #writer: StatusWriter;
  readonly #wakeUp = new WakeUp();
  /** Aborted once there is an ending. */
  readonly #over = new AbortController();
  /** Aborted when the kubelet stops: no more requests. */
  readonly #stopped = new AbortController();
  /** Resolves when the object is to be let go or has gone. */
  readonly #letGo = new AbortController();
  readonly #startTime = Date.now();
  readonly done: Promise<void>;
  #pod: Pod;
  #ending: Ending | undefined;
  #network: PodNetwork | undefined;
  #networkReady = false;
  #failure: { readonly reason: string; readonly message: string } | undefined;
  #grace: Deadline | undefined;

  constructor(context: NodeContext, pod: Pod) {
    this.#context = context;
    this.#pod = pod;
    this.#directories = podDirectories(context.config.rootDir, pod);
    this.#volumes = new PodVolumes({
      transport: context.transport,
      source: context.source,
      directory: this.#directories.volumes,
      memoryDirectory: this.#directories.memory,
    });
    this.#containers = new PodContainers({
      context,
      directories: this.#directories,
      volumes: this.#volumes,
      pod: () => this.#pod,
      nodeFacts: () => this.#nodeFacts(),
      over: this.#over.signal,
      onChange: () => this.#wakeUp.wake(),
      log: (message, error) => this.#log(message, error),
    });
    this.#writer = new StatusWriter(context, pod, this.#stopped.signal);
    this.done = this.#run().catch((error: unknown) => this.#log('the worker has failed', error));
  }

  get pod(): Pod {
    return this.#pod;
  }

  slot(container: string): ContainerSlot | undefined {
    return this.#containers.slot(container);
  }

  get address(): string | undefined {
    return this.#network?.address;
  }

  /** The object has changed. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#end('deleted');
      this.#letGo.abort();
      const graceSeconds = pod.metadata.deletionGracePeriodSeconds;
      if (graceSeconds !== undefined) this.#grace?.shorten(graceSeconds * 1000);
    }
    this.#wakeUp.wake();
  }

  /** The object is gone. */
  remove(): void {
    this.#end('removed');
    this.#letGo.abort();
  }

  /** Ends everything of the pod on this node, in seconds, and says nothing about it to the API server. */
  async shutDown(): Promise<void> {
    this.#end('shutdown');
    this.#stopped.abort();
    this.#letGo.abort();
    this.#grace?.shorten(SHUTDOWN_MS);
    await this.done;
  }

  async #run(): Promise<void> {
    const { phase } = this.#pod.status ?? {};
    const finished = phase === 'Succeeded' || phase === 'Failed';
    if (this.#pod.metadata.deletionTimestamp !== undefined) this.update(this.#pod);
    if (!finished && this.#ending === undefined) {
      await this.#live();
    }
    if (!finished) {
      await this.#terminate();
      await this.#release();
    }
    if (this.#ending !== 'shutdown' && this.#ending !== 'removed') {
      await this.#writer.flush();
      if (!this.#letGo.signal.aborted) {
        await new Promise<void>((resolve) =>
          this.#letGo.signal.addEventListener('abort', () => resolve(), { once: true }),
        );
      }
      await this.#deleteObject();
    }
    await rm(this.#directories.logs, { recursive: true, force: true });
  }

  /** Brings the pod up and keeps it as it should be until there is an ending. */
  async #live(): Promise<void> {
    const { signal } = this.#over;
    const instant = this.#containers.allInstant;
    if (!instant) this.#publish();
    const deadline = this.#watchDeadline();
    const upkeep: UpkeepOptions = {
      volumes: this.#volumes,
      events: this.#context.events,
      pod: () => this.#pod,
      nodeFacts: () => this.#nodeFacts(),
      signal,
    };
    const refreshing = instant ? undefined : keepVolumesFresh(upkeep);
    while (!signal.aborted) {
      try {
        if (!instant) await mountVolumes(upkeep);
        await this.#joinNetwork(instant);
        const wakeAt = await this.#step();
        this.#publish();
        if (!signal.aborted) await this.#wakeUp.wait(wakeAt === undefined ? undefined : wakeAt - Date.now());
      } catch (error) {
        if (signal.aborted) break;
        this.#log('trying again', error);
        await pause(UNEXPECTED_MS, signal);
      }
    }
    await Promise.all([deadline, refreshing]);
  }

  /** Does what the plan says. Returns when to plan again at the latest. */
  async #step(): Promise<number | undefined> {
    this.#containers.restartChangedImages();
    const plan = planPod(this.#pod.spec, this.#containers.facts, Date.now());
    for (const action of plan.actions) {
      if (this.#over.signal.aborted) return undefined;
      if (action.do === 'finish') this.#end('finished');
      else if (this.#network !== undefined) await this.#containers.start(action.container, this.#network);
      this.#publish();
    }
    // A start may have changed what there is to wait for.
    return plan.actions.length > 0 ? Date.now() : plan.wakeAt;
  }

  async #terminate(): Promise<void> {
    const { metadata, spec } = this.#pod;
    const graceSeconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
    const deadline = new Deadline(this.#ending === 'shutdown' ? SHUTDOWN_MS : graceSeconds * 1000);
    this.#grace = deadline;
    await this.#containers.stopAll(deadline, () => {
      if (!this.#containers.allInstant) this.#publish();
    });
    deadline.clear();
    while (this.#containers.anyRunning) await this.#wakeUp.wait(1000);
  }

  async #release(): Promise<void> {
    if (this.#network !== undefined) await this.#context.networks.detach(this.#network);
    this.#networkReady = false;
    if (!this.#containers.allInstant || this.#ending !== 'deleted') this.#publish();
    await this.#volumes.remove();
    await rm(this.#directories.root, { recursive: true, force: true });
  }

  async #deleteObject(): Promise<void> {
    const { uid } = this.#pod.metadata;
    const { signal } = this.#stopped;
    while (!signal.aborted && this.#ending !== 'removed') {
      try {
        await this.#context.transport.request({
          method: 'DELETE',
          path: podPath(this.#pod),
          body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } },
          signal,
        });
        return;
      } catch (error) {
        if (error instanceof KubeError && [404, 409].includes(error.status)) return;
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #joinNetwork(instant: boolean): Promise<void> {
    if (this.#networkReady || this.#over.signal.aborted) return;
    const { networks, config } = this.#context;
    if (this.#pod.spec.hostNetwork === true) this.#network = { address: config.nodeAddress, namespace: undefined };
    else this.#network = instant ? networks.attachWithoutNamespace() : await networks.attach();
    this.#networkReady = true;
    if (!instant) this.#publish();
  }

  async #watchDeadline(): Promise<void> {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined) return;
    const since = Date.parse(this.#pod.status?.startTime ?? '') || this.#startTime;
    await pause(since + activeDeadlineSeconds * 1000 - Date.now(), this.#over.signal);
    if (this.#over.signal.aborted) return;
    const message = 'Pod was active on the node longer than the specified deadline';
    this.#failure = { reason: 'DeadlineExceeded', message };
    this.#context.events.pod(this.#pod, 'Normal', 'DeadlineExceeded', message);
    this.#end('deadline');
  }

  #end(ending: Ending): void {
    if (this.#ending === undefined || ending === 'removed' || ending === 'shutdown') this.#ending = ending;
    this.#over.abort();
    this.#wakeUp.wake();
  }

  #publish(): void {
    if (this.#stopped.signal.aborted || this.#ending === 'removed') return;
    const status = podStatus(
      {
        pod: this.#pod,
        containers: this.#containers.facts,
        hostAddress: this.#context.config.nodeAddress,
        podAddress: this.#network?.address,
        startTime: this.#startTime,
        networkReady: this.#networkReady,
        ended: this.#ending !== undefined,
        failure: this.#failure,
      },
      this.#writer.latest,
      Date.now(),
    );
    this.#writer.set(status);
  }

  #nodeFacts(): NodeFacts {
    const { config, allocatable } = this.#context;
    return { nodeAddress: config.nodeAddress, podAddress: this.#network?.address, allocatable };
  }

  #log(message: string, error?: unknown): void {
    this.#context.log(`pod ${this.#pod.metadata.namespace}/${this.#pod.metadata.name}: ${message}`, error);
  }
}
