import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { eventually } from '../eventually.ts';

const PROGRAM = join(import.meta.dirname, 'pseudo-terminal.py');
const ESC = '\u001B';

/** A program that runs on a terminal of its own. */
export interface OnATerminal {
  /** All that it has written. */
  text(): string;
  /** The frames that it has painted, the last of which it may still be painting. */
  frames(): readonly string[];
  /** Waits until what it has written fits. */
  until(isWanted: (terminal: OnATerminal) => boolean, what: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Ctrl-C. */
  interrupt(): void;
  /** Waits for its end. */
  exitCode(): Promise<number>;
}

/** Runs a program as a person does, on a terminal of so many columns and rows. */
export function onATerminal(
  command: readonly string[],
  {
    columns,
    rows,
    env,
  }: { readonly columns: number; readonly rows: number; readonly env: Readonly<Record<string, string>> },
): OnATerminal {
  const process_ = execa('python3', ['-u', PROGRAM, String(columns), String(rows), ...command], {
    ...{ reject: false, timeout: 240_000, buffer: false },
    env: { LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '', COLUMNS: '', LINES: '', ...env },
  });
  let written = '';
  const ended = new Promise<number>((resolve) => {
    const lines = createInterface({ input: process_.stdout });
    lines.on('line', (line) => {
      const told = JSON.parse(line) as { readonly text: string } | { readonly exitCode: number };
      if ('exitCode' in told) resolve(told.exitCode);
      else written += told.text;
    });
    lines.on('close', () => resolve(-1));
  });
  const terminal: OnATerminal = {
    text: () => written,
    frames: () => framesOf(written),
    until: (isWanted, what) =>
      eventually(() =>
        isWanted(terminal)
          ? Promise.resolve()
          : Promise.reject(new Error(`not ${what}: ${JSON.stringify(terminal.text().slice(-4000))}`)),
      ),
    resize: (newColumns, newRows) => void process_.stdin.write(`size ${newColumns} ${newRows}\n`),
    interrupt: () => void process_.stdin.write('interrupt\n'),
    exitCode: () => ended,
  };
  return terminal;
}

/** A frame begins where the cursor goes home. */
function framesOf(text: string): readonly string[] {
  const [, ...frames] = text.split(`${ESC}[H`);
  return frames;
}
