import { asDeath, type Death, type DeathReason, MAX_ACCUSED } from './death.ts';

/** The first block of the file: whose marks these are. */
export interface MarksHead {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  /** Under which it leads, `identity/term`. */
  readonly holder?: string;
  /** It ended in good order. */
  readonly isClosed?: boolean;
  /** Deaths before its own that it could not tell anybody. */
  readonly pending: readonly Death[];
}

/** Where the parts of the file begin, in bytes; each part is JSON, filled up with blanks, so that `cat` shows it. */
export const LAST_WORDS_AT = 32_768;
export const LAST_WORDS_BYTES = 16_384;
export const MARKS_AT = LAST_WORDS_AT + LAST_WORDS_BYTES;
/** A namespace has 63 characters at most and a name 253, which leaves enough for the rest. */
export const MARK_BYTES = 512;

/** Calls that ended so shortly before the death are accused beside those that ran: what they set off may have killed it. */
export const RECENT_MS = 2000;

/** One call, as it was marked. */
interface Mark {
  readonly key: string;
  readonly began: number;
  readonly survived: number;
  readonly isTrial: boolean;
  readonly ended?: number;
}

/** What a file of marks tells about the process that wrote it. */
export interface LastLife {
  readonly death: Death | undefined;
  readonly pending: readonly Death[];
  /** The lease that it held when it died. */
  readonly holder: string | undefined;
}

/** Reads a file of marks. A file that is damaged or empty accuses nobody. */
export function deathIn(file: Buffer): LastLife {
  const head = parsed(file, 0, LAST_WORDS_AT) as Partial<MarksHead> | undefined;
  if (typeof head?.id !== 'string') return { death: undefined, pending: [], holder: undefined };
  const pending = Array.isArray(head.pending) ? head.pending.flatMap((each) => asDeath(each) ?? []) : [];
  if (head.isClosed === true) return { death: undefined, pending, holder: undefined };

  const marks = marksIn(file);
  const words = parsed(file, LAST_WORDS_AT, LAST_WORDS_BYTES) as Partial<Death> | undefined;
  const said = asDeath(words);
  const latest = Math.max(head.began ?? 0, ...marks.map(({ began, ended = 0 }) => Math.max(began, ended)));
  const at = typeof words?.at === 'number' ? words.at : latest;
  const reason: DeathReason = said?.reason ?? (words?.reason === 'hang' ? 'hang' : 'unknown');
  const running = marks.filter(({ ended }) => ended === undefined);
  // A process that was killed from outside may have rested for long: what it did last has nothing to do with it.
  const recent = reason === 'unknown' ? [] : marks.filter(({ ended = 0 }) => ended >= at - RECENT_MS);
  const accused = [...running, ...recent.toSorted((one, other) => (other.ended ?? 0) - (one.ended ?? 0))];
  const trial = running.filter(({ isTrial }) => isTrial).toSorted((one, other) => other.began - one.began)[0]?.key;
  const death: Death = said ?? {
    ...{ id: head.id, at, reason },
    ...(trial === undefined ? {} : { trial }),
    keys: Array.from(new Map(accused.map(({ key, survived }) => [key, { key, survived }])).values()).slice(
      0,
      MAX_ACCUSED,
    ),
  };
  const isOfSomebody = death.trial !== undefined || death.keys.length > 0;
  return { death: isOfSomebody ? death : undefined, pending, holder: head.holder };
}

/** Text as a block of that many bytes; of what does not fit nothing is written, as half of it would be damaged. */
export function padded(text: string, bytes: number): Buffer {
  const block = Buffer.alloc(bytes, ' ');
  if (Buffer.byteLength(text) < bytes) block.write(text);
  block[bytes - 1] = 0x0a;
  return block;
}

function marksIn(file: Buffer): readonly Mark[] {
  const marks: Mark[] = [];
  for (let at = MARKS_AT; at + MARK_BYTES <= file.length; at += MARK_BYTES) {
    const mark = parsed(file, at, MARK_BYTES) as Partial<Mark> | undefined;
    if (typeof mark?.key !== 'string' || typeof mark.began !== 'number') continue;
    marks.push({ survived: 0, isTrial: false, ...mark, key: mark.key, began: mark.began });
  }
  return marks;
}

function parsed(file: Buffer, at: number, bytes: number): unknown {
  const text = file.toString('utf8', at, at + bytes).trim();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
