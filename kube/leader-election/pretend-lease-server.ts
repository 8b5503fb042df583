import { isDeepStrictEqual } from 'node:util';
import { KubeError } from '../errors.ts';
import { collectionPath } from '../resource.ts';
import { Timeout } from '../transport/call-scope.ts';
import { notLeader } from '../transport/fence.ts';
import type { KubeRequest, Transport } from '../transport/transport.ts';
import type { WatchEvent } from '../transport/watch-events.ts';
import { LEASES, type Lease, type LeaseSpec } from './lease.ts';

/** What becomes of a call on its way. */
export interface Fate {
  readonly thereMs: number;
  /** Infinite, the client hears nothing at all. */
  readonly backMs: number;
  /** What was on its way when the connection broke, which is all that the client hears. */
  readonly lost?: 'request' | 'answer';
}

/** Between one client and the server, in pretended time. */
export interface PretendNetwork {
  fate(call: KubeRequest): Fate;
  /** Time on the wire goes on whatever becomes of the client; the function that it returns takes it back. */
  after(ms: number, action: () => void): () => void;
  /** What has come for the client is its own to take up. */
  deliver(action: () => void): void;
}

interface Write {
  readonly event: WatchEvent<Lease>;
  readonly version: number;
}

export const NAMESPACE = 'system';
export const NAME = 'controller';
const PATH = collectionPath(LEASES, NAMESPACE);

/** What an API server does with one Lease, for tests that own the time. Each call is executed at once and as a whole. */
export class PretendLeaseServer {
  lease: Lease | undefined;
  #version = 100;
  #made = 0;
  readonly #writes: Write[] = [];
  readonly #watchers = new Set<() => void>();

  execute({ method = 'GET', path, body }: KubeRequest): unknown {
    const { lease } = this;
    const given = body as Lease | undefined;
    if (method === 'GET' && path === PATH) {
      return { metadata: { resourceVersion: String(this.#version) }, items: lease === undefined ? [] : [lease] };
    }
    if (method === 'GET') return lease ?? fail(404, 'NotFound');
    if (method === 'POST')
      return lease === undefined ? this.write(given?.spec, given?.metadata.annotations) : fail(409, 'AlreadyExists');
    // A Lease may be made by a PUT, but not one that is said to be there already.
    if (lease === undefined) return fail(409, 'Conflict');
    const { uid, resourceVersion, annotations } = given?.metadata ?? {};
    if (uid !== lease.metadata.uid || resourceVersion !== lease.metadata.resourceVersion) return fail(409, 'Conflict');
    const isSame = isDeepStrictEqual([given?.spec, annotations], [lease.spec, lease.metadata.annotations]);
    return isSame ? lease : this.write(given?.spec, annotations);
  }

  /** Whatever it is now: as `kubectl` would, too. */
  write(spec: LeaseSpec | undefined, annotations = this.lease?.metadata.annotations): Lease {
    const type = this.lease === undefined ? 'ADDED' : 'MODIFIED';
    const uid = this.lease?.metadata.uid ?? `uid-${++this.#made}`;
    const resourceVersion = String(++this.#version);
    const carried = annotations === undefined ? {} : { annotations };
    const metadata = { namespace: NAMESPACE, name: NAME, uid, resourceVersion, ...carried };
    this.lease = { metadata, ...(spec === undefined ? {} : { spec }) };
    this.#tell({ type, object: this.lease });
    return this.lease;
  }

  delete(): void {
    if (this.lease === undefined) return;
    const metadata = { ...this.lease.metadata, resourceVersion: String(++this.#version) };
    this.#tell({ type: 'DELETED', object: { ...this.lease, metadata } });
    this.lease = undefined;
  }

  transport(network: PretendNetwork): Transport {
    return {
      request: <T>(call: KubeRequest): Promise<T> => request(this, network, call) as Promise<T>,
      text: () => Promise.reject(new Error('nobody asks a Lease for text')),
      watch: <T>({ query, signal }: { query?: KubeRequest['query']; signal: AbortSignal }) =>
        this.#watch(network, Number(query?.['resourceVersion']), signal) as AsyncIterable<WatchEvent<T>>,
      close: () => undefined,
    };
  }

  #tell(event: WatchEvent<Lease>): void {
    this.#writes.push({ event, version: this.#version });
    for (const look of this.#watchers) look();
  }

  async *#watch(network: PretendNetwork, from: number, signal: AbortSignal): AsyncIterable<WatchEvent<Lease>> {
    const onTheWay: { readonly event: WatchEvent<Lease>; isHere: boolean }[] = [];
    let sent = from;
    let wake = (): void => undefined;
    const look = (): void => {
      for (const { event, version } of this.#writes.filter((write) => write.version > sent)) {
        sent = version;
        const message = { event, isHere: false };
        onTheWay.push(message);
        const arrive = (): void => {
          message.isHere = true;
          wake();
        };
        network.after(network.fate({ path: PATH }).backMs, () => network.deliver(arrive));
      }
    };
    signal.addEventListener('abort', () => wake(), { once: true });
    this.#watchers.add(look);
    look();
    try {
      while (!signal.aborted) {
        // On one connection none overtakes another.
        if (onTheWay[0]?.isHere === true) yield onTheWay.shift()?.event as WatchEvent<Lease>;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#watchers.delete(look);
    }
  }
}

function request(server: PretendLeaseServer, network: PretendNetwork, call: KubeRequest): Promise<unknown> {
  const { method = 'GET', path, deadlineMs = 30_000, signal, fence } = call;
  return new Promise((resolve, reject) => {
    if (fence?.isHeld() === false) {
      reject(notLeader(fence.holder, path));
      return;
    }
    const over = new AbortController();
    const breakOff = (reason: string, cause?: unknown): void => {
      over.abort();
      reject(new KubeError({ status: 0, reason, message: `${method} ${path}: ${reason}`, cause }));
    };
    const late = (): void => breakOff('Timeout', new Timeout('no answer'));
    over.signal.addEventListener(
      'abort',
      network.after(deadlineMs, () => network.deliver(late)),
    );
    for (const end of [signal, fence?.lost]) {
      end?.addEventListener('abort', () => breakOff('Aborted', end.reason), { signal: over.signal });
    }
    const { thereMs, backMs, lost } = network.fate(call);
    network.after(thereMs, () => {
      const answer = lost === 'request' ? undefined : answerOf(() => server.execute(call));
      if (backMs === Number.POSITIVE_INFINITY) return;
      network.after(backMs, () => {
        network.deliver(() => {
          if (answer === undefined || lost === 'answer') breakOff('ConnectionFailed');
          else answer(resolve, reject);
          over.abort();
        });
      });
    });
  });
}

type Answer = (resolve: (value: unknown) => void, reject: (error: Error) => void) => void;

function answerOf(execute: () => unknown): Answer {
  try {
    const value = execute();
    return (resolve) => resolve(value);
  } catch (error) {
    return (_, reject) => reject(error as Error);
  }
}

function fail(status: number, reason: string): never {
  throw new KubeError({ status, reason, message: reason });
}
