import type { ExecTarget } from './container-exec.ts';
import type { ContainerProcess, ProcessExit } from './container-process.ts';
import type { LogFile } from './log-file.ts';
import type { ProbeTarget } from './probe/run-probe.ts';

/** One run of a container, from its start to its end. */
export interface RunningContainer {
  readonly startedAt: number;
  readonly exited: Promise<ProcessExit>;
  signal(name: NodeJS.Signals): void;
  /** What there is only where there is a process. */
  readonly inside: Inside | undefined;
}

export interface Inside {
  readonly exec: ExecTarget;
  readonly probe: ProbeTarget;
  readonly log: LogFile;
  /** The file in which the program may leave a last word. */
  readonly terminationMessage: string;
}

export function processContainer(process: ContainerProcess, inside: Inside): RunningContainer {
  return {
    startedAt: process.startedAt,
    exited: process.exited,
    signal: (name) => process.signal(name),
    inside,
  };
}

/** A container that is nothing but its status: it runs until it is told to end, and then ends well. */
export function instantContainer(): RunningContainer {
  let end: (exit: ProcessExit) => void = () => {};
  const exited = new Promise<ProcessExit>((resolve) => {
    end = resolve;
  });
  return {
    startedAt: Date.now(),
    exited,
    signal: () => end({ exitCode: 0, finishedAt: Date.now() }),
    inside: undefined,
  };
}
