import { asDeath, type Death, type DeathReason } from './death.ts';

/** A key during whose work a process has died. */
export interface Suspect {
  readonly key: string;
  /** Deaths while it was worked on, alone or beside others. */
  readonly deaths: number;
  /** Of these, in a trial: then it was this key and no other. */
  readonly convictions: number;
  readonly reason: DeathReason;
  /** When the last of them was. Milliseconds since 1970, as all times here. */
  readonly diedAt: number;
  /** When its next trial may begin. */
  readonly due: number;
  /** Calls of the key before the first death that ended well: the more, the sooner it is tried. */
  readonly survived: number;
  /** It came through a trial, and is worked on as any other key; it stays on record for a while. */
  readonly isCleared: boolean;
  /** Of the object, when it was convicted: with another one the next trial comes sooner. */
  readonly generation?: number;
}

/** A trial that a leader has begun. */
export interface Trial {
  readonly key: string;
  /** Of the process that holds it. */
  readonly id: string;
  readonly generation?: number;
}

/** What leaders hand on to each other by an annotation of their Lease. */
export interface QuarantineRecord {
  readonly suspects: readonly Suspect[];
  readonly trial: Trial | undefined;
  /** Deaths that were judged, by their id, the latest last: one that is reported twice counts once. */
  readonly judged: readonly string[];
  /** When processes died lately. */
  readonly deaths: readonly number[];
}

export const NOTHING_KNOWN: QuarantineRecord = { suspects: [], trial: undefined, judged: [], deaths: [] };

/** An object may have 256 KiB of annotations in all; of more suspects, those with the fewest deaths are dropped. */
const MAX_SUSPECTS = 64;
const MAX_JUDGED = 32;
const MAX_DEATHS = 16;
/** Deaths that wait for a leader. */
const MAX_REPORTS = 8;
/** Longer texts are not ours. */
const MAX_TEXT = 131_072;

export function quarantineText({ suspects, trial, judged, deaths }: QuarantineRecord): string | undefined {
  if (suspects.length === 0 && trial === undefined && judged.length === 0) return undefined;
  const worst = suspects.toSorted(
    (one, other) => other.convictions - one.convictions || other.deaths - one.deaths || other.diedAt - one.diedAt,
  );
  const kept = worst.slice(0, MAX_SUSPECTS);
  return JSON.stringify({
    suspects: kept,
    trial,
    judged: judged.slice(-MAX_JUDGED),
    deaths: deaths.slice(-MAX_DEATHS),
  });
}

/** Reads an annotation. What cannot be read is left out: anybody who may write the Lease may have written it. */
export function quarantineRecord(text: string | undefined): QuarantineRecord {
  const { suspects, trial, judged, deaths } = fieldsIn(text);
  return {
    suspects: listOf(suspects, asSuspect).slice(0, MAX_SUSPECTS),
    trial: asTrial(trial),
    judged: listOf(judged, (each) => (typeof each === 'string' ? each : undefined)).slice(-MAX_JUDGED),
    deaths: listOf(deaths, asNumber).slice(-MAX_DEATHS),
  };
}

export function deathsText(deaths: readonly Death[]): string | undefined {
  return deaths.length === 0 ? undefined : JSON.stringify({ deaths: deaths.slice(-MAX_REPORTS) });
}

export function deathsIn(text: string | undefined): readonly Death[] {
  return listOf(fieldsIn(text)['deaths'], asDeath).slice(-MAX_REPORTS);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsIn(text: string | undefined): Fields {
  if (text === undefined || text.length > MAX_TEXT) return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf<T>(value: unknown, read: (each: unknown) => T | undefined): readonly T[] {
  return Array.isArray(value) ? value.flatMap((each: unknown) => read(each) ?? []) : [];
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function asSuspect(value: unknown): Suspect | undefined {
  const { key, reason, isCleared, ...numbers } = fieldsOf(value);
  if (typeof key !== 'string') return undefined;
  const generation = asNumber(numbers['generation']);
  return {
    key,
    deaths: asNumber(numbers['deaths']) ?? 1,
    convictions: asNumber(numbers['convictions']) ?? 0,
    reason: asDeath({ id: '', at: 0, keys: [], reason })?.reason ?? 'unknown',
    diedAt: asNumber(numbers['diedAt']) ?? 0,
    due: asNumber(numbers['due']) ?? 0,
    survived: asNumber(numbers['survived']) ?? 0,
    isCleared: isCleared === true,
    ...(generation === undefined ? {} : { generation }),
  };
}

function asTrial(value: unknown): Trial | undefined {
  const { key, id, generation } = fieldsOf(value);
  if (typeof key !== 'string' || typeof id !== 'string') return undefined;
  const number = asNumber(generation);
  return { key, id, ...(number === undefined ? {} : { generation: number }) };
}
