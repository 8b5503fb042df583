import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECIPES } from './build/recipe.ts';
import { builtManifests, builtPrograms } from './build/store.ts';
import { layoutOf } from './cluster/layout.ts';
import type { ClusterOptions } from './cluster/main.ts';
import { readJson, type SandboxState, writeJson } from './cluster/state.ts';
import { down, endProcesses } from './down.ts';
import { Failure } from './failure.ts';
import { bundleNodeImages } from './node-images.ts';
import { type Places, sandboxFolder } from './places.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { livingProcesses, processesFile } from './sandbox-processes.ts';

export interface UpOptions {
  readonly name: string;
  readonly with: readonly string[];
  /** Whether the sandbox ends with this process. */
  readonly attached: boolean;
  say(line: string): void;
}

const POLL_MS = 50;

/**
 * The first process inside must collect the orphans of every pod, which a shell does and node does not; it passes
 * SIGTERM on and ends when the cluster's own process does.
 */
const INIT = `"$@" <&0 & child=$!; trap 'kill -TERM $child' TERM INT; while kill -0 $child 2>/dev/null; do wait $child; done`;

/**
 * Starts a sandbox and returns when it is ready. Ctrl-C, SIGTERM and any failure on the way end it again.
 *
 * @throws {Failure} when a sandbox of that name is up, or this one does not come up
 */
export async function up(places: Places, options: UpOptions): Promise<void> {
  const folder = sandboxFolder(places, options.name);
  if (livingProcesses(folder) !== undefined) {
    throw new Failure(
      `a sandbox "${options.name}" is up already: use it with exec, end it with down, or take another --name`,
    );
  }
  // What a killed one left.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  const interrupted = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => interrupted.abort(new Failure(`interrupted by ${signal}`));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const images = bundleNodeImages(join(folder, 'node-images'));
  try {
    const programs = { ...builtPrograms(places.cache), ...images.programs };
    const holder = startNamespaces(places, folder, programs, options);
    await recordProcesses(folder, holder);
    const [state] = await Promise.all([untilReady(folder, holder, interrupted.signal), images.bundled]);
    options.say(`sandbox "${options.name}" is ready after ${((state.readyAfterMs ?? 0) / 1000).toFixed(1)} s`);
    // From here on it lives on its own.
    holder.unref();
  } catch (error) {
    // It writes into the folder, which must not come back after it was removed.
    await images.bundled.catch(() => undefined);
    if (interrupted.signal.aborted) {
      await down(places, options.name);
      throw interrupted.signal.reason;
    }
    // Its logs stay until the next `up` of the name: they are the reason.
    await endProcesses(folder);
    throw withLogs(error, folder);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function startNamespaces(
  places: Places,
  folder: string,
  programs: ClusterOptions['programs'],
  options: UpOptions,
): ChildProcess {
  const clusterOptions: ClusterOptions = {
    folder,
    programs,
    manifests: Object.fromEntries(
      RECIPES.flatMap(({ name }) => {
        const file = builtManifests(places.cache, name);
        return file === undefined ? [] : [[name, file]];
      }),
    ),
    with: options.with,
    attached: options.attached,
    nodeOptions: process.execArgv,
  };
  const log = openSync(join(folder, 'sandbox.log'), 'a');
  const cluster = [process.execPath, ...process.execArgv, join(import.meta.dirname, 'cluster', 'main.ts')];
  const namespaces = [
    '--map-root-user',
    '--net',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  return spawn('unshare', [...namespaces, 'bash', '-c', INIT, 'sandbox', ...cluster, JSON.stringify(clusterOptions)], {
    // A session of its own: the terminal's Ctrl-C is for us to handle.
    detached: true,
    stdio: [options.attached ? 'pipe' : 'ignore', log, log],
    env: { ...process.env, PATH: `${layoutOf(folder).bin}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
}

/** Finds the first process inside as soon as it is there: everything else is reached through it. */
async function recordProcesses(folder: string, holder: ChildProcess): Promise<void> {
  for (;;) {
    const { pid } = holder;
    if (pid === undefined || holder.exitCode !== null) {
      throw new Failure('the namespaces could not be made; are user namespaces allowed on this machine? unshare says');
    }
    const [holderIdentity, init] = [identify(pid), firstChild(pid)];
    if (holderIdentity !== undefined && init !== undefined) {
      writeJson(processesFile(folder), { holder: holderIdentity, init });
      return;
    }
    await sleep(5);
  }
}

function firstChild(pid: number): ProcessIdentity | undefined {
  try {
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child === '' ? undefined : identify(Number(child));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function untilReady(folder: string, holder: ChildProcess, signal: AbortSignal): Promise<SandboxState> {
  for (;;) {
    const state = readJson<SandboxState>(layoutOf(folder).state);
    if (state?.phase === 'ready') return state;
    if (state?.phase === 'failed') throw new Failure(`the sandbox did not come up: ${state.message}`);
    if (holder.exitCode !== null) throw new Failure('the sandbox ended while it was starting');
    await sleep(POLL_MS, undefined, { signal });
  }
}

function withLogs(error: unknown, folder: string): Failure {
  const log = join(folder, 'sandbox.log');
  const last = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(`${message}${last === '' ? '' : `: ${last}`} (logs: ${layoutOf(folder).logs} and ${log})`, {
    cause: error,
  });
}
