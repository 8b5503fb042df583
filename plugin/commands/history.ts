import { findKeptRevision, type KeptRevision, readKeptRevisions } from '../cluster/kept-revisions.ts';
import { readCanaries } from '../cluster/read-canaries.ts';
import { CommandError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { documentFormatOf, printedDocument } from '../output/document-printer.ts';
import { outputFormatOf } from '../output/output-format.ts';
import { createTable } from '../output/table.ts';
import { historyDetail } from '../view/history-detail.ts';
import { type HistoryRow, historyRows } from '../view/history-rows.ts';
import { historyColumns } from '../view/history-table.ts';

interface HistoryFlags {
  readonly revision?: string;
  readonly output?: string;
  readonly headers: boolean;
}

export async function run(context: Context, [name = '']: Args, flags: HistoryFlags): Promise<ExitCode> {
  const { out, err, clock, signal } = context;
  const asked = outputFormatOf(flags.output);
  const isWide = asked.kind === 'table' && asked.isWide;
  const format = isWide ? undefined : documentFormatOf(asked, flags.output);
  const cluster = await context.cluster();
  const [canary] = (await readCanaries(cluster, { names: [name as string] }, signal)).items;
  if (canary === undefined) throw new CommandError(`there is no canary ${name as string}`);
  const kept = await readKeptRevisions(cluster, canary, context);
  const rows = historyRows(canary, kept);
  const write = (lines: readonly string[]) => out.write(lines.map((line) => `${line}\n`).join(''));
  if (flags.revision !== undefined) {
    const row = rowOf(rows, kept, flags.revision);
    const template = kept.find(({ revision }) => revision === row.revision)?.template;
    if (format !== undefined) {
      out.writeRaw(await printedDocument(format, { ...row, ...(template !== undefined && { template }) }));
      return EXIT.OK;
    }
    const { yamlOf } = await import('../output/yaml-text.ts');
    write(historyDetail(row, template === undefined ? undefined : yamlOf(template), clock.date()));
    return EXIT.OK;
  }
  if (format !== undefined) {
    const { namespace } = canary.metadata;
    out.writeRaw(await printedDocument(format, { canary: canary.metadata.name, namespace, releases: rows }));
  } else if (rows.length === 0) {
    err.write(`Nothing has been released of ${canary.metadata.name} yet.\n`);
  } else {
    const columns = historyColumns(() => clock.date(), isWide);
    write(createTable(columns, { hasHeaders: flags.headers }).lines(rows));
  }
  return EXIT.OK;
}

/** By its number, or by how it begins: one that is no longer kept may still be remembered. */
function rowOf(rows: readonly HistoryRow[], kept: readonly KeptRevision[], text: string): HistoryRow {
  const remembered = text.length < 6 ? undefined : rows.find(({ revision }) => revision.startsWith(text));
  const { revision } = remembered ?? findKeptRevision(kept, text);
  const row = rows.find((each) => each.revision === revision);
  if (row === undefined) throw new CommandError(`revision ${text} is not remembered`);
  return row;
}
