import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../kube/transport/transport.ts';
import { apiServer } from '../e2e/api-server.ts';
import { CONTOUR_GATEWAY } from '../e2e/controller/release.ts';
import { eventually } from '../e2e/eventually.ts';
import { getOk } from '../e2e/http.ts';
import { accountsOf, type Period } from './releases/accounts.ts';
import { unrested } from './releases/at-rest.ts';
import { type Chronicle, startChronicle } from './releases/chronicle.ts';
import { type ControllerSample, sampleControllers, watchesOf } from './releases/controller-samples.ts';
import { faultsUntil, type Struck } from './releases/fault-plan.ts';
import { type FleetSize, fleetOf, launch } from './releases/fleet.ts';
import { startGateOpener } from './releases/gate-opener.ts';
import { handleLines, leakedHandles, type Rest } from './releases/handles.ts';
import type { Member } from './releases/member.ts';
import { memoryOf } from './releases/memory.ts';
import { createPlayer, movesOf } from './releases/moves.ts';
import { startServedLoad } from './releases/served-load.ts';
import { summaryLines } from './releases/summary.ts';

export interface ReleasesSoakOptions {
  readonly minutes: number;
  readonly say: (line: string) => void;
  /** The same seed gives the same fleet, moves and faults; when they happen is the machine's. */
  readonly seed: number;
  readonly size: FleetSize;
  /** Between two faults. @default 25000 */
  readonly calmMs?: number;
  /** Mean time between two moves of one canary. @default 150000 */
  readonly everyMs?: number;
  /** Of the namespaces. @default 'soak' */
  readonly prefix?: string;
}

const SAMPLE_MS = 10_000;
const SAY_MS = 30_000;
/** Kept connections are closed by then. */
const QUIET_MS = 40_000;
const INITIALIZED_MS = 600_000;
const RESTED_MS = 600_000;
/** Canaries that are named; the rest is counted. */
const SHOWN = 40;

/**
 * A fleet of canaries that is asked for releases, decisions and changes at random while faults befall what it stands on: at the
 * end every run has an end that is explained, and nothing more is open than before. The controller is installed already.
 *
 * @returns what was wrong
 */
export async function soakReleases(options: ReleasesSoakOptions): Promise<readonly string[]> {
  const transport = await apiServer();
  const chronicle = startChronicle(transport, options.prefix ?? 'soak');
  try {
    await chronicle.synced;
    return await trial(options, transport, chronicle);
  } finally {
    await chronicle.stop();
    transport.close();
  }
}

async function trial(
  { minutes, say, seed, size, calmMs = 25_000, everyMs = 150_000, prefix = 'soak' }: ReleasesSoakOptions,
  transport: Transport,
  chronicle: Chronicle,
): Promise<readonly string[]> {
  say(`seed ${seed}: ${size.scaled} canaries without processes, ${size.served} of podinfo under load`);
  const fleet = fleetOf(size, prefix, seed);
  await launch(transport, fleet, prefix);
  await rested(transport, fleet, chronicle, INITIALIZED_MS);
  say('all are initialized');

  const player = createPlayer(transport, fleet, chronicle);
  const opener = startGateOpener({ fleet, chronicle, player, seed });
  const load = startServedLoad(fleet, (key, atMs) => chronicle.around(key, atMs));
  await tryOut(fleet, chronicle, player);
  await sleep(QUIET_MS);
  const before = await restOf(transport);
  for (const line of handleLines(before)) say(`at rest: ${line}`);

  const samples: ControllerSample[] = [];
  const struck: Struck[] = [];
  const sampling = startSampling(transport, (found) => samples.push(...found));
  const begun = performance.now();
  const over = begun + minutes * 60_000;
  const [halfMs, moveMs] = [Date.now() + minutes * 30_000, everyMs / fleet.length];
  const striking = faultsUntil({ transport, over, minutes, seed, calmMs, say, onStruck: (each) => struck.push(each) });
  let played = 0;
  let saidAt = begun;
  for (const move of movesOf(seed, Math.ceil((minutes * 60_000 * 2) / moveMs) + 10)) {
    if (performance.now() > over) break;
    if (player.play(move)) played++;
    await sleep(move.pause * moveMs);
    if (performance.now() < saidAt + SAY_MS) continue;
    saidAt = performance.now();
    say(`${played} moves, ${chronicle.story([]).runs.length} runs are over${memoryText(samples)}`);
  }

  await striking;
  say('nothing more is asked for: all gates are opened, and everything comes to rest');
  opener.openAll();
  const unplayed = await player.done();
  const moving = await rested(transport, fleet, chronicle, RESTED_MS).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  await opener.stop();
  await player.done();
  const served = await load.stop();
  await sleep(QUIET_MS);
  await sampling.stop();
  const after = await restOf(transport);
  const away: readonly Period[] = struck.filter(({ takesServer }) => takesServer);
  const accounts = accountsOf(chronicle.story(away));

  const memory = memoryOf(samples, halfMs);
  say(`== ${played} moves on ${fleet.length} canaries in ${minutes} minutes, seed ${seed}`);
  for (const line of summaryLines({ accounts, struck, served })) say(line);
  for (const line of [...memory.lines, ...handleLines(after)]) say(line);
  return [
    ...(await striking),
    ...unplayed,
    ...moving,
    ...accounts.problems,
    ...served.problems,
    ...memory.problems,
    ...leakedHandles(before, after),
  ];
}

/** Each that serves is given a bad revision once: Prometheus counts nothing of the first sample of a series of errors. */
async function tryOut(
  fleet: readonly Member[],
  chronicle: Chronicle,
  player: ReturnType<typeof createPlayer>,
): Promise<void> {
  const served = fleet.filter(({ isServed }) => isServed);
  await Promise.all(
    served.map(async (member) => {
      await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host: member.host }));
      await player.revisions.change(member, 'trial');
      await eventually(() => {
        const { history = [], ending } = chronicle.canary(member.key)?.status ?? {};
        if (history.length === 0 || ending !== undefined) throw new Error(`${member.key} has not been tried out`);
        return Promise.resolve();
      }, 180_000);
    }),
  );
}

async function rested(
  transport: Transport,
  fleet: readonly Member[],
  chronicle: Chronicle,
  withinMs: number,
): Promise<void> {
  await eventually(async () => {
    const moving = await unrested(transport, fleet, chronicle);
    if (moving.length > 0) {
      await sleep(1000);
      throw new Error(`${moving.length} canaries are not at rest:\n${moving.slice(0, SHOWN).join('\n')}`);
    }
  }, withinMs);
}

async function restOf(transport: Transport): Promise<Rest> {
  return { controllers: await sampleControllers(transport), watches: await watchesOf(transport) };
}

function startSampling(transport: Transport, onSamples: (samples: readonly ControllerSample[]) => void) {
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      // An API server that is away is what some faults are.
      await sampleControllers(transport).then(onSamples, () => undefined);
      await sleep(SAMPLE_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    stop() {
      stopped.abort();
      return loop;
    },
  };
}

function memoryText(samples: readonly ControllerSample[]): string {
  const last = samples.findLast(({ isLeading }) => isLeading);
  return last === undefined ? '' : `, leader ${last.residentMb.toFixed(0)} MB, heap ${last.heapMb.toFixed(0)}`;
}
