import { isOfTemplate, revisionOf, shortRevision } from '../../api/revision.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { findKeptRevision, readKeptRevisions } from '../cluster/kept-revisions.ts';
import { type ReadCanary, readCanaries } from '../cluster/read-canaries.ts';
import { readTarget } from '../cluster/target.ts';
import { CommandError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../error-line.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { yamlOf } from '../output/yaml-text.ts';
import { colouredDiff } from '../view/coloured-diff.ts';

interface DiffFlags {
  readonly revision?: string;
}

/** A pod template with what it is called. */
interface Side {
  readonly file: string;
  readonly title: string;
  readonly revision: string;
  readonly yaml: string;
}

export async function run(context: Context, [name = '']: Args, flags: DiffFlags): Promise<ExitCode> {
  const { err, signal } = context;
  try {
    const cluster = await context.cluster();
    const [canary] = (await readCanaries(cluster, { names: [name as string] }, signal)).items;
    if (canary === undefined) throw new CommandError(`there is no canary ${name as string}`);
    return await compare(context, ...(await sidesOf(cluster, canary, flags, context)));
  } catch (error) {
    // 1 says that there is a difference.
    err.write(`${errorLine(error, 'diff')}\n`);
    return EXIT.USAGE;
  }
}

async function sidesOf(
  cluster: Cluster,
  canary: ReadCanary,
  flags: DiffFlags,
  { err, signal }: Context,
): Promise<readonly [Side, Side]> {
  const { name } = canary.metadata;
  const { lastPromotedSpec = '', target: seen } = canary.status ?? {};
  const kept = await readKeptRevisions(cluster, canary, { err, signal });
  const promoted = kept.find(({ revision }) => revision === lastPromotedSpec);
  if (promoted === undefined) {
    throw new CommandError(
      lastPromotedSpec === ''
        ? `nothing of ${name} has been promoted yet`
        : `the promoted revision ${shortRevision(lastPromotedSpec)} of ${name} is not kept`,
    );
  }
  if (promoted.of === 'primary') err.write('The promoted one is shown as the primary has it, with names of its own.\n');
  const side = (file: string, what: string, revision: string, template: object): Side => ({
    ...{ file, revision, yaml: yamlOf(template) },
    title: `${name}, revision ${shortRevision(revision)}, ${what}`,
  });
  const before = side('promoted', 'promoted', promoted.revision, promoted.template);
  if (flags.revision !== undefined) {
    const other = findKeptRevision(kept, flags.revision);
    return [before, side('kept', `number ${other.ordinal}`, other.revision, other.template)];
  }
  const { template } = (await readTarget(cluster, canary, signal)).spec;
  const ofTemplate = revisionOf(template);
  // The controller alone knows what configures it.
  const revision = seen !== undefined && isOfTemplate(seen.revision, ofTemplate) ? seen.revision : ofTemplate;
  return [before, side('target', 'target', revision, template)];
}

async function compare({ out, err, env, terminal, signal }: Context, before: Side, after: Side): Promise<ExitCode> {
  if (before.yaml === after.yaml) {
    if (before.revision === after.revision) return EXIT.OK;
    err.write('The pod templates are the same: what differs is the configuration that they refer to.\n');
    return EXIT.FAILED;
  }
  const external = (env['KUBECTL_EXTERNAL_DIFF'] ?? '').trim();
  if (external !== '') {
    const { externalDiff } = await import('../cluster/external-diff.ts');
    const { exitCode, stdout, stderr } = await externalDiff(external, [before, after], { env, signal });
    out.writeRaw(stdout);
    err.writeRaw(stderr);
    if (exitCode > 1) throw new CommandError(`KUBECTL_EXTERNAL_DIFF ended with exit code ${exitCode}: ${external}`);
    return exitCode === 0 ? EXIT.OK : EXIT.FAILED;
  }
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const patch = createTwoFilesPatch(before.title, after.title, before.yaml, after.yaml, undefined, undefined, {
    headerOptions: FILE_HEADERS_ONLY,
  });
  out.write(colouredDiff(patch, terminal));
  return EXIT.FAILED;
}
