import type { Clock } from '../../../kube/clock.ts';
import type { Log } from '../../../kube/log.ts';
import { type Reflector, startReflector, type WatchEnd } from '../../../kube/reflector.ts';
import type { Query, Transport } from '../../../kube/transport/transport.ts';
import { type ConfigMap, type State, stateOf } from './config-map-writer.ts';

/** A reflector, and everything that it did. */
export interface Witness {
  readonly reflector: Reflector<ConfigMap>;
  /** The states of each key in the order in which they were told. */
  readonly told: ReadonlyMap<string, readonly State[]>;
  readonly changes: number;
  readonly lists: number;
  readonly ends: Readonly<Record<WatchEnd, number>>;
  /** How often the server was heard of. */
  readonly heard: number;
  /** `error: may not list`; not a line for each, but how many. */
  readonly logged: ReadonlyMap<string, number>;
  /** Changes whose object before was not the one that was told last. */
  readonly untrue: readonly string[];
  stop(): Promise<void>;
}

export interface WitnessOptions {
  readonly transport: Transport;
  readonly path: string;
  readonly query: Query;
  readonly clock: Clock;
}

export function startWitness(options: WitnessOptions): Witness {
  const stop = new AbortController();
  const told = new Map<string, State[]>();
  const last = new Map<string, ConfigMap>();
  const ends = { timeout: 0, expired: 0, idle: 0, error: 0 };
  const untrue: string[] = [];
  const logged = new Map<string, number>();
  let [changes, lists, heard] = [0, 0, 0];

  const write = (level: string) => (_fields: object, message: string) => {
    const line = `${level}: ${message}`;
    logged.set(line, (logged.get(line) ?? 0) + 1);
  };
  const log: Log = {
    ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    child: () => log,
  };
  const reflector = startReflector<ConfigMap>({
    ...options,
    log,
    signal: stop.signal,
    onChange(key, object, before) {
      changes++;
      if (before !== last.get(key)) untrue.push(`${key}: change ${changes}`);
      if (object === undefined) last.delete(key);
      else last.set(key, object);
      const name = key.slice(key.indexOf('/') + 1);
      told.set(name, [...(told.get(name) ?? []), stateOf(object)]);
    },
    metrics: { listed: () => lists++, watchEnded: (reason) => ends[reason]++, heard: () => heard++ },
  });

  return {
    ...{ reflector, told, ends, untrue, logged },
    get changes() {
      return changes;
    },
    get lists() {
      return lists;
    },
    get heard() {
      return heard;
    },
    async stop() {
      stop.abort();
      await reflector.ended;
    },
  };
}
