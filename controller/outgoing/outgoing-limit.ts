import type { Clock } from '../../kube/clock.ts';

export interface OutgoingLimitOptions {
  /** Calls at the same time, of all namespaces; 4 at least. */
  readonly total: number;
}

export interface Wait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For a turn. */
  readonly ms: number;
}

/** The turn did not come. The message says whose calls are too many. */
export class TooManyCalls extends Error {
  override readonly name = 'TooManyCalls';
}

/**
 * How many calls to hooks, metric servers and alert receivers are under way at a time, over all canaries. No namespace can
 * keep the others from theirs:
 *
 * - a namespace has a quarter of them at most;
 * - the last quarter is kept for namespaces that have none under way;
 * - when all are used up, the next turn is that of the namespace with the fewest under way.
 */
export interface OutgoingLimit {
  /**
   * Waits for a turn.
   *
   * @returns what ends the turn, to be called once
   * @throws {TooManyCalls}
   * @throws the signal's reason where it aborts before
   */
  acquire(namespace: string, wait: Wait): Promise<() => void>;
  readonly underWay: number;
  readonly waiting: number;
}

/** As many as wait for a namespace's turns: each has a request in memory. */
const MAX_WAITING = 1000;

interface Share {
  underWay: number;
  /** Of those that wait, what starts each, the oldest first. */
  readonly waiting: Set<() => void>;
}

export function createOutgoingLimit({ total }: OutgoingLimitOptions): OutgoingLimit {
  const most = Math.max(1, Math.floor(total / 4));
  const shares = new Map<string, Share>();
  let underWay = 0;
  let waiting = 0;

  const mayGo = (share: Share): boolean => {
    if (share.underWay >= most) return false;
    return underWay < (share.underWay === 0 ? total : total - most);
  };

  function go(share: Share): void {
    share.underWay++;
    underWay++;
  }

  /** The namespace with the fewest under way; of several, the one that was served longest ago. */
  function next(): readonly [string, Share] | undefined {
    let found: readonly [string, Share] | undefined;
    for (const each of shares) {
      const [, share] = each;
      if (share.waiting.size === 0 || !mayGo(share)) continue;
      if (found === undefined || share.underWay < found[1].underWay) found = each;
    }
    return found;
  }

  function serve(): void {
    for (let found = next(); found !== undefined; found = next()) {
      const [namespace, share] = found;
      const [start] = share.waiting;
      shares.delete(namespace);
      shares.set(namespace, share);
      start?.();
    }
  }

  function tidy(namespace: string, share: Share): void {
    if (share.underWay === 0 && share.waiting.size === 0 && shares.get(namespace) === share) shares.delete(namespace);
  }

  function endOf(namespace: string, share: Share): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      share.underWay--;
      underWay--;
      serve();
      tidy(namespace, share);
    };
  }

  function tooMany(namespace: string, { underWay: own }: Share): TooManyCalls {
    const whose = own >= most ? `${own} of namespace ${namespace}, its part,` : `${underWay} of all namespaces`;
    const advice =
      'have fewer or quicker hooks and queries at a time, or start the controller with more --max-outgoing-calls';
    return new TooManyCalls(`too many calls are under way, ${whose} and no turn came in time: ${advice}`);
  }

  return {
    get underWay() {
      return underWay;
    },
    get waiting() {
      return waiting;
    },
    async acquire(namespace, { clock, signal, ms }) {
      signal.throwIfAborted();
      const share = shares.get(namespace) ?? { underWay: 0, waiting: new Set() };
      shares.set(namespace, share);
      if (share.waiting.size === 0 && mayGo(share)) {
        go(share);
        return endOf(namespace, share);
      }
      if (share.waiting.size >= MAX_WAITING) throw tooMany(namespace, share);
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          cancel();
          signal.removeEventListener('abort', abort);
          share.waiting.delete(start);
          waiting--;
        };
        const start = (): void => {
          leave();
          go(share);
          resolve();
        };
        const abort = (): void => {
          leave();
          tidy(namespace, share);
          reject(signal.reason as Error);
        };
        const cancel = clock.after(ms, () => {
          leave();
          tidy(namespace, share);
          reject(tooMany(namespace, share));
        });
        signal.addEventListener('abort', abort, { once: true });
        share.waiting.add(start);
        waiting++;
      });
      return endOf(namespace, share);
    },
  };
}
