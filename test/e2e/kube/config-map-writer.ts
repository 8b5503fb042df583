import { setTimeout as sleep } from 'node:timers/promises';
import { isNotFound } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { KubeRequest, Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../eventually.ts';

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** What a key's object was at one time: the number of its last write, or `undefined` where there was none. */
export type State = number | undefined;

export function stateOf(object: ConfigMap | undefined): State {
  return object === undefined ? undefined : Number(object.data?.['seq']);
}

export interface WriterOptions {
  readonly transport: Transport;
  readonly namespace: string;
  /** The value of the label `scenario`, and what the names begin with. */
  readonly scenario: string;
  readonly keys: number;
  /** Writes at the same time. @default 4 */
  readonly workers?: number;
  /** What each worker waits between two writes. @default 0 */
  readonly pauseMs?: number;
}

/** Creates, changes, deletes and re-creates ConfigMaps without end. */
export interface Writer {
  /** The states of each key in the order in which it went through them, all acknowledged by the server. */
  readonly states: ReadonlyMap<string, readonly State[]>;
  readonly writes: number;
  /** Resolves when the last write is acknowledged; rejects where one was refused for a minute. */
  stop(): Promise<void>;
}

/** Of every so many states of a key the last is that it is gone. */
const LIFE = 6;

export function startWriter({ workers = 4, pauseMs = 0, ...options }: WriterOptions): Writer {
  const { transport, namespace, scenario } = options;
  const states = new Map<string, State[]>();
  let writes = 0;
  let stopped = false;

  const collection = `/api/v1/namespaces/${namespace}/configmaps`;
  const body = (name: string, seq: number) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { scenario } },
    data: { seq: String(seq) },
  });

  async function read(name: string): Promise<State> {
    try {
      return stateOf(await transport.request<ConfigMap>({ path: `${collection}/${name}` }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Where no answer came, the write may have been done or not: what is there now tells. */
  function acknowledged(name: string, request: KubeRequest, wanted: State): Promise<void> {
    return eventually(async () => {
      try {
        await transport.request(request);
      } catch (error) {
        if ((await read(name)) !== wanted) throw error;
      }
    });
  }

  async function write(name: string): Promise<void> {
    const past = states.get(name) ?? [];
    states.set(name, past);
    const seq = ++writes;
    const path = `${collection}/${name}`;
    if (past.at(-1) === undefined) {
      await acknowledged(name, { method: 'POST', path: collection, body: body(name, seq) }, seq);
      past.push(seq);
    } else if (past.length % LIFE === LIFE - 1) {
      await acknowledged(name, { method: 'DELETE', path }, undefined);
      past.push(undefined);
    } else {
      await acknowledged(name, { method: 'PUT', path, body: body(name, seq) }, seq);
      past.push(seq);
    }
  }

  /** Each key is one worker's, so that its writes come one after the other. */
  async function work(worker: number): Promise<void> {
    for (let key = worker; !stopped; key = key + workers < options.keys ? key + workers : worker) {
      await write(`${scenario}-${key}`);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  const ended = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  // Told by `stop`.
  ended.catch(() => undefined);
  return {
    states,
    get writes() {
      return writes;
    },
    async stop() {
      stopped = true;
      await ended;
    },
  };
}
