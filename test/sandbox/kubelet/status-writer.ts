import { KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { NodeContext } from './node-context.ts';
import { pause } from './pause.ts';
import { type Pod, type PodStatus, podPath, podTitle } from './pod.ts';
import { statusPatch } from './status-patch.ts';

const RETRY_MS = 1000;

/**
 * Brings a pod's status to what it was last told, with as few writes as can be: one at a time, each with everything that
 * has changed since the one before, none for nothing.
 */
export class StatusWriter {
  readonly #transport: Transport;
  readonly #pod: Pod;
  readonly #signal: AbortSignal;
  readonly #log: NodeContext['log'];
  /** What the API server has from us. */
  #written: PodStatus;
  #wanted: PodStatus;
  #writing: Promise<void> | undefined;
  #gone = false;

  constructor({ transport, log }: Pick<NodeContext, 'transport' | 'log'>, pod: Pod, signal: AbortSignal) {
    this.#transport = transport;
    this.#log = log;
    this.#pod = pod;
    this.#signal = signal;
    this.#written = pod.status ?? {};
    this.#wanted = this.#written;
  }

  /** The newest status, written or about to be. */
  get latest(): PodStatus {
    return this.#wanted;
  }

  set(status: PodStatus): void {
    this.#wanted = status;
    this.#writing ??= this.#write();
  }

  /** Resolves when the newest status has been written, or cannot be any more. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What is said in one turn of the event loop is one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#gone && !this.#signal.aborted) {
      const wanted = this.#wanted;
      const body = statusPatch(this.#pod.metadata.uid, this.#written, wanted);
      if (body === undefined) break;
      try {
        await this.#transport.request({
          method: 'PATCH',
          path: `${podPath(this.#pod)}/status`,
          body,
          contentType: 'application/strategic-merge-patch+json',
          signal: this.#signal,
        });
        this.#written = wanted;
      } catch (error) {
        // Not found: deleted. Conflict: deleted and made anew, so that the uid is another one.
        if (error instanceof KubeError && [404, 409].includes(error.status)) {
          this.#gone = true;
        } else if (!this.#signal.aborted) {
          this.#log(`the status of ${podTitle(this.#pod)} cannot be written`, error);
          await pause(error instanceof KubeError ? (error.retryAfterMs ?? RETRY_MS) : RETRY_MS, this.#signal);
        }
      }
    }
    this.#writing = undefined;
  }
}
