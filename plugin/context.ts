import type { Clock } from '../kube/clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { GlobalFlags } from './global-options.ts';

/** Where text goes: standard output has what was asked for, standard error all else. */
export interface Output {
  /** Text for people: control characters that others wrote are made visible on the way. */
  write(text: string): void;
  /** As it is: documents, which escape by themselves and which programs read, and codes of our own for the screen. */
  writeRaw(text: string): void;
  readonly isTerminal: boolean;
}

/** What the plugin knows of the screen in front of it. */
export interface Terminal {
  /** Columns and rows now; those of a terminal of old where there is none. */
  size(): { readonly columns: number; readonly rows: number };
  /** Columns that a line may have: those of the screen, and any number where it goes to a file or another program. */
  lineWidth(): number;
  /** Calls back when the size changes, until the signal aborts. */
  onResize(callback: () => void, signal: AbortSignal): void;
  /** Whether colours are shown: `--color`, `NO_COLOR`, `TERM` and standard output have been asked. */
  readonly hasColor: boolean;
  /** Whether more than ASCII is shown. */
  readonly hasUnicode: boolean;
}

/** What a command works with. */
export interface Context {
  readonly out: Output;
  readonly err: Output;
  /** All of standard input, for `-f -`. */
  readonly readInput: () => Promise<string>;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Aborts with Ctrl-C: a command then ends soon, and the plugin exits with 130. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly global: GlobalFlags;
  /** The cluster that the kubeconfig and the global flags name. Connects when it is asked for first. */
  readonly cluster: () => Promise<Cluster>;
}
