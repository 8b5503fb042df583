import { DEATHS_ANNOTATION, QUARANTINE_ANNOTATION } from '../../api/keys.ts';
import { type Clock, pause } from '../clock.ts';
import type { ReconcileGuard } from '../controller.ts';
import type { Annotations } from '../leader-election/lease.ts';
import type { Log } from '../log.ts';
import type { WorkQueue } from '../work-queue.ts';
import type { Death } from './death.ts';
import type { Marks } from './marks.ts';
import { Quarantine } from './quarantine.ts';
import { deathsIn, quarantineRecord, quarantineText, type Suspect } from './quarantine-record.ts';

export interface TrialsOptions {
  readonly marks: Marks;
  readonly queue: Pick<WorkQueue, 'add' | 'depth'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the object of a key, now; `undefined` where there is none. */
  readonly generationOf: (key: string) => number | undefined;
  /** A death accused or convicted this key: it waits until its `due`. */
  readonly onSuspect: (suspect: Suspect) => void;
}

interface CurrentTrial {
  readonly key: string;
  /** Aborts with the end of its call. */
  readonly ended: AbortController;
  /** Ends the marks of its calls that are over: they stand as long as the trial. */
  readonly marks: (() => void)[];
}

/** All other keys are worked on once before the first trial, but a queue that never empties holds trials up no longer than that. */
const FIRST_ROUND_MS = 30_000;
const LOOK_EVERY_MS = 200;
/** A call of a key on trial that takes longer goes on beside the next trial. */
const TRIAL_MS = 80_000;
/** What a call has set off may kill the process a moment after it: until then it is still the trial. */
const SETTLE_MS = 500;
/** Due times are by the time of day, which may be set: it is asked again. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Holds the keys of a quarantine back, and works on them last, one at a time: a trial. A trial stands in the Lease before it
 * begins, so that whoever leads next knows of it even if this process never comes back.
 */
export class Trials implements ReconcileGuard {
  readonly #options: TrialsOptions;
  readonly #quarantine = new Quarantine();
  /** Keys of distrusted namespaces that were to be worked on, in order. */
  readonly #wanted = new Set<string>();
  #current: CurrentTrial | undefined;
  #news = new AbortController();

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  get suspects(): readonly Suspect[] {
    return this.#quarantine.suspects.filter(({ isCleared }) => !isCleared);
  }

  begin(key: string): (() => void) | undefined {
    const { marks } = this.#options;
    const current = this.#current;
    if (current?.key === key) {
      const end = marks.begin(key, { isTrial: true });
      return () => {
        if (this.#current === current) current.marks.push(end);
        else end();
        current.ended.abort();
      };
    }
    if (!this.#quarantine.holds(key)) return marks.begin(key);
    // A suspect is tried in any case, when it is due: it may be due sooner now that its object has changed.
    if (!this.#quarantine.isOnRecord(key)) this.#wanted.add(key);
    this.#news.abort();
    return undefined;
  }

  /** Takes up what the Lease carried when it was taken, and the deaths that this process knows of itself. */
  adopt(found: Annotations): void {
    this.#quarantine.merge(quarantineRecord(found[QUARANTINE_ANNOTATION]));
    // Who led before may have had no time to tell of them.
    this.#tell(this.suspects);
    this.carry(found);
    for (const death of this.#options.marks.pending) this.judge(death);
    this.#tell(this.#quarantine.judgeOpenTrial(this.#options.marks.id, this.#now()));
  }

  /** A process died, or is about to. */
  judge(death: Death): void {
    this.#tell(this.#quarantine.judge(death, this.#now()));
  }

  /** What the Lease carries from now on; deaths that others have reported there are judged. */
  readonly carry = (found: Annotations): Annotations => {
    for (const death of deathsIn(found[DEATHS_ANNOTATION])) this.judge(death);
    this.#quarantine.forget(this.#now());
    const { [DEATHS_ANNOTATION]: _, [QUARANTINE_ANNOTATION]: __, ...others } = found;
    const text = quarantineText(this.#quarantine.record);
    return text === undefined ? others : { ...others, [QUARANTINE_ANNOTATION]: text };
  };

  /**
   * Tries suspects until the signal aborts.
   *
   * @param publish writes what is carried; false if the lease is lost
   */
  async run(publish: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#news.abort(), { once: true });
    const isPublished = await this.#publishAdopted(publish);
    let isFirstRound = true;
    while (isPublished && !signal.aborted) {
      this.#news = new AbortController();
      const next = this.#next();
      if (next === undefined) {
        await pause(this.#options.clock, LONGEST_WAIT_MS, this.#news.signal);
        continue;
      }
      if (isFirstRound) await this.#firstRound(signal);
      isFirstRound = false;
      const waitMs = next.at - this.#now();
      if (waitMs > 0) await pause(this.#options.clock, Math.min(waitMs, LONGEST_WAIT_MS), this.#news.signal);
      else if (!signal.aborted) await this.#try(next.key, publish, signal);
    }
    // The trial that was under way ends with the process: no reason to convict anybody.
    this.#quarantine.withdraw();
  }

  async #publishAdopted(publish: () => Promise<boolean>): Promise<boolean> {
    const { marks } = this.#options;
    const told = marks.pending.map(({ id }) => id);
    if (this.#quarantine.suspects.length === 0 && told.length === 0) return true;
    const isWritten = await publish();
    if (isWritten) marks.told(told);
    return isWritten;
  }

  #next(): { readonly key: string; readonly at: number } | undefined {
    const suspect = this.#quarantine.next(this.#now(), this.#options.generationOf);
    const [wanted] = this.#wanted;
    if (wanted === undefined || (suspect !== undefined && suspect.at <= this.#now())) return suspect;
    return { key: wanted, at: 0 };
  }

  async #firstRound(signal: AbortSignal): Promise<void> {
    const { clock, queue } = this.#options;
    const until = clock.now() + FIRST_ROUND_MS;
    do await pause(clock, LOOK_EVERY_MS, signal);
    while (queue.depth > 0 && clock.now() < until && !signal.aborted);
  }

  async #try(key: string, publish: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const { clock, log, marks, queue, generationOf } = this.#options;
    const isSuspect = this.#quarantine.isOnRecord(key);
    this.#wanted.delete(key);
    if (isSuspect) {
      const generation = generationOf(key);
      this.#quarantine.begin({ key, id: marks.id, ...(generation === undefined ? {} : { generation }) });
      if (!(await publish())) return;
      log.info({ key }, 'trying a key during whose work a controller died');
    }
    const ended = new AbortController();
    const current: CurrentTrial = { key, ended, marks: [] };
    this.#current = current;
    const stop = (): void => ended.abort();
    signal.addEventListener('abort', stop, { once: true });
    const began = clock.now();
    queue.add(key);
    await pause(clock, TRIAL_MS, ended.signal);
    const isOver = clock.now() - began < TRIAL_MS;
    if (isOver && isSuspect) await pause(clock, SETTLE_MS, signal);
    signal.removeEventListener('abort', stop);
    this.#current = undefined;
    for (const end of current.marks) end();
    if (!isSuspect || signal.aborted) return;
    if (!isOver) {
      this.#quarantine.undecided(this.#now());
      log.warn({ key }, 'the trial of a key does not end, it stays a suspect');
      return;
    }
    this.#quarantine.cleared();
    log.info({ key }, 'a key came through its trial');
    // What came for it while it was held.
    queue.add(key);
  }

  #tell(suspects: readonly Suspect[]): void {
    for (const suspect of suspects) this.#options.onSuspect(suspect);
    if (suspects.length > 0) this.#news.abort();
  }

  #now(): number {
    return this.#options.clock.date().getTime();
  }
}
