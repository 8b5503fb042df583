import { randomBytes } from 'node:crypto';
import { isNotFound } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { isoSeconds } from './container-status.ts';
import type { Pod } from './pod.ts';

export interface ObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly apiVersion: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export type EventType = 'Normal' | 'Warning';

export interface EventOptions {
  readonly transport: Transport;
  readonly nodeName: string;
  readonly log: (message: string, error?: unknown) => void;
}

interface Series {
  readonly name: string;
  readonly namespace: string;
  readonly firstTimestamp: string;
  count: number;
}

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/** One object may cause this many events at once and one more every five minutes, as client-go has it. */
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_QUEUE = 1000;
const MAX_SERIES = 4096;

/**
 * Tells what happens to pods as core/v1 Events. Events that differ in nothing are one, with a count. They are sent one
 * after another behind everybody's back: an event is a courtesy, and nothing waits for it or fails with it.
 */
export class EventRecorder {
  readonly #options: EventOptions;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #stopped = new AbortController();
  #draining: Promise<void> | undefined;

  constructor(options: EventOptions) {
    this.#options = options;
  }

  pod(pod: Pod, type: EventType, reason: string, message: string): void {
    this.record(podReference(pod), type, reason, message);
  }

  /** An event of a container: `kubectl describe` shows its name from the field path. */
  container(pod: Pod, name: string, type: EventType, reason: string, message: string): void {
    const isInit = (pod.spec.initContainers ?? []).some((container) => container.name === name);
    const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${name}}`;
    this.record({ ...podReference(pod), fieldPath }, type, reason, message);
  }

  record(object: ObjectReference, type: EventType, reason: string, message: string): void {
    const now = Date.now();
    if (this.#stopped.signal.aborted || this.#queue.length >= MAX_QUEUE || !this.#take(object, now)) return;
    this.#queue.push(() => this.#send(object, type, reason, message, isoSeconds(now)));
    this.#draining ??= this.#drain();
  }

  /** Sends what is left, for two seconds at most. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#stopped.abort(), 2000);
    await this.#draining;
    clearTimeout(timer);
    this.#stopped.abort();
  }

  async #drain(): Promise<void> {
    for (let send = this.#queue.shift(); send !== undefined; send = this.#queue.shift()) {
      if (this.#stopped.signal.aborted) break;
      await send().catch((error: unknown) => this.#options.log('an event was lost', error));
    }
    this.#draining = undefined;
  }

  async #send(object: ObjectReference, type: EventType, reason: string, message: string, time: string): Promise<void> {
    const { transport, nodeName } = this.#options;
    const { signal } = this.#stopped;
    const key = JSON.stringify([object.namespace, object.uid, object.name, object.fieldPath, type, reason, message]);
    const old = this.#series.get(key);
    const namespace = object.namespace ?? 'default';
    const path = `/api/v1/namespaces/${namespace}/events`;
    if (old !== undefined) {
      old.count++;
      const body = { count: old.count, lastTimestamp: time };
      const contentType = 'application/strategic-merge-patch+json';
      try {
        await transport.request({ method: 'PATCH', path: `${path}/${old.name}`, body, contentType, signal });
        return;
      } catch (error) {
        // Events live for an hour: what we counted on is gone, and the next one starts anew.
        if (!isNotFound(error)) throw error;
        this.#series.delete(key);
      }
    }
    const name = `${object.name}.${randomBytes(8).toString('hex')}`;
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: object,
      type,
      reason,
      message: message.slice(0, 1024),
      source: { component: 'kubelet', host: nodeName },
      reportingComponent: 'kubelet',
      reportingInstance: nodeName,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    await transport.request({ method: 'POST', path, body, signal });
    if (this.#series.size >= MAX_SERIES) this.#series.clear();
    this.#series.set(key, { name, namespace, firstTimestamp: time, count: 1 });
  }

  #take(object: ObjectReference, now: number): boolean {
    if (this.#buckets.size >= MAX_SERIES) this.#buckets.clear();
    const bucket = this.#buckets.get(object.uid) ?? { tokens: BURST, refilledAt: now };
    this.#buckets.set(object.uid, bucket);
    const refill = Math.floor((now - bucket.refilledAt) / REFILL_MS);
    if (refill > 0) {
      bucket.tokens = Math.min(BURST, bucket.tokens + refill);
      bucket.refilledAt += refill * REFILL_MS;
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

function podReference({ metadata }: Pod): ObjectReference {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
  };
}
