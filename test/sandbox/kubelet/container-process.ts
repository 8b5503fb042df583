import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { openOutputPipes } from './output-pipe.ts';

export interface ProcessExit {
  /** 128 + n for a program that signal n has ended. */
  readonly exitCode: number;
  readonly finishedAt: number;
  /** Why the program did not even begin, as bwrap or env tell it. */
  readonly startError?: string;
}

/** A program that could not be begun at all. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
}

/** bwrap's file descriptors beyond the usual three. */
export const STATUS_FD = 3;
export const READY_FD = 4;

/** How long bwrap may take to build a root: more than this is a machine that is out of everything. */
const START_MS = 60_000;
/** A program that does not exist is told at once after the root is ready: so long is waited for that. */
const SETTLE_MS = 15;
/** On a machine that is busy it may take longer; then the container has started, and ends with a start error. */
const START_ERROR_MS = 2_000;

/** The process of one container, from its start to its end. */
export class ContainerProcess {
  readonly startedAt: number;
  /** Process 1 of the container, as this side of its PID namespace counts. */
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;

  private constructor(pid: number, startedAt: number, exited: Promise<ProcessExit>) {
    this.pid = pid;
    this.startedAt = startedAt;
    this.exited = exited;
  }

  /**
   * Starts `argv` (bwrap with all that goes before it) and resolves when the container's root is complete and its
   * program takes over. Rejects with a ContainerStartError.
   */
  static async start(argv: readonly string[], log: LogFile): Promise<ContainerProcess> {
    const [file = '', ...args] = argv;
    const pipes = await openOutputPipes(2);
    const child = spawn(file, args, {
      stdio: ['ignore', ...pipes.map((pipe) => pipe.writer), 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    for (const pipe of pipes) pipe.closeWriter();
    const stderr = new FirstText();
    pipes[1]?.reader.on('data', (chunk: Buffer) => stderr.add(chunk));
    const readyAt = { time: undefined as number | undefined };
    const outputs = pipes.map((pipe) => pipe.reader);
    const exited = waitForEnd(child, outputs, log, (finishedAt) =>
      readyAt.time === undefined || finishedAt - readyAt.time < START_ERROR_MS ? startErrorIn(stderr.text) : undefined,
    );
    const pid = firstText(child.stdio[STATUS_FD] as Readable).then((text) => {
      const match = /"child-pid":\s*(\d+)/.exec(text);
      return match === null ? undefined : Number(match[1]);
    });
    const ready = firstText(child.stdio[READY_FD] as Readable);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    try {
      const [known, word] = await Promise.all([pid, ready]);
      if (known !== undefined && word !== '') {
        readyAt.time = Date.now();
        const early = await Promise.race([exited, sleep(SETTLE_MS, undefined)]);
        if (early?.startError !== undefined) throw new ContainerStartError(early.startError);
        return new ContainerProcess(known, readyAt.time, exited);
      }
    } finally {
      clearTimeout(timer);
    }
    const { startError, exitCode } = await exited;
    throw new ContainerStartError(
      startError ?? `the container's root could not be made (bwrap ended with ${exitCode})`,
    );
  }

  /** Does nothing if the program has ended. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(this.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function waitForEnd(
  child: ChildProcess,
  outputs: readonly Readable[],
  log: LogFile,
  startErrorAt: (finishedAt: number) => string | undefined,
): Promise<ProcessExit> {
  const [stdout, stderr] = outputs;
  const streams = [stdout?.pipe(log.stream('stdout')), stderr?.pipe(log.stream('stderr'))].flatMap((stream) =>
    stream === undefined ? [] : [finished(stream).catch(() => {})],
  );
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(128));
    child.once('exit', (code) => resolve(code ?? 137));
  });
  const finishedAt = Date.now();
  // Nothing of the container is left to hold the pipes open, so that this is only for what is still in them.
  await Promise.all(streams);
  await log.close();
  const startError = exitCode === 0 ? undefined : startErrorAt(finishedAt);
  return { exitCode, finishedAt, ...(startError === undefined ? {} : { startError }) };
}

/** What bwrap says about a root that it cannot make, and env about a program that it cannot find. */
function startErrorIn(stderr: string): string | undefined {
  const missing = /^\/usr\/bin\/env: ['‘](.*)['’]: (.*)$/m.exec(stderr);
  if (missing !== null) {
    const [, program = '', why = ''] = missing;
    const reason =
      why === 'No such file or directory' && !program.includes('/')
        ? 'executable file not found in $PATH'
        : why.toLowerCase();
    return `failed to start container process: exec: "${program}": ${reason}`;
  }
  const refused = /^bwrap: (.*)$/m.exec(stderr);
  return refused === null ? undefined : `failed to create container: ${refused[1]}`;
}

/** Keeps the beginning of a stream. */
class FirstText {
  text = '';

  add(chunk: Buffer): void {
    if (this.text.length < 4096) this.text += chunk.toString('utf8');
  }
}

/** The first chunk of a stream, or an empty text if it ends without one; the rest is thrown away. */
function firstText(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer) => {
      resolve(chunk.toString('utf8'));
      stream.resume();
    });
    stream.once('close', () => resolve(''));
    stream.once('error', () => resolve(''));
  });
}
