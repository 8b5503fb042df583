import { randomBytes } from 'node:crypto';
import { type Clock, pause } from './clock.ts';
import { isConflict, isNotFound, KubeError } from './errors.ts';
import type { Log } from './log.ts';
import { microTime } from './micro-time.ts';
import { collectionPath, objectPath, type Resource } from './resource.ts';
import type { Fence } from './transport/fence.ts';
import type { Transport } from './transport/transport.ts';

const EVENTS: Resource = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true };

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Of a kind that has namespaces; an event of another kind is put into `default`. */
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion?: string;
}

/** What `kubectl describe` and `kubectl events` show. */
export interface EventFacts {
  readonly regarding: ObjectReference;
  /** A second object, such as the Deployment that a Canary scaled. */
  readonly related?: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, 128 characters at most. */
  readonly reason: string;
  /** What was done, one word in CamelCase. @default the reason */
  readonly action?: string;
  /** A sentence for people; what is beyond 1024 bytes is cut off. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Who reports: `flagger.app/controller`. */
  readonly controller: string;
  /** And which of its processes: a pod's name. */
  readonly instance: string;
  readonly fence?: Fence;
}

/** Events that differ in nothing but their time, as one object of the API. */
interface Series {
  readonly facts: EventFacts;
  /** Of the event, chosen by us: one whose creation is tried again after an answer was lost is not there twice. */
  name: string;
  isCreated: boolean;
  first: Date;
  last: Date;
  /** By the clock. */
  lastAt: number;
  toldAt: number;
  count: number;
}

/** An event that comes again within this time is the same one, counted; as client-go has it. */
const SERIES_MS = 360_000;
/** The count of a series is told this often at most. */
const COUNT_EVERY_MS = 10_000;
const MAX_SERIES = 4096;
const MAX_PENDING = 4096;
/** Objects of whom something is told at a time: hundreds may move at one moment, and an API server takes milliseconds for each. */
const AT_A_TIME = 4;
const MAX_NOTE_BYTES = 1024;
/** 253 characters are allowed for an event's name. */
const MAX_NAME = 220;
const TRIES = 5;
const RETRY_MS = 1000;

/**
 * Tells what happens as `events.k8s.io/v1` Events; what happens to one object in the order of the calls.
 *
 * An event is a courtesy: `record` never waits, never throws, and what could not be told in a few tries, or waits behind
 * 4096 others, is dropped and logged. Nothing may be decided on events.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** By what makes events the same, those that were last recorded last. */
  readonly #series = new Map<string, Series>();
  /** Series with something to tell, in order. */
  readonly #pending = new Set<Series>();
  /** Series that came again, until their count may be told. */
  readonly #counting = new Map<Series, () => void>();
  readonly #closed = new AbortController();
  #closing = false;
  /** By uid, the objects of whom something is being told. */
  readonly #sending = new Map<string, Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(facts: EventFacts): void {
    if (this.#closing) return;
    const { clock, log } = this.#options;
    const key = keyOf(facts);
    const now = clock.now();
    const known = this.#series.get(key);
    const isSame = known !== undefined && now - known.lastAt < SERIES_MS;
    const series = isSame ? known : newSeries(facts, clock);
    series.count++;
    series.last = clock.date();
    series.lastAt = now;
    this.#series.delete(key);
    this.#series.set(key, series);
    if (this.#series.size > MAX_SERIES) this.#forgetOldest();

    if (this.#pending.size >= MAX_PENDING) {
      log.warn({ reason: facts.reason, object: facts.regarding.name }, 'too many events at once, one is dropped');
    } else if (!isSame) {
      this.#tell(series);
    } else if (!this.#pending.has(series) && !this.#counting.has(series)) {
      const cancel = clock.after(series.toldAt + COUNT_EVERY_MS - now, () => this.#tell(series));
      this.#counting.set(series, cancel);
    }
  }

  /** Tells what is left, for so long at most, and takes nothing new. */
  async close(ms: number): Promise<void> {
    this.#closing = true;
    for (const series of [...this.#counting.keys()]) this.#tell(series);
    const cancel = this.#options.clock.after(ms, () => this.#closed.abort());
    while (this.#sending.size > 0) await Promise.race(this.#sending.values());
    cancel();
    this.#closed.abort();
  }

  #tell(series: Series): void {
    this.#counting.get(series)?.();
    this.#counting.delete(series);
    this.#pending.add(series);
    this.#sendNext();
  }

  #sendNext(): void {
    for (const series of this.#pending) {
      if (this.#sending.size >= AT_A_TIME) return;
      const { uid } = series.facts.regarding;
      if (this.#sending.has(uid)) continue;
      this.#pending.delete(series);
      if (this.#closed.signal.aborted) continue;
      const sent = this.#sendOne(series).finally(() => {
        this.#sending.delete(uid);
        this.#sendNext();
      });
      this.#sending.set(uid, sent);
    }
  }

  async #sendOne(series: Series): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await (series.isCreated ? this.#patchCount(series) : this.#create(series));
        series.isCreated = true;
        series.toldAt = clock.now();
        return;
      } catch (error) {
        // Events live for an hour: the one that we counted on is gone, and what is told now begins a new one.
        if (series.isCreated && isNotFound(error))
          Object.assign(series, { ...newSeries(series.facts, clock), count: 1 });
        else if (attempt === TRIES || !isPassing(error)) {
          log.warn({ reason: series.facts.reason, err: error }, 'an event could not be told');
          return;
        }
        const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
        await pause(clock, Math.max(RETRY_MS * attempt, asked), this.#closed.signal);
        if (this.#closed.signal.aborted) return;
      }
    }
  }

  async #create(series: Series): Promise<void> {
    const { transport, controller, instance } = this.#options;
    const { regarding, related, type, reason, action = reason, note } = series.facts;
    const namespace = regarding.namespace ?? 'default';
    const body = {
      apiVersion: EVENTS.apiVersion,
      kind: EVENTS.kind,
      metadata: { name: series.name, namespace },
      eventTime: microTime(series.first),
      reportingController: controller,
      reportingInstance: instance,
      regarding,
      ...(related === undefined ? {} : { related }),
      type,
      reason,
      action,
      note: shortened(note),
      ...(series.count > 1 ? { series: countOf(series) } : {}),
    };
    try {
      await transport.request({ method: 'POST', path: collectionPath(EVENTS, namespace), body, ...this.#limits() });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  async #patchCount(series: Series): Promise<void> {
    const { name, facts } = series;
    await this.#options.transport.request({
      method: 'PATCH',
      path: objectPath(EVENTS, { namespace: facts.regarding.namespace ?? 'default', name }),
      contentType: 'application/merge-patch+json',
      body: { series: countOf(series) },
      ...this.#limits(),
    });
  }

  #limits(): { signal: AbortSignal; fence?: Fence } {
    const { fence } = this.#options;
    return { signal: this.#closed.signal, ...(fence === undefined ? {} : { fence }) };
  }

  #forgetOldest(): void {
    const [oldest] = this.#series;
    if (oldest !== undefined) this.#series.delete(oldest[0]);
  }
}

function newSeries(facts: EventFacts, clock: Clock): Series {
  const name = `${facts.regarding.name.slice(0, MAX_NAME)}.${randomBytes(8).toString('hex')}`;
  const date = clock.date();
  return { facts, name, isCreated: false, first: date, last: date, lastAt: clock.now(), toldAt: 0, count: 0 };
}

function countOf({ count, last }: Series): { count: number; lastObservedTime: string } {
  return { count, lastObservedTime: microTime(last) };
}

function keyOf({ regarding, related, type, reason, action, note }: EventFacts): string {
  return JSON.stringify([regarding.uid, related?.uid, type, reason, action, note]);
}

/** Cut between characters, not inside one. */
function shortened(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE_BYTES) return note;
  const bytes = Buffer.from(note).subarray(0, MAX_NOTE_BYTES - Buffer.byteLength('…'));
  return `${new TextDecoder().decode(bytes, { stream: true })}…`;
}

/** Whether trying again can help. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return (
    error.status === 429 || error.status >= 500 || error.reason === 'ConnectionFailed' || error.reason === 'Timeout'
  );
}
