import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { type BackOff, CRASH_LOOP, formatDelay, nextBackOff } from './back-off.ts';
import type { ContainerExit, ContainerFacts } from './container-facts.ts';
import type { ProcessExit } from './container-process.ts';
import type { LogFile } from './log-file.ts';
import { parseLogLine } from './log-line.ts';
import { type Container, type Pod, podTitle, type RoledContainer } from './pod.ts';
import { restarts } from './pod-plan.ts';
import type { RunningContainer } from './running-container.ts';

/** Only the end of a log makes a termination message. */
const MESSAGE_BYTES = 4096;
const LOG_MESSAGE_BYTES = 2048;
const LOG_MESSAGE_LINES = 80;

export interface Beginning {
  readonly running: RunningContainer;
  readonly names: { readonly image: string; readonly imageID: string };
  /** What the pod's spec named: an image that is changed there restarts the container. */
  readonly reference: string | undefined;
}

/** The place of one container in its pod: what is known of it, its running process, and its back-off. */
export class ContainerSlot {
  readonly role: RoledContainer['role'];
  readonly name: string;
  /** Replaced as a whole, never changed. */
  facts: ContainerFacts;
  running: RunningContainer | undefined;
  reference: string | undefined;
  /** Ends the probes of the current run. */
  probing: AbortController | undefined;
  /** Set once the current run is being ended. */
  stopping: Promise<void> | undefined;
  /** Logs of the last two runs, the newest first. */
  readonly logs: LogFile[] = [];
  #backOff: BackOff | undefined;

  constructor(facts: ContainerFacts) {
    this.role = facts.role;
    this.name = facts.name;
    this.facts = facts;
  }

  /** The number that the next run will have. */
  get nextRestartCount(): number {
    const { attempt, previous, restartCount } = this.facts;
    return attempt === undefined && previous === undefined ? 0 : restartCount + 1;
  }

  wait(reason: string, message: string, retryAt: number): void {
    this.facts = { ...this.facts, waiting: { reason, message }, retryAt };
  }

  begin({ running, names, reference }: Beginning): void {
    this.running = running;
    this.reference = reference;
    this.stopping = undefined;
    if (running.inside !== undefined) this.logs.unshift(running.inside.log);
    this.#newAttempt(running.startedAt, names, undefined);
  }

  /** A run that ended before its program began. Gives the delay until the next one if that is in back-off. */
  failToBegin(names: Beginning['names'], message: string, pod: Pod, now: number): number {
    this.#newAttempt(0, names, { exitCode: 128, reason: 'StartError', message, finishedAt: now });
    this.wait('RunContainerError', message, now);
    return this.#backOffFrom(now, pod);
  }

  /** Records the end of the current run, and gives the delay until the next one if that is in back-off. */
  async end(exit: ProcessExit, pod: Pod, container: Container, ended: boolean): Promise<number> {
    const inside = this.running?.inside;
    this.probing?.abort();
    const message =
      exit.startError ?? (inside && (await lastWords(container, inside.terminationMessage, inside.log, exit)));
    const reason = exit.startError !== undefined ? 'StartError' : exit.exitCode === 0 ? 'Completed' : 'Error';
    const { attempt } = this.facts;
    if (attempt === undefined) return 0;
    this.running = undefined;
    const { waiting: _, ...facts } = this.facts;
    this.facts = {
      ...facts,
      attempt: {
        ...attempt,
        exit: {
          exitCode: exit.startError === undefined ? exit.exitCode : 128,
          reason,
          finishedAt: exit.finishedAt,
          ...(message === undefined || message === '' ? {} : { message }),
        },
      },
      started: false,
      ready: false,
    };
    const again = this.role === 'sidecar' || restarts(container, exit.exitCode, pod.spec);
    if (ended || !again) return 0;
    return this.#backOffFrom(exit.finishedAt, pod);
  }

  #backOffFrom(finishedAt: number, pod: Pod): number {
    const delayMs = this.#nextDelay(finishedAt);
    if (delayMs > 0) {
      const text = `back-off ${formatDelay(delayMs)} restarting failed container=${this.name} pod=${podTitle(pod)}`;
      this.wait('CrashLoopBackOff', text, finishedAt + delayMs);
    }
    return delayMs;
  }

  #newAttempt(startedAt: number, names: Beginning['names'], exit: ContainerExit | undefined): void {
    const { waiting: _, attempt, previous, ...facts } = this.facts;
    const last = attempt ?? previous;
    this.facts = {
      ...facts,
      attempt: { id: randomBytes(32).toString('hex'), startedAt, ...names, exit },
      ...(last === undefined ? {} : { previous: last }),
      restartCount: this.nextRestartCount,
      started: false,
      ready: false,
    };
  }

  /** The first restart is at once; it is the ones after it that wait. */
  #nextDelay(now: number): number {
    const fresh = this.#backOff === undefined || now - this.#backOff.lastFailure > 2 * CRASH_LOOP.maxMs;
    const delayMs = fresh ? 0 : (this.#backOff?.delayMs ?? 0);
    this.#backOff = nextBackOff(this.#backOff, now, CRASH_LOOP);
    return delayMs;
  }
}

async function lastWords(container: Container, file: string, log: LogFile, exit: ProcessExit): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle !== undefined) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MESSAGE_BYTES), 0, MESSAGE_BYTES, 0);
    await handle.close();
    if (bytesRead > 0) return buffer.subarray(0, bytesRead).toString('utf8');
  }
  if (container.terminationMessagePolicy !== 'FallbackToLogsOnError' || exit.exitCode === 0) return '';
  const text = await readFile(log.path, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LOG_MESSAGE_LINES);
  return lines
    .map((line) => `${parseLogLine(line)?.text ?? ''}\n`)
    .join('')
    .slice(-LOG_MESSAGE_BYTES);
}
