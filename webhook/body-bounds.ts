import type { IncomingMessage } from 'node:http';
import { BadReview } from './admission-review.ts';

/** Levels of objects and lists. Definitions are closed, so what the API server sends has some twenty, with managedFields. */
const DEEPEST = 100;
/** Values of a body. Each takes some hundred bytes once it is read; a Deployment of 3 MB with its old self has fewer. */
const MOST_VALUES = 250_000;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Looks at JSON before it is parsed, in one pass: a few megabytes of brackets would be a hundred megabytes of objects.
 *
 * @throws {BadReview}
 */
export function checkShape(json: Uint8Array): void {
  let [depth, values, isText] = [0, 0, false];
  for (let position = 0; position < json.length; position += 1) {
    const byte = json[position];
    if (isText) {
      if (byte === BACKSLASH) position += 1;
      else if (byte === QUOTE) isText = false;
      continue;
    }
    if (byte === QUOTE) isText = true;
    else if (byte === COMMA || byte === COLON) values += 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      values += 1;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    if (depth > DEEPEST) throw new BadReview(`the body is more than ${DEEPEST} levels deep`);
    if (values > MOST_VALUES) throw new BadReview(`the body has more than ${MOST_VALUES} values`);
  }
}

/** Bytes of bodies that are being received or answered. */
export interface BodyBudget {
  /** Counts a request's body while it comes in; `false` where there is no room for it. Freed by the second function. */
  take(request: IncomingMessage, onExceeded: () => void): { readonly hasRoom: boolean; readonly free: () => void };
}

/** So many requests of one address, and of all, are under way at a time at most. */
export interface BudgetLimits {
  readonly bytes: number;
  readonly bytesOfAddress: number;
  readonly requests: number;
  readonly requestsOfAddress: number;
}

interface Use {
  bytes: number;
  requests: number;
}

/**
 * Bounds what a flood of requests holds in memory. A body counts by what has come of it, so that nobody takes room by announcing
 * a large one; one address has a part, so that one pod that floods leaves room for the API servers.
 */
export function createBodyBudget(limits: BudgetLimits): BodyBudget {
  const all: Use = { bytes: 0, requests: 0 };
  const ofAddresses = new Map<string, Use>();
  return {
    take(request, onExceeded) {
      const address = request.socket.remoteAddress ?? '';
      const own = ofAddresses.get(address) ?? { bytes: 0, requests: 0 };
      if (all.requests >= limits.requests || own.requests >= limits.requestsOfAddress || all.bytes >= limits.bytes) {
        return { hasRoom: false, free: () => undefined };
      }
      ofAddresses.set(address, own);
      let held = 0;
      let isFree = false;
      const use = (bytes: number, requests: number): void => {
        for (const of of [all, own]) {
          of.bytes += bytes;
          of.requests += requests;
        }
      };
      const count = (chunk: Uint8Array): void => {
        if (isFree) return;
        held += chunk.length;
        use(chunk.length, 0);
        if (all.bytes > limits.bytes || own.bytes > limits.bytesOfAddress) onExceeded();
      };
      use(0, 1);
      request.on('data', count);
      const free = (): void => {
        if (isFree) return;
        isFree = true;
        request.off('data', count);
        use(-held, -1);
        if (own.requests === 0) ofAddresses.delete(address);
      };
      return { hasRoom: true, free };
    },
  };
}
