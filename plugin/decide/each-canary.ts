import type { Resource } from '../../kube/resource.ts';
import { type ChosenCanary, chosenCanaries } from '../cluster/chosen-canaries.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { usageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../error-line.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type Printed, printedObjects } from '../output/object-printer.ts';
import { type OutputFormat, outputFormatOf } from '../output/output-format.ts';
import type { DecisionFlags } from './flags.ts';
import { exitCodeOf, type Outcome, outcomeLine } from './outcome.ts';

export interface EachCanary {
  /** For errors: `promote`, `set image`. */
  readonly command: string;
  /** For errors: `promoted`, of which there comes `not promoted`. */
  readonly done: string;
  /** Of the objects that `-o` prints. */
  readonly prints: Resource;
  readonly names: readonly string[];
  readonly act: (canary: ChosenCanary, cluster: Cluster) => Promise<Outcome>;
}

interface Failure {
  readonly kind: 'failed';
  readonly about: string;
  readonly error: unknown;
}

/**
 * Does the same with each canary that is named or selected, all at once, and tells of each in its turn. What fails is told on
 * standard error and keeps nobody from the others.
 *
 * @throws {CommandError} where the command line does not say which
 */
export async function eachCanary(
  context: Context,
  flags: DecisionFlags,
  { command, done, prints, names, act }: EachCanary,
): Promise<ExitCode> {
  checkChoice(names, flags);
  const format = outputFormatOf(flags.output);
  const cluster = await context.cluster();
  const chosen = await chosenCanaries(cluster, { names, selector: flags.selector }, context.signal);
  if (chosen.length === 0) {
    // Unlike a list, a decision about nothing is one that was not made.
    context.err.write(`No resources found in ${cluster.namespace} namespace.\n`);
    return EXIT.FAILED;
  }
  const tries = chosen.map(({ name, read }) => tried(name, read));
  const kinds: (Outcome['kind'] | 'failed')[] = [];
  const objects: Printed[] = [];
  for (const each of tries) {
    const told = await each;
    kinds.push(told.kind);
    if (told.kind === 'failed') {
      context.err.write(`${errorLine(told.error, command, told.about)}\n`);
    } else {
      if (told.object !== undefined) objects.push(told.object);
      tell(context, told, format, flags);
    }
  }
  const [one] = objects;
  if (format.kind !== 'table' && one !== undefined) {
    const printed = names.length === 1 ? { one } : { many: objects };
    context.out.writeRaw(await printedObjects(format, prints, printed));
  }
  return exitCodeOf(kinds, flags);

  async function tried(name: string, read: Promise<ReadCanary>): Promise<Outcome | Failure> {
    // What cannot even be read is named by the API server's own words.
    let about = '';
    try {
      const canary = await read;
      about = `canary.flagger.app/${name} not ${done}: `;
      return await act({ canary, isNamed: names.length > 0 }, cluster);
    } catch (error) {
      return { kind: 'failed', about, error };
    }
  }
}

function tell({ out, err }: Context, told: Outcome, format: OutputFormat, { dryRun }: DecisionFlags): void {
  if (told.kind === 'timeout') err.write(`error: ${told.subject}: ${told.done}\n`);
  else if (format.kind === 'table') out.write(`${outcomeLine(told, dryRun)}\n`);
}

function checkChoice(names: readonly string[], { all, selector, allNamespaces }: DecisionFlags): void {
  if (allNamespaces === true)
    throw usageError('decide in one namespace at a time: give --namespace in place of --all-namespaces');
  if (all === true && selector !== undefined) throw usageError('give --selector or --all, not both');
  if (names.length > 0 && all === true) throw usageError('name canaries or give --all, not both');
  if (names.length > 0 && selector !== undefined) throw usageError('name canaries or give --selector, not both');
  if (names.length === 0 && all !== true && selector === undefined) {
    throw usageError('name the canaries, or give --selector or --all');
  }
}
