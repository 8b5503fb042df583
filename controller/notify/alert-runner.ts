import { setMaxListeners } from 'node:events';
import { pause } from '../../kube/clock.ts';
import type { Log } from '../../kube/log.ts';
import { pauseAfter } from '../try-call.ts';
import type { Alert } from './alert.ts';
import type { Receiver } from './receivers.ts';
import { type SendDeps, type Sent, sendAlert } from './send-alert.ts';

export interface AlertRunnerOptions extends SendDeps {
  readonly log: Log;
  /** An alert has arrived, or never will. */
  readonly onDone: (alert: Alert, receiver: Receiver, how: 'sent' | 'dropped') => void;
}

/** Sends alerts beside the loop: a receiver that does not answer holds nobody up but the alerts behind it. */
export interface AlertRunner {
  /** In order with others of the canary for the receiver. */
  tell(alert: Alert, receiver: Receiver): void;
  /** Gives what is under way this long; what is not sent then is dropped. */
  close(withinMs: number): Promise<void>;
}

/** Alerts of a canary that wait for a receiver: further ones are dropped. */
const MAX_WAITING = 32;
const LONGEST_PAUSE_MS = 60_000;
/** What is older is no news any more. */
const GIVE_UP_MS = 10 * 60_000;

interface Queue {
  readonly waiting: { readonly alert: Alert; readonly receiver: Receiver; readonly since: number }[];
  readonly done: Promise<void>;
}

export function createAlertRunner(options: AlertRunnerOptions): AlertRunner {
  const { clock, log, signal, onDone } = options;
  const closed = new AbortController();
  const stopped = AbortSignal.any([signal, closed.signal]);
  // Each queue waits on it.
  setMaxListeners(0, stopped);
  const queues = new Map<string, Queue>();

  /** One after the other, as they happened, until none is left. */
  async function work(key: string, waiting: Queue['waiting']): Promise<void> {
    // The queue is in its map when this goes on.
    await Promise.resolve();
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      const { alert, receiver, since } = next;
      const how = await deliver(alert, receiver, since);
      waiting.shift();
      onDone(alert, receiver, how);
    }
    queues.delete(key);
  }

  async function deliver(alert: Alert, receiver: Receiver, since: number): Promise<'sent' | 'dropped'> {
    const facts = { canary: `${alert.namespace}/${alert.name}`, provider: receiver.key, alert: alert.message };
    for (let count = 1; ; count++) {
      const sent = await tryOnce(alert, receiver);
      if (sent.kind === 'sent') return 'sent';
      const pauseMs = pauseAfter(count, sent.waitMs, LONGEST_PAUSE_MS);
      const isOver = clock.now() + pauseMs - since > GIVE_UP_MS;
      if (stopped.aborted || !sent.again || isOver) {
        log.error({ ...facts, tries: count }, `an alert is dropped: ${sent.message}`);
        return 'dropped';
      }
      if (count === 1) log.warn(facts, `an alert was not taken, and is tried again: ${sent.message}`);
      await pause(clock, pauseMs, stopped);
    }
  }

  async function tryOnce(alert: Alert, receiver: Receiver): Promise<Sent> {
    try {
      return await sendAlert(alert, receiver, { ...options, signal: stopped });
    } catch (error) {
      if (stopped.aborted) return { kind: 'not sent', message: 'the controller ends', again: false };
      // Of an error that nobody has thought of only the name is safe to show.
      const what = error instanceof Error ? error.name : typeof error;
      return { kind: 'not sent', message: `it could not be sent (${what}), a defect of the controller`, again: false };
    }
  }

  return {
    tell(alert, receiver) {
      const key = `${alert.namespace}/${alert.name} ${receiver.key}`;
      const known = queues.get(key);
      if ((known?.waiting.length ?? 0) >= MAX_WAITING || stopped.aborted) {
        log.error(
          { canary: `${alert.namespace}/${alert.name}`, provider: receiver.key },
          'too many alerts wait, one is dropped',
        );
        onDone(alert, receiver, 'dropped');
        return;
      }
      const item = { alert, receiver, since: clock.now() };
      if (known !== undefined) {
        known.waiting.push(item);
        return;
      }
      const waiting = [item];
      queues.set(key, { waiting, done: work(key, waiting) });
    },
    async close(withinMs) {
      const all = Promise.all([...queues.values()].map(({ done }) => done));
      const over = clock.after(withinMs, () => closed.abort());
      await all;
      over();
      closed.abort();
    },
  };
}
