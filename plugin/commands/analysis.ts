import { CANARIES } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { CommandError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { documentFormatOf, printedDocument } from '../output/document-printer.ts';
import { outputFormatOf } from '../output/output-format.ts';
import { analysisLines } from '../view/analysis-lines.ts';
import { checkRows } from '../view/check-rows.ts';

interface AnalysisFlags {
  readonly metric?: readonly string[];
  readonly output?: string;
}

export async function run(context: Context, [name]: Args, { metric, output }: AnalysisFlags): Promise<ExitCode> {
  const { out, err, terminal, signal } = context;
  const format = documentFormatOf(outputFormatOf(output), output);
  const { transport, namespace } = await context.cluster();
  const path = objectPath(CANARIES, { namespace, name: name as string });
  const canary = await transport.request<ReadCanary>({ path, signal });
  const all = checkRows(canary);
  const unknown = metric?.find((asked) => !all.some((check) => check.name === asked));
  if (unknown !== undefined) {
    const names = all.map((check) => check.name).join(', ') || 'none';
    throw new CommandError(`canary ${canary.metadata.name} has no check ${unknown}: there are ${names}`);
  }
  const checks = all.filter((check) => metric === undefined || metric.includes(check.name));
  if (format !== undefined) {
    out.writeRaw(await printedDocument(format, { name: canary.metadata.name, namespace, checks }));
    return EXIT.OK;
  }
  const columns = terminal.lineWidth();
  const look = { columns, hasColor: terminal.hasColor, hasUnicode: terminal.hasUnicode };
  if (checks.length === 0) err.write(`Canary ${canary.metadata.name} has no checks.\n`);
  else out.write(`${analysisLines(checks, look).join('\n')}\n`);
  return EXIT.OK;
}
