import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CandidateMessage, ClockJump } from './candidate-message.ts';

/** A process that stands for election. */
export interface Candidate {
  readonly identity: string;
  readonly isRunning: boolean;
  readonly isStopped: boolean;
  /** SIGTERM and SIGKILL end it, SIGSTOP stops it until SIGCONT. */
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  jump(jump: ClockJump): void;
  readonly ended: Promise<void>;
}

export interface CandidateOptions {
  /** The path of the bundled program, and its arguments up to the identity. */
  readonly program: string;
  readonly args: readonly string[];
  readonly identity: string;
  readonly onMessage: (message: CandidateMessage) => void;
}

export function startCandidate({ program, args, identity, onMessage }: CandidateOptions): Candidate {
  // What is for this process, such as a loader of TypeScript, is not for that one.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child: ChildProcess = fork(program, [...args, identity], { env, execArgv: [] });
  let [isRunning, isStopped] = [true, false];
  child.on('message', (message) => onMessage(message as CandidateMessage));
  const ended = once(child, 'exit').then(() => {
    isRunning = false;
  });
  return {
    identity,
    ended,
    get isRunning() {
      return isRunning;
    },
    get isStopped() {
      return isStopped;
    },
    signal(signal) {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') isStopped = signal === 'SIGSTOP';
      child.kill(signal);
    },
    jump(jump) {
      if (child.connected) child.send(jump, () => undefined);
    },
  };
}
