import { namespaceOfKey } from '../object.ts';
import type { Death } from './death.ts';
import { NOTHING_KNOWN, type QuarantineRecord, type Suspect, type Trial } from './quarantine-record.ts';

/** After its n-th conviction a key waits for this, doubled each time. */
const CONVICTED_MS = 60_000;
/** And after its n-th death beside others, from the second on. */
const ACCUSED_MS = 15_000;
const LONGEST_MS = 3_600_000;
/** A key whose object was changed since its conviction is tried so soon. */
const MENDED_MS = 10_000;
/** For so long a key that came through its trial stays on record. */
const PROBATION_MS = 3_600_000;
/** Deaths within this time make the gap between two trials longer, from the third on. */
const LATELY_MS = 900_000;
const GAP_MS = 15_000;
const LONGEST_GAP_MS = 300_000;
/** With so many convicted keys, all keys of a namespace are worked on last and one at a time. */
const WARY_FROM = 3;

/**
 * Which keys are to be worked on last and one at a time, as a process died while it worked on them. Pure but for what it
 * remembers: the time is passed in, as milliseconds since 1970, and what it knows is one record that goes from leader to leader.
 *
 * - A death accuses the keys that were worked on. Those that have been on record already are accused alone: what two
 *   deaths have in common is likelier than what only one of them had.
 * - A death in a trial convicts the key on trial and nobody else, and explains the one that it was accused of beside others.
 * - Who comes through a trial is cleared, and stays on record for an hour.
 */
export class Quarantine {
  #suspects = new Map<string, Suspect>();
  #judged: readonly string[] = [];
  #deaths: readonly number[] = [];
  #trial: Trial | undefined;

  constructor(record: QuarantineRecord = NOTHING_KNOWN) {
    this.merge(record);
  }

  get record(): QuarantineRecord {
    return { suspects: [...this.#suspects.values()], trial: this.#trial, judged: this.#judged, deaths: this.#deaths };
  }

  get suspects(): readonly Suspect[] {
    return [...this.#suspects.values()];
  }

  get trial(): Trial | undefined {
    return this.#trial;
  }

  /** Takes up what the leader before has handed on. */
  merge(record: QuarantineRecord): void {
    for (const suspect of record.suspects) this.#suspects.set(suspect.key, suspect);
    this.#judged = [...new Set([...this.#judged, ...record.judged])];
    this.#deaths = [...new Set([...this.#deaths, ...record.deaths])].toSorted((one, other) => one - other);
    this.#trial ??= record.trial;
  }

  /** Returns the keys that a death accuses or convicts; none for a death that was judged before. */
  judge(death: Death, now: number): readonly Suspect[] {
    if (this.#judged.includes(death.id)) return [];
    this.#judged = [...this.#judged, death.id];
    const diedAt = Math.min(death.at, now);
    this.#deaths = [...this.#deaths.filter((at) => at > now - LATELY_MS), diedAt];
    const { trial } = this;
    if (trial?.id === death.id) this.#trial = undefined;
    if (death.trial !== undefined) {
      const generation = trial?.key === death.trial ? trial.generation : undefined;
      return [this.#accuse(death.trial, death, now, generation === undefined ? {} : { generation }, 1)];
    }
    const known = death.keys.filter(({ key }) => this.#suspects.has(key));
    return (known.length > 0 ? known : death.keys).map(({ key, survived }) =>
      this.#accuse(key, death, now, { survived }, 0),
    );
  }

  /** A leader died in a trial and has not told how, or the lease was taken from it: the same as if it had told. */
  judgeOpenTrial(ownId: string, now: number): readonly Suspect[] {
    const { trial } = this;
    if (trial === undefined || trial.id === ownId) return [];
    this.#trial = undefined;
    return this.judge({ id: trial.id, at: now, reason: 'unknown', trial: trial.key, keys: [] }, now);
  }

  /** Whether a key has to wait for its trial. */
  holds(key: string): boolean {
    const suspect = this.#suspects.get(key);
    return suspect === undefined ? this.#isWaryOf(key) : !suspect.isCleared;
  }

  isOnRecord(key: string): boolean {
    return this.#suspects.has(key);
  }

  /**
   * The suspect to be tried next, and when at the earliest: those that may be innocent first.
   *
   * @param generationOf of the object, now
   */
  next(
    now: number,
    generationOf: (key: string) => number | undefined,
  ): { readonly key: string; readonly at: number } | undefined {
    const dueOf = (suspect: Suspect): number => {
      const { key, due, generation, diedAt } = suspect;
      const isChanged = generation !== undefined && generationOf(key) !== generation;
      return Math.min(due, now + LONGEST_MS, isChanged ? diedAt + MENDED_MS : Number.POSITIVE_INFINITY);
    };
    const gapEnd = this.#gapEnd(now);
    // A release under way that happened to be worked on is not to wait for what others did.
    const isLikelyInnocent = ({ deaths, convictions, survived }: Suspect) =>
      deaths === 1 && convictions === 0 && survived > 0;
    const [first] = this.suspects
      .filter(({ isCleared }) => !isCleared)
      .map((suspect) => ({ suspect, at: Math.max(now, dueOf(suspect), isLikelyInnocent(suspect) ? 0 : gapEnd) }))
      .toSorted(
        ({ suspect: one, at }, { suspect: other, at: otherAt }) =>
          at - otherAt ||
          one.convictions - other.convictions ||
          one.deaths - other.deaths ||
          other.survived - one.survived ||
          one.key.localeCompare(other.key),
      );
    return first === undefined ? undefined : { key: first.suspect.key, at: first.at };
  }

  /** A trial begins. */
  begin(trial: Trial): void {
    this.#trial = trial;
  }

  /** The key on trial came through. */
  cleared(): void {
    const suspect = this.#suspects.get(this.#trial?.key ?? '');
    this.#trial = undefined;
    if (suspect !== undefined) this.#suspects.set(suspect.key, { ...suspect, isCleared: true });
  }

  /** The call of the key on trial does not end: it stays a suspect. */
  undecided(now: number): void {
    const suspect = this.#suspects.get(this.#trial?.key ?? '');
    this.#trial = undefined;
    if (suspect !== undefined) this.#suspects.set(suspect.key, { ...suspect, due: now + CONVICTED_MS });
  }

  /** The trial ends with its process, which was asked to end. */
  withdraw(): void {
    this.#trial = undefined;
  }

  /** Forgets what is long past. */
  forget(now: number): void {
    for (const { key, isCleared, diedAt } of this.suspects) {
      if (isCleared && now - diedAt > PROBATION_MS) this.#suspects.delete(key);
    }
    this.#deaths = this.#deaths.filter((at) => at > now - LATELY_MS);
    // A death is reported within minutes, if at all.
    if (this.#suspects.size === 0 && this.#deaths.length === 0) this.#judged = [];
  }

  #accuse(
    key: string,
    { reason, at }: Death,
    now: number,
    facts: Partial<Pick<Suspect, 'generation' | 'survived'>>,
    convicted: 0 | 1,
  ): Suspect {
    const before = this.#suspects.get(key);
    const deaths = (before?.deaths ?? 0) + 1;
    const convictions = (before?.convictions ?? 0) + convicted;
    const waitMs =
      convictions > 0 ? CONVICTED_MS * 2 ** (convictions - 1) : deaths > 1 ? ACCUSED_MS * 2 ** (deaths - 2) : 0;
    const suspect: Suspect = {
      ...{ key, deaths, convictions, reason, diedAt: Math.min(at, now), due: now + Math.min(waitMs, LONGEST_MS) },
      ...{ survived: before?.survived ?? 0, ...facts, isCleared: false },
    };
    this.#suspects.set(key, suspect);
    if (convicted === 1 && before?.convictions === 0) this.#acquit(before.diedAt, now);
    return suspect;
  }

  /** The convicted key explains the death that it was accused of before: others that were accused of it wait no longer. */
  #acquit(diedAt: number, now: number): void {
    for (const suspect of this.suspects) {
      if (suspect.convictions > 0 || suspect.diedAt !== diedAt) continue;
      this.#suspects.set(suspect.key, { ...suspect, deaths: 1, due: now });
    }
  }

  /** A namespace that has shown several poisonous keys is trusted with no further one. */
  #isWaryOf(key: string): boolean {
    const namespace = namespaceOfKey(key);
    let convicted = 0;
    for (const { key: other, convictions } of this.#suspects.values()) {
      if (convictions > 0 && namespaceOfKey(other) === namespace) convicted++;
    }
    return convicted >= WARY_FROM;
  }

  /** Time for the processes that died to come back, so that there is another one for the next death. */
  #gapEnd(now: number): number {
    const lately = this.#deaths.filter((at) => at > now - LATELY_MS);
    const last = lately.at(-1);
    if (last === undefined || lately.length < 3) return 0;
    return Math.min(last, now) + Math.min(GAP_MS * 2 ** (lately.length - 3), LONGEST_GAP_MS);
  }
}
