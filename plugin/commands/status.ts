import { readRelease } from '../cluster/read-release.ts';
import { usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { documentFormatOf, printedDocument } from '../output/document-printer.ts';
import { outputFormatOf } from '../output/output-format.ts';
import { statusDocument } from '../view/status-document.ts';
import { printStatus } from './print-status.ts';

interface StatusFlags {
  readonly watch?: boolean;
  readonly output?: string;
  readonly events: number;
}

export async function run(context: Context, [name]: Args, { watch, output, events }: StatusFlags): Promise<ExitCode> {
  const format = documentFormatOf(outputFormatOf(output), output);
  if (watch === true && format !== undefined) {
    throw usageError('what is watched is for people: leave out -o, or use kubectl canary get -w -o json');
  }
  if (watch === true) {
    const { watchRelease } = await import('./watch-release.ts');
    return watchRelease(context, name as string, { events });
  }
  const seen = await readRelease(await context.cluster(), name as string, context.signal);
  if (format === undefined) printStatus(context, seen, events);
  else context.out.writeRaw(await printedDocument(format, statusDocument(seen, { now: context.clock.date(), events })));
  return EXIT.OK;
}
