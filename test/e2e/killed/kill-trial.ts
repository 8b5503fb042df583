import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../../kube/transport/transport.ts';
import { brokenRule, lookAt } from './broken-rule.ts';
import { startMortalController } from './mortal-controller.ts';
import { type Written, whatIsWritten } from './what-is-written.ts';
import { startWriteProxy, type Write } from './write-proxy.ts';

/** When the controller is killed: before the API server gets a write, or after it has done it and before the answer is heard. */
export type Moment = 'before' | 'after';

/** A write that arrived, and what became of it. */
export interface SeenWrite extends Written {
  /** Which write this is, in any run: what it is, and the how manieth of its like that is done. */
  readonly point: string;
  /** Which of the controller's lives sent it. */
  readonly life: number;
  readonly isArmed: boolean;
  /** The safety rule that it breaks. */
  readonly broken: string | undefined;
  /** Of the API server's answer; `undefined` where it was not passed on. */
  status: number | undefined;
  killed: Moment | undefined;
}

export interface Trial {
  readonly writes: readonly SeenWrite[];
  readonly lives: number;
  /** From now on the controller is killed at each write. */
  arm(): void;
  /** Waits until the last of the controllers has nothing more to do. */
  untilQuiet(): Promise<void>;
  /** Rejects when something fails that is not to be killed by us. */
  readonly failed: Promise<never>;
  log(): readonly string[];
  end(): Promise<void>;
}

export interface TrialOptions {
  readonly server: Transport;
  readonly program: string;
  readonly namespace: string;
  /** Of the canary and its target. */
  readonly name: string;
  /** Without one, nobody is killed. */
  readonly moment: Moment | undefined;
  /** The writes of an undisturbed run. */
  readonly points: ReadonlySet<string>;
}

/**
 * Events and leases are passed by: an event is a courtesy that may be told twice or be lost with its teller, and who renews a
 * lease has decided nothing.
 */
const PASSED_BY = /\/(events|leases)(\/|$)/;
/** At rest nothing but the lease is written or asked for; a start takes a second or two, and what is reworded waits two. */
const QUIET_MS = 6000;
const NEVER_QUIET_MS = 120_000;

/** A controller behind a proxy that kills it at each write in turn, once for each point, and starts it anew. */
export async function startTrial({ server, program, namespace, name, moment, points }: TrialOptions): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-killed-'));
  const writes: SeenWrite[] = [];
  const done = new Map<string, number>();
  const killedAt = new Set<string>();
  let isArmed = false;
  let busyAt = performance.now();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  async function see(write: Write): Promise<SeenWrite> {
    const sight = await lookAt(server, namespace, name);
    const written = whatIsWritten(write, namespace, sight.canary?.status ?? {});
    const broken = brokenRule(write, namespace, name, sight);
    const like = likenessOf(written);
    const again = done.get(like) ?? 0;
    const point = again === 0 ? like : `${like}, once more ${again}`;
    const seen = { ...written, point, life: controller.life, isArmed, broken, status: undefined, killed: undefined };
    writes.push(seen);
    return seen;
  }

  /** What comes again and again, such as what is waited for, is only killed as often as it came undisturbed. */
  function isDue({ point, ...written }: SeenWrite, at: Moment): boolean {
    if (!isArmed || moment !== at || killedAt.has(point)) return false;
    return points.has(point) || point === likenessOf(written);
  }

  async function kill(seen: SeenWrite): Promise<'lost'> {
    killedAt.add(seen.point);
    seen.killed = moment;
    await controller.killAndRestart();
    busyAt = performance.now();
    return 'lost';
  }

  async function onWrite(write: Write, passOn: () => Promise<number>): Promise<'answered' | 'lost'> {
    const seen = await see(write);
    if (isDue(seen, 'before')) return kill(seen);
    seen.status = await passOn();
    if (isDone(seen)) done.set(likenessOf(seen), (done.get(likenessOf(seen)) ?? 0) + 1);
    return isDue(seen, 'after') ? kill(seen) : 'answered';
  }

  const proxy = await startWriteProxy({
    passesBy: (path) => PASSED_BY.test(path),
    onRequest(path) {
      if (!PASSED_BY.test(path)) busyAt = performance.now();
    },
    onWrite: (write, passOn) =>
      onWrite(write, passOn).catch((error: unknown) => {
        fail(error);
        throw error;
      }),
  });
  const controller = await startMortalController({
    ...{ program, folder, namespace, server },
    connection: proxy.connection,
  });
  const anyFailed = Promise.race([failed, controller.failed]);
  anyFailed.catch(() => undefined);

  return {
    writes,
    get lives() {
      return controller.life;
    },
    arm() {
      isArmed = true;
    },
    async untilQuiet() {
      const giveUp = performance.now() + NEVER_QUIET_MS;
      while (performance.now() - busyAt < QUIET_MS) {
        if (performance.now() > giveUp) throw new Error(`never quiet:\n${controller.log().join('\n')}`);
        await sleep(200);
      }
    },
    failed: anyFailed,
    log: () => controller.log(),
    async end() {
      await controller.end();
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether the API server has done it, and not refused it. */
export function isDone({ status = 0 }: SeenWrite): boolean {
  return status >= 200 && status < 300;
}

function likenessOf({ object, state, waitsFor }: Written): string {
  return `${object}: ${state}${waitsFor === '' ? '' : `, waits for ${waitsFor}`}`;
}
