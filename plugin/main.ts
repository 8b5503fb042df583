// kubectl-canary: wires the process to a command, and ends with its exit code.
import { systemClock } from '../kube/clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import { COMPLETE } from './completion/complete-command.ts';
import type { Context, Output } from './context.ts';
import { errorLine } from './error-line.ts';
import { EXIT } from './exit-code.ts';
import { visible } from './output/visible.ts';
import { readInput } from './read-input.ts';
import { run } from './run.ts';
import { terminalOf } from './terminal.ts';

/** As shells name a program that wrote to a pipe that nobody reads any more: 128 and SIGPIPE. */
const BROKEN_PIPE = 141;

const clock = systemClock;
const stop = new AbortController();

// Not `await main()`: the executables are made of one script, which cannot wait at its top.
void main();

async function main(): Promise<void> {
  process.once('SIGINT', () => {
    stop.abort();
    // Whatever still hangs is not waited for.
    process.once('SIGINT', () => process.exit(EXIT.INTERRUPTED));
  });
  process.once('SIGTERM', () => stop.abort());
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(BROKEN_PIPE);
      fail(error);
    });
  }
  process.once('uncaughtException', fail);
  process.once('unhandledRejection', fail);

  const out = output(process.stdout);
  const err = output(process.stderr);
  process.exitCode = await run({
    argv: process.argv.slice(2),
    ...{ out, err, signal: stop.signal },
    columns: terminalOf(process.stdout, process.env, 'auto').size().columns,
    open(global) {
      let cluster: Promise<Cluster> | undefined;
      const context: Context = {
        ...{ out, err, clock, global, env: process.env, signal: stop.signal },
        terminal: terminalOf(process.stdout, process.env, global.color),
        readInput: () => readInput(process.stdin),
        cluster() {
          cluster ??= import('./cluster/connect.ts').then(({ connect }) =>
            connect({ global, env: process.env, clock, err }),
          );
          return cluster;
        },
      };
      const close = () =>
        void cluster?.then(
          ({ transport }) => transport.close(),
          () => undefined,
        );
      return Promise.resolve({ context, close });
    },
  });
  // A credential plugin may still run, and somebody who types waits.
  if (process.argv[2] === COMPLETE) process.stdout.write('', () => process.exit());
}

/** A fault that nobody caught, wherever it came up: nobody is shown a stack. */
function fail(error: unknown): void {
  process.stderr.write(visible(`${errorLine(error, process.argv[2] ?? '')}\n`));
  process.exit(EXIT.FAILED);
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(visible(text)),
    writeRaw: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
  };
}
