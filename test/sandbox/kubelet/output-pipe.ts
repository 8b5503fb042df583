import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { runProgram } from './run-program.ts';

/** A pipe whose writing end goes to a child; `closeWriter` must be called as soon as the child has it. */
export interface OutputPipe {
  readonly reader: Readable;
  readonly writer: number;
  closeWriter(): void;
}

/**
 * Real pipes, by way of named ones. What `spawn` calls a pipe is a socket, and a program that opens its own /dev/stdout, as
 * Envoy does for its access log, is refused a socket where any container runtime gives it a pipe.
 */
export async function openOutputPipes(count: number): Promise<OutputPipe[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pipes-'));
  try {
    const files = Array.from({ length: count }, (_, index) => join(folder, String(index)));
    await runProgram(['mkfifo', ...files]);
    return files.map((file) => {
      const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
      const writer = openSync(file, constants.O_WRONLY);
      return {
        reader: new Socket({ fd: reader, readable: true, writable: false }),
        writer,
        closeWriter: () => closeSync(writer),
      };
    });
  } finally {
    // The open ends live on without a name.
    rmSync(folder, { recursive: true });
  }
}
