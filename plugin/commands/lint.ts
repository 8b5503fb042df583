import type { Provider } from '../../api/provider-abilities.ts';
import { usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type LintResult, lint } from '../lint/lint.ts';
import { readManifestFiles } from '../manifests/manifest-files.ts';
import { printedDocument } from '../output/document-printer.ts';
import { annotationLine, findingLine, lintSummary } from '../view/lint-findings.ts';

interface LintFlags {
  readonly filename?: readonly string[];
  readonly output: 'text' | 'json' | 'github';
  readonly failOn: 'error' | 'warning';
  readonly meshProvider?: Provider;
}

/** Of objects that name none, where nobody says otherwise: it only tells them from others. */
const NAMESPACE = 'default';

export async function run(context: Context, _args: Args, flags: LintFlags): Promise<ExitCode> {
  const { filename: names = [], failOn } = flags;
  if (names.length === 0) throw usageError('say what is to be read: -f FILE, -f FOLDER or -f -');
  const { files, unreadable } = await readManifestFiles(names, context.readInput);
  const { namespace = NAMESPACE } = context.global;
  const result = lint(files, { namespace, defaultProvider: flags.meshProvider });
  context.out.write(await printed(context, result, flags.output));
  for (const message of unreadable) context.err.write(`error: ${message}\n`);
  context.err.write(`${lintSummary(result, files.length)}\n`);
  const isBad = result.findings.some(({ severity }) => severity === 'error' || severity === failOn);
  return isBad || unreadable.length > 0 ? EXIT.FAILED : EXIT.OK;
}

async function printed({ terminal }: Context, result: LintResult, output: LintFlags['output']): Promise<string> {
  const { findings, checked, passedOver } = result;
  switch (output) {
    case 'json':
      return printedDocument('json', { findings, checked, passedOver });
    case 'github':
      return findings.map((finding) => `${annotationLine(finding)}\n`).join('');
    case 'text':
      return findings.map((finding) => `${findingLine(finding, terminal)}\n`).join('');
  }
}
