import { CANARIES } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import { silentLog } from '../../kube/log.ts';
import { startReflector } from '../../kube/reflector.ts';
import { collectionPath, objectPath } from '../../kube/resource.ts';
import { EVENTS, type EventObject, eventsOfCanary, eventsQuery, toldEvent } from '../cluster/canary-events.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { readEvents } from '../cluster/read-release.ts';
import { usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { printedObjects } from '../output/object-printer.ts';
import { outputFormatOf } from '../output/output-format.ts';
import { createTable } from '../output/table.ts';
import { eventColumns } from '../view/event-table.ts';

interface EventsFlags {
  readonly types?: readonly string[];
  readonly watch?: boolean;
  readonly output?: string;
  readonly headers: boolean;
}

const TYPES = ['Normal', 'Warning'];

export async function run(context: Context, [name]: Args, flags: EventsFlags): Promise<ExitCode> {
  const { out, err, clock, signal } = context;
  const format = outputFormatOf(flags.output);
  const isWanted = wantedTypes(flags.types);
  const cluster = await context.cluster();
  const { namespace, transport } = cluster;
  const path = objectPath(CANARIES, { namespace, name: name as string });
  const isWatched = flags.watch === true;
  // Without it, a name that is mistyped would be one without events.
  const [canary, all] = await Promise.all([
    transport.request<ReadCanary>({ path, signal }),
    isWatched ? [] : readEvents(cluster, name as string, signal),
  ]);
  const { uid } = canary.metadata;
  const table = createTable(eventColumns({ now: () => clock.date() }), {
    ...{ hasHeaders: flags.headers, isWide: format.kind === 'table' && format.isWide },
  });
  const print = async (events: readonly EventObject[]) => {
    if (format.kind !== 'table') {
      const objects = isWatched && events[0] !== undefined ? { one: events[0] } : { many: events };
      out.writeRaw(await printedObjects(format, EVENTS, objects, { hasHeaders: flags.headers }));
      return;
    }
    out.write(
      table
        .lines(events.map(toldEvent))
        .map((line) => `${line}\n`)
        .join(''),
    );
  };
  if (isWatched) {
    await follow(cluster, name as string, context, (events) => print(eventsOfCanary(events, uid).filter(isWanted)));
    return EXIT.OK;
  }
  const events = eventsOfCanary(all, uid).filter(isWanted);
  if (events.length > 0 || format.kind !== 'table') await print(events);
  else err.write(`No events of canary ${canary.metadata.name} found in ${namespace} namespace.\n`);
  return EXIT.OK;
}

/** First all that there are together, then each as it comes. */
async function follow(
  { transport, namespace }: Cluster,
  name: string,
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  onEvents: (events: readonly EventObject[]) => Promise<void>,
): Promise<void> {
  let isSynced = false;
  let told = Promise.resolve();
  const over = new AbortController();
  let failure: unknown;
  const onFailure = (fields: object) => {
    if (isSynced || !('err' in fields) || !(fields.err instanceof KubeError)) return;
    failure = fields.err;
    over.abort();
  };
  const log = { ...silentLog, warn: onFailure, error: onFailure, child: () => log };
  const reflector = startReflector<EventObject>({
    ...{ transport, clock, log, signal: AbortSignal.any([signal, over.signal]) },
    ...{ path: collectionPath(EVENTS, namespace), query: eventsQuery(name) },
    onChange(_key, event) {
      if (isSynced && event !== undefined) told = told.then(() => onEvents([event]));
    },
  });
  await reflector.synced.then(
    () => {
      isSynced = true;
      told = told.then(() => onEvents([...reflector.values()]));
    },
    () => undefined,
  );
  await reflector.ended;
  await told;
  if (failure instanceof KubeError) throw failure;
}

function wantedTypes(asked: readonly string[] | undefined): (event: EventObject) => boolean {
  if (asked === undefined) return () => true;
  const types = asked.map((text) => text.toLowerCase());
  const unknown = types.find((type) => !TYPES.some((known) => known.toLowerCase() === type));
  if (unknown !== undefined) throw usageError(`there is no type of event ${unknown}: there are ${TYPES.join(' and ')}`);
  return ({ type = 'Normal' }) => types.includes(type.toLowerCase());
}
