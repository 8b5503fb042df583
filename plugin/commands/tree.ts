import { CANARIES } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { readReleaseTree } from '../cluster/release-tree.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { documentFormatOf, printedDocument } from '../output/document-printer.ts';
import { outputFormatOf } from '../output/output-format.ts';
import { treeLines } from '../view/tree-lines.ts';

export async function run(context: Context, [name]: Args, { output }: { readonly output?: string }): Promise<ExitCode> {
  const { out, terminal, clock, signal } = context;
  const format = documentFormatOf(outputFormatOf(output), output);
  const cluster = await context.cluster();
  const path = objectPath(CANARIES, { namespace: cluster.namespace, name: name as string });
  const canary = await cluster.transport.request<ReadCanary>({ path, signal });
  const tree = await readReleaseTree(cluster, canary, signal);
  if (format !== undefined) {
    out.writeRaw(await printedDocument(format, tree));
    return EXIT.OK;
  }
  const columns = terminal.lineWidth();
  const look = { columns, hasColor: terminal.hasColor, hasUnicode: terminal.hasUnicode };
  out.write(`${treeLines(tree, { now: clock.date(), look }).join('\n')}\n`);
  return EXIT.OK;
}
