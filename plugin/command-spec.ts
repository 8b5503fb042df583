import type { Argument, Option } from 'commander';
import type { Context } from './context.ts';
import type { ExitCode } from './exit-code.ts';

/** A command as help, completion and documentation know it. What it does is loaded when it is used. */
export interface CommandSpec {
  /** As it is typed after `kubectl canary`: `get`, or `set image`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: 'See' | 'Decide' | 'Prepare' | 'About';
  /** One line, in the imperative, with a capital and a full stop. */
  readonly summary: string;
  /** More than that, as paragraphs. */
  readonly description?: readonly string[];
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  /** Each is run by a test. */
  readonly examples: readonly Example[];
  readonly load: () => Promise<CommandModule>;
}

export interface Example {
  /** What it does, without a full stop. */
  readonly what: string;
  /** Begins with `kubectl canary`. */
  readonly command: string;
}

export interface CommandModule {
  /**
   * @param args what stands for the arguments; a variadic one is an array in it
   * @param flags the options' values by their camel-cased long names, defaults filled in
   * @throws {CommandError} what a person is told in one line; every other error but a `KubeError` is a fault of ours
   */
  run(context: Context, args: Args, flags: object): Promise<ExitCode>;
}

/** One value for each argument of the spec: a text, `undefined` for one that is left out, or a list for a variadic one. */
export type Args = readonly (string | readonly string[] | undefined)[];
