import { withDefaults } from '../../api/defaults.ts';
import { findingText } from '../../api/finding.ts';
import type { Canary } from '../../api/generated/canary.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import { validate } from '../../api/validate.ts';
import { readCanaries } from '../cluster/read-canaries.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { lint } from '../lint/lint.ts';
import { readManifestFiles } from '../manifests/manifest-files.ts';
import { printedDocument } from '../output/document-printer.ts';
import { type Timetable, timetableOf } from '../plan/timetable.ts';
import { findingLine } from '../view/lint-findings.ts';
import { timetableLines } from '../view/timetable.ts';

interface PlanFlags {
  readonly filename?: readonly string[];
  readonly output?: 'json' | 'yaml';
  readonly meshProvider?: Provider;
}

/** Canaries with defaults, and whether that is all of what was asked for. */
interface Found {
  readonly canaries: readonly Canary[];
  readonly isAll: boolean;
}

export async function run(context: Context, [names = []]: Args, flags: PlanFlags): Promise<ExitCode> {
  const { filename: files = [] } = flags;
  if ((names.length === 0) === (files.length === 0))
    throw usageError('name canaries in the cluster, or give files with -f FILE: one of the two');
  const { canaries, isAll } =
    files.length > 0 ? await inFiles(context, files, flags) : await inCluster(context, names as readonly string[]);
  const plans = canaries.map(timetableOf);
  if (plans.length > 0) context.out.write(await printed(plans, flags.output));
  return isAll ? EXIT.OK : EXIT.FAILED;
}

async function inFiles(
  context: Context,
  names: readonly string[],
  { meshProvider: defaultProvider }: PlanFlags,
): Promise<Found> {
  const { files, unreadable } = await readManifestFiles(names, context.readInput);
  const { namespace = 'default' } = context.global;
  const { findings, canaries } = lint(files, { namespace, defaultProvider });
  for (const finding of findings) context.err.write(`${findingLine(finding, { hasColor: false })}\n`);
  for (const message of unreadable) context.err.write(`error: ${message}\n`);
  const isWrong = unreadable.length > 0 || findings.some(({ severity }) => severity === 'error');
  if (canaries.length === 0 && !isWrong) throw new CommandError(`there is no canary in ${names.join(', ')}`);
  return { canaries, isAll: !isWrong };
}

async function inCluster(context: Context, names: readonly string[]): Promise<Found> {
  const { items } = await readCanaries(await context.cluster(), { names }, context.signal);
  const right = items.flatMap((item): readonly Canary[] => {
    const canary = withDefaults('Canary', item) as Canary;
    const { status: _, ...written } = canary;
    const wrong = validate('Canary', written).map(findingText);
    if (wrong.length === 0) return [canary];
    context.err.write(`error: canary ${item.metadata.name} is not right as it stands: ${wrong.join('; ')}\n`);
    return [];
  });
  return { canaries: right, isAll: right.length === items.length };
}

async function printed(plans: readonly Timetable[], output: PlanFlags['output']): Promise<string> {
  const [one] = plans;
  const document = plans.length === 1 ? one : { items: plans };
  return output === undefined
    ? plans.map((plan) => `${timetableLines(plan).join('\n')}\n`).join('\n')
    : printedDocument(output, document);
}
