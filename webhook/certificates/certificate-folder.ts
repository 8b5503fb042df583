import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, pause } from '../../kube/clock.ts';
import type { Log } from '../../kube/log.ts';
import { belong, type KeyPair } from './key-pair.ts';
import { untilReady } from './until-ready.ts';

export interface FolderOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called with what to serve from now on, at first and after each change. */
  readonly onServing: (serving: KeyPair) => void;
}

/** A mounted Secret is brought up to date within a minute or two; the files are cheap to read. */
const LOOK_MS = 10_000;

/** Follows `tls.crt` and `tls.key` in a folder. Resolves with the first pair that fits; rejects when the signal aborts before. */
export function followCertificateFolder({ folder, clock, log, signal, onServing }: FolderOptions): Promise<void> {
  let served: string | undefined;

  async function look(): Promise<void> {
    const cert = await readFile(join(folder, 'tls.crt'), 'utf8');
    const key = await readFile(join(folder, 'tls.key'), 'utf8');
    if (cert === served) return;
    // In between two writes, one of them is new and the other is not.
    if (!belong({ cert, key })) throw new Error(`tls.crt and tls.key in ${folder} do not belong together`);
    served = cert;
    onServing({ cert, key });
  }

  async function run(onReady: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        await look();
        onReady();
      } catch (error) {
        log.error({ err: error }, 'could not read the certificate, trying again');
      }
      await pause(clock, LOOK_MS, signal);
    }
  }

  return untilReady(run, signal);
}
