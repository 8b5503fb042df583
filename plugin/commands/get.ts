import { CANARIES } from '../../api/resources.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followCanaries } from '../cluster/follow-canaries.ts';
import { checkWhich, type ReadCanary, readCanaries, readNamed, type Which } from '../cluster/read-canaries.ts';
import { usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../error-line.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { checkTemplate, printedObjects } from '../output/object-printer.ts';
import { type OutputFormat, outputFormatOf } from '../output/output-format.ts';
import { createTable } from '../output/table.ts';
import { PHASES } from '../phases.ts';
import { canaryColumns } from '../view/canary-table.ts';
import { labelColumns } from '../view/label-columns.ts';

interface GetFlags {
  readonly allNamespaces: boolean;
  readonly selector?: string;
  readonly output?: string;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
  readonly headers: boolean;
  readonly status?: readonly string[];
  readonly showLabels?: boolean;
  readonly labelColumns?: readonly string[];
  readonly ignoreNotFound?: boolean;
}

type Print = (items: readonly ReadCanary[]) => Promise<void>;

export async function run(context: Context, [names = []]: Args, flags: GetFlags): Promise<ExitCode> {
  const format = outputFormatOf(flags.output);
  const which: Which = {
    names: names as readonly string[],
    ...(flags.selector !== undefined && { selector: flags.selector }),
    allNamespaces: flags.allNamespaces,
  };
  checkWhich(which);
  await checkTemplate(format);
  const isWanted = wantedPhases(flags.status);
  const isWatch = flags.watch === true || flags.watchOnly === true;
  const cluster = await context.cluster();
  const { items, failures } = await read(cluster, which, context.signal);
  const told = failures.filter((error) => !(flags.ignoreNotFound === true && isMissing(error)));
  for (const error of told) context.err.write(`${errorLine(error, 'get')}\n`);
  const print = isWatch ? printerOfEach(context, format, flags) : printerOfAll(context, format, flags, which);
  const wanted = items.filter(isWanted);
  if (flags.watchOnly !== true && (wanted.length > 0 || failures.length === 0)) {
    if (wanted.length === 0 && format.kind === 'table') sayNone(context, flags, cluster);
    if (wanted.length > 0 || (format.kind !== 'table' && !isWatch)) await print(wanted);
  }
  if (isWatch && told.length === 0) await watch(context, { cluster, which, items, isWanted, print });
  return told.length === 0 ? EXIT.OK : EXIT.FAILED;
}

/** Names are read each on its own, so that one that is missing does not hide the others. */
async function read(cluster: Cluster, which: Which, signal: AbortSignal) {
  if (which.names.length > 0) return readNamed(cluster, which.names, signal);
  const { items } = await readCanaries(cluster, which, signal);
  return { items, failures: [] };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 404;
}

function sayNone({ err }: Context, { allNamespaces }: GetFlags, { namespace }: Cluster): void {
  err.write(`No resources found${allNamespaces ? '' : ` in ${namespace} namespace`}.\n`);
}

/** Prints what changes, each as it comes, until Ctrl-C. */
async function watch(
  context: Context,
  {
    cluster,
    which,
    items,
    isWanted,
    print,
  }: {
    readonly cluster: Cluster;
    readonly which: Which;
    readonly items: readonly ReadCanary[];
    readonly isWanted: (canary: ReadCanary) => boolean;
    readonly print: Print;
  },
): Promise<void> {
  const { clock, signal, err } = context;
  const shown = new Map(items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
  const stop = new AbortController();
  const end = () => stop.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const failure: { error?: Error } = {};
  let printed: Promise<void> = Promise.resolve();
  const onCanary = (canary: ReadCanary) => {
    const { uid, resourceVersion } = canary.metadata;
    if (!isWanted(canary) || shown.get(uid) === resourceVersion) return;
    shown.set(uid, resourceVersion);
    printed = printed
      .then(() => print([canary]))
      .catch((error: unknown) => {
        failure.error ??= error as Error;
        end();
      });
  };
  await followCanaries(cluster, which, { clock, signal: stop.signal }, onCanary, {
    onDeleted: ({ metadata }) => err.write(`canary.flagger.app/${metadata.name} deleted\n`),
    onTrouble: (error) => err.write(`${errorLine(error, 'get')}: trying again\n`),
  });
  signal.removeEventListener('abort', end);
  await printed;
  if (failure.error !== undefined) throw failure.error;
}

function printerOfAll(context: Context, format: OutputFormat, flags: GetFlags, { names }: Which): Print {
  if (format.kind === 'table') return tablePrinter(context, format, flags);
  const { out } = context;
  return async (items) => {
    const [one] = items;
    const objects = names.length === 1 && one !== undefined ? { one } : { many: items };
    out.writeRaw(await printedObjects(format, CANARIES, objects, { hasHeaders: flags.headers }));
  };
}

/** As a watch prints them: each object is a document of its own. */
function printerOfEach(context: Context, format: OutputFormat, flags: GetFlags): Print {
  if (format.kind === 'table') return tablePrinter(context, format, flags);
  const { out } = context;
  let isFirst = true;
  return async (items) => {
    for (const one of items) {
      const text = await printedObjects(format, CANARIES, { one }, { hasHeaders: flags.headers && isFirst });
      out.writeRaw(format.kind === 'yaml' && !isFirst ? `---\n${text}` : text);
      isFirst = false;
    }
  };
}

/** Those of later calls stand under those of the first. */
function tablePrinter(
  { clock, out }: Context,
  { isWide }: Extract<OutputFormat, { readonly kind: 'table' }>,
  { headers: hasHeaders, allNamespaces: hasNamespace, ...labels }: GetFlags,
): Print {
  const columns = [...canaryColumns({ now: () => clock.date(), hasNamespace }), ...labelColumns(labels)];
  const table = createTable(columns, { isWide, hasHeaders });
  return (items) => {
    out.write(
      table
        .lines(items)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return Promise.resolve();
  };
}

function wantedPhases(asked: readonly string[] | undefined): (canary: ReadCanary) => boolean {
  if (asked === undefined) return () => true;
  const phases = asked.flatMap((text) => text.split(',')).map((text) => text.toLowerCase());
  const unknown = phases.find((phase) => !PHASES.some((known) => known.toLowerCase() === phase));
  if (unknown !== undefined) throw usageError(`there is no phase ${unknown}: there are ${PHASES.join(', ')}`);
  return ({ status }) => phases.includes((status?.phase ?? '').toLowerCase());
}
