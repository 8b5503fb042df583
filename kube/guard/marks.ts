import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type AccusedKey, type Death, type DeathReason, MAX_ACCUSED } from './death.ts';
import {
  deathIn,
  LAST_WORDS_AT,
  LAST_WORDS_BYTES,
  type LastLife,
  MARK_BYTES,
  MARKS_AT,
  type MarksHead,
  padded,
  RECENT_MS,
} from './marks-file.ts';

export interface MarksOptions {
  /** A file on a volume that outlives the process, as an emptyDir outlives a container. Of one process at a time. */
  readonly path: string;
  /** Of this process and of no other. */
  readonly id: string;
  /** Calls that can be marked at a time. */
  readonly slots: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once if the file cannot be written; from then on the marks are in memory only. */
  readonly onUnwritable: (error: unknown) => void;
}

interface Running {
  readonly key: string;
  readonly began: number;
  readonly survived: number;
  readonly isTrial: boolean;
}

/** Keys whose calls are counted; of more, those that ran longest ago are forgotten. */
const MAX_COUNTED = 20_000;
/** Deaths in a row that could not be told, as many as the head of the file has room for. */
const MAX_PENDING = 2;

/**
 * What the process works on, written where the next process can read it: one block of a small file for each call, written when
 * the call begins and when it ends, some microseconds each. Nothing is synced to the disk, as a process that dies leaves what it wrote
 * in the page cache; a node that dies takes the pod with it.
 */
export class Marks {
  readonly id: string;
  /** How the process before this one ended. */
  readonly before: LastLife;
  readonly #options: MarksOptions;
  readonly #running = new Map<number, Running>();
  /** Freed slots, the oldest first: a call that has ended stays readable as long as can be. */
  readonly #free: number[];
  readonly #survived = new Map<string, number>();
  /** Keys whose last call ended, with when, the latest last. */
  readonly #ended = new Map<string, number>();
  #file: number | undefined;
  #head: MarksHead;

  constructor(options: MarksOptions) {
    this.#options = options;
    this.id = options.id;
    this.#free = Array.from({ length: options.slots }, (_, slot) => slot);
    const { path } = options;
    let before: LastLife = { death: undefined, pending: [], holder: undefined };
    try {
      before = deathIn(readIfThere(path));
      this.#file = openSync(path, 'w', 0o600);
    } catch (error) {
      options.onUnwritable(error);
    }
    this.before = before;
    const pending = [...before.pending, ...(before.death === undefined ? [] : [before.death])].slice(-MAX_PENDING);
    this.#head = { id: options.id, began: options.now(), pending };
    this.#writeHead();
    this.#write(LAST_WORDS_AT, padded('', LAST_WORDS_BYTES));
    for (const slot of this.#free) this.#write(MARKS_AT + slot * MARK_BYTES, padded('', MARK_BYTES));
  }

  /** Deaths that no leader knows of yet, as far as this process can tell. */
  get pending(): readonly Death[] {
    return this.#head.pending;
  }

  /** The file descriptor, for a thread that writes the last words of a process whose event loop hangs. */
  get file(): number | undefined {
    return this.#file;
  }

  /** The deaths were told to a leader. */
  told(ids: readonly string[]): void {
    this.#head = { ...this.#head, pending: this.#head.pending.filter(({ id }) => !ids.includes(id)) };
    this.#writeHead();
  }

  /** The process leads from now on, under this name: the next process may give the lease up for it. */
  leads(holder: string | undefined): void {
    const { holder: _, ...rest } = this.#head;
    this.#head = holder === undefined ? rest : { ...rest, holder };
    this.#writeHead();
  }

  /** Marks a call that begins; the function it returns marks its end. */
  begin(key: string, { isTrial = false }: { readonly isTrial?: boolean } = {}): () => void {
    const slot = this.#free.shift();
    // More calls than the file has room for: what cannot be marked is still worked on.
    if (slot === undefined) return () => undefined;
    const call = { key, began: this.#options.now(), survived: this.#survived.get(key) ?? 0, isTrial };
    this.#running.set(slot, call);
    this.#writeMark(slot, call);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const ended = this.#options.now();
      this.#running.delete(slot);
      this.#free.push(slot);
      counted(this.#survived, key, call.survived + 1);
      counted(this.#ended, key, ended);
      this.#writeMark(slot, { ...call, ended });
    };
  }

  /** The keys whose calls run, and then those that ended at that time or later (milliseconds since 1970), the latest first. */
  activeSince(since: number): readonly string[] {
    const keys = new Set(Array.from(this.#running.values(), ({ key }) => key));
    for (const [key, ended] of [...this.#ended].toReversed()) {
      if (ended < since) break;
      keys.add(key);
    }
    return [...keys];
  }

  /** The key on trial. One whose call did not end may still run beside the next. */
  get trial(): string | undefined {
    return [...this.#running.values()].findLast(({ isTrial }) => isTrial)?.key;
  }

  survivedBy(key: string): number {
    return this.#survived.get(key) ?? 0;
  }

  /**
   * Says why the process is about to end, and whose fault that may be.
   *
   * @param keys what is accused; without it, whatever runs or has just ended, as that may have set off what fails now
   */
  dies(reason: DeathReason, keys?: readonly string[]): Death {
    const at = this.#options.now();
    const accused: readonly AccusedKey[] = (keys ?? this.activeSince(at - RECENT_MS))
      .slice(0, MAX_ACCUSED)
      .map((key) => ({
        key,
        survived: this.survivedBy(key),
      }));
    const { trial } = this;
    const death: Death = { id: this.id, at, reason, ...(trial === undefined ? {} : { trial }), keys: accused };
    this.#write(LAST_WORDS_AT, padded(JSON.stringify(death), LAST_WORDS_BYTES));
    return death;
  }

  /** The process ends as it was asked to, or has told of its death itself: nobody is accused. */
  close(): void {
    this.#head = { ...this.#head, isClosed: true };
    this.#writeHead();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #writeHead(): void {
    this.#write(0, padded(JSON.stringify(this.#head), LAST_WORDS_AT));
  }

  #writeMark(slot: number, mark: Running & { readonly ended?: number }): void {
    this.#write(MARKS_AT + slot * MARK_BYTES, padded(JSON.stringify(mark), MARK_BYTES));
  }

  #write(at: number, block: Buffer): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, block, 0, block.length, at);
    } catch (error) {
      this.#file = undefined;
      this.#options.onUnwritable(error);
    }
  }
}

function counted(counts: Map<string, number>, key: string, count: number): void {
  counts.delete(key);
  counts.set(key, count);
  if (counts.size <= MAX_COUNTED) return;
  const [oldest] = counts.keys();
  if (oldest !== undefined) counts.delete(oldest);
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
