import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../clock.ts';
import { silentLog } from '../log.ts';
import { SteppingClock, settled } from '../stepping-clock.ts';
import { electLeader } from './leader-election.ts';
import type { Leadership } from './leadership.ts';
import { type Fate, NAME, NAMESPACE, PretendLeaseServer, type PretendNetwork } from './pretend-lease-server.ts';

type Weather = 'fair' | 'slow' | 'lossy' | 'down';

/** A machine with its own clocks and its own way to the API server, on which one process runs until it is killed. */
class Machine implements Clock, PretendNetwork {
  weather: Weather = 'fair';
  leaptMs = 0;
  #shiftedMs = 0;
  #wasSetBack = false;
  readonly #world: SteppingClock;
  readonly #rate: number;
  readonly #random: () => number;
  #stopped: { readonly at: number; readonly sleeps: boolean } | undefined;
  #waiting: (() => void)[] = [];

  constructor(world: SteppingClock, rate: number, random: () => number) {
    this.#world = world;
    this.#rate = rate;
    this.#random = random;
  }

  now(): number {
    const asleep = this.#stopped?.sleeps === true ? this.#world.now() - this.#stopped.at : 0;
    return (this.#world.now() - asleep) * this.#rate + this.leaptMs;
  }

  date(): Date {
    return new Date(this.#world.date().getTime() + this.#shiftedMs);
  }

  after(ms: number, action: () => void): () => void {
    let isWanted = true;
    // As node's timers, none of which takes less than a millisecond.
    this.#world.after(Math.max(1, ms) / this.#rate, () => this.deliver(() => isWanted && action()));
    return () => {
      isWanted = false;
    };
  }

  /** What comes for a process that is stopped waits for it. */
  deliver(action: () => void): void {
    if (this.#stopped === undefined) action();
    else this.#waiting.push(action);
  }

  fate(): Fate {
    const luck = this.#random();
    const [thereMs, backMs] = [this.#random() * 50, this.#random() * 50];
    switch (this.weather) {
      case 'fair':
        return { thereMs, backMs };
      case 'slow':
        return { thereMs: thereMs * 20, backMs: backMs * 80 };
      case 'lossy':
        if (luck < 0.2) return { thereMs, backMs, lost: 'request' };
        if (luck < 0.5) return { thereMs, backMs, lost: 'answer' };
        return { thereMs, backMs: luck < 0.7 ? Number.POSITIVE_INFINITY : backMs };
      case 'down':
        return { thereMs, backMs: luck < 0.5 ? backMs : Number.POSITIVE_INFINITY, lost: 'request' };
    }
  }

  /** Not while it sleeps: a steady clock that has slept and a date that was set back, no program could find that out. */
  setDate(byMs: number): void {
    if (byMs < 0 && this.#stopped?.sleeps === true) return;
    this.#shiftedMs += byMs;
    this.#wasSetBack ||= byMs < 0;
  }

  stop(sleeps: boolean): void {
    this.#stopped ??= { at: this.#world.now(), sleeps: sleeps && !this.#wasSetBack };
  }

  /** Takes up what has come meanwhile, in the order of its coming or what came last first. */
  async goOn(backwards: boolean): Promise<void> {
    if (this.#stopped?.sleeps === true) this.leaptMs -= (this.#world.now() - this.#stopped.at) * this.#rate;
    this.#stopped = undefined;
    const waiting = backwards ? this.#waiting.toReversed() : this.#waiting;
    this.#waiting = [];
    for (const action of waiting) {
      action();
      await settled();
    }
  }

  kill(): void {
    this.stop(false);
    this.deliver = () => undefined;
  }
}

/** Three candidates, of whom the one who leads writes; each that ends is started again. */
class Cluster {
  readonly world = new SteppingClock();
  readonly server = new PretendLeaseServer();
  /** Who has written, in the order in which it arrived; the same one again is not told again. */
  readonly writers: string[] = [];
  /** What a candidate came to, that none may come to. */
  readonly failures: unknown[] = [];
  readonly #random: () => number;
  readonly #running: { machine: Machine; stop: AbortController; leadership?: Leadership }[] = [];
  #started = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    for (let index = 0; index < 3; index++) this.start(index);
  }

  start(index: number): void {
    const machine = new Machine(this.world, 0.97 + this.#random() * 0.06, this.#random);
    const stop = new AbortController();
    this.#running[index] = { machine, stop };
    this.#run(index, machine, stop.signal, `c${++this.#started}`).catch((error: unknown) => this.failures.push(error));
  }

  machine(index: number): Machine {
    return this.#running[index]!.machine;
  }

  terminate(index: number): void {
    const { machine, stop } = this.#running[index]!;
    machine.deliver(() => stop.abort());
  }

  get leaders(): readonly Leadership[] {
    return this.#running.flatMap(({ leadership }) => (leadership?.isHeld() === true ? [leadership] : []));
  }

  async #run(index: number, machine: Machine, signal: AbortSignal, identity: string): Promise<void> {
    const transport = this.server.transport(machine);
    const options = { transport, clock: machine, log: silentLog, namespace: NAMESPACE, name: NAME, identity, signal };
    const leadership = await electLeader(options);
    if (leadership !== undefined) {
      this.#running[index]!.leadership = leadership;
      await this.#write(machine, leadership, signal);
      await leadership.release();
    }
    await new Promise<void>((resolve) => machine.after(1000, resolve));
    this.start(index);
  }

  /** Writes until the leadership is lost or the signal aborts; and then until the last write has arrived. */
  async #write(machine: Machine, leadership: Leadership, signal: AbortSignal): Promise<void> {
    let onTheWay = 0;
    while (leadership.isHeld() && (onTheWay > 0 || !signal.aborted)) {
      assert.deepEqual(
        this.leaders.map(({ holder }) => holder),
        [leadership.holder],
      );
      if (!signal.aborted) {
        onTheWay++;
        this.world.after(this.#random() * 1000, () => {
          onTheWay--;
          if (this.writers.at(-1) !== leadership.holder) this.writers.push(leadership.holder);
        });
      }
      await new Promise<void>((resolve) => machine.after(250, resolve));
    }
  }
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const who = fc.nat(2);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(20_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), who, sleeps: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('goOn' as const), who, backwards: fc.boolean() }) },
  fc.record({ do: fc.constant('kill' as const), who }),
  fc.record({ do: fc.constant('terminate' as const), who }),
  fc.record({ do: fc.constant('setDate' as const), who, ms: fc.integer({ min: -100_000, max: 100_000 }) }),
  fc.record({ do: fc.constant('leap' as const), who, ms: fc.nat(100_000) }),
  fc.record({
    do: fc.constant('weather' as const),
    who,
    weather: fc.constantFrom<Weather>('fair', 'slow', 'lossy', 'down'),
  }),
  fc.record({ do: fc.constant('annotate' as const) }),
  fc.record({ do: fc.constant('delete' as const), makesAnew: fc.boolean() }),
);

describe('three candidates', () => {
  it('never are two leaders, whatever happens to them, and in the end there is one', async () => {
    let handovers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), fc.integer(), async (steps, seed) => {
        const cluster = new Cluster(seed);
        const { world, server, writers } = cluster;
        for (const each of steps) {
          switch (each.do) {
            case 'pass':
              await world.pass(each.ms);
              break;
            case 'stop':
              cluster.machine(each.who).stop(each.sleeps);
              break;
            case 'goOn':
              await cluster.machine(each.who).goOn(each.backwards);
              break;
            case 'kill':
              cluster.machine(each.who).kill();
              cluster.start(each.who);
              break;
            case 'terminate':
              cluster.terminate(each.who);
              break;
            case 'setDate':
              cluster.machine(each.who).setDate(each.ms);
              break;
            case 'leap':
              cluster.machine(each.who).leaptMs += each.ms;
              // Not more often than that: each is worth a second.
              await world.pass(5000);
              break;
            case 'weather':
              cluster.machine(each.who).weather = each.weather;
              break;
            case 'annotate':
              if (server.lease !== undefined) server.write(server.lease.spec);
              break;
            case 'delete':
              server.delete();
              if (each.makesAnew) server.write({});
              break;
          }
          assert.deepEqual(cluster.failures, []);
          assert.ok(cluster.leaders.length <= 1, `two lead: ${cluster.leaders.map(({ holder }) => holder).join(', ')}`);
        }
        for (let index = 0; index < 3; index++) {
          cluster.machine(index).weather = 'fair';
          await cluster.machine(index).goOn(false);
        }
        await world.pass(120_000);
        assert.equal(cluster.leaders.length, 1);
        assert.equal(writers.at(-1), cluster.leaders[0]?.holder);
        assert.equal(new Set(writers).size, writers.length, `one wrote again after another: ${writers.join(', ')}`);
        handovers += writers.length - 1;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 150) },
    );
    assert.ok(handovers > 150, `there were but ${handovers} hand-overs`);
  });
});
