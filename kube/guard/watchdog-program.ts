/** What the thread of the watchdog is given. */
export interface WatchdogData {
  /** Two numbers: the heart beat of the event loop, counted up, and one that nobody writes, to sleep on. */
  readonly beats: SharedArrayBuffer;
  readonly tickMs: number;
  readonly limitMs: number;
  /** Where the last words go: the marks' file descriptor and the place in it. `undefined`: only to the standard error. */
  readonly words: { readonly file: number; readonly at: number; readonly bytes: number } | undefined;
}

/**
 * The program of the watchdog's thread. It is text, as a bundle has one file for each program; plain JavaScript, and with nothing
 * but what Node has. It writes by file descriptor, since a thread's `process.stderr` goes through the event loop that hangs.
 *
 * It counts its own ticks and believes of each no more than twice its length: a process that was stopped or a machine that slept
 * stops this thread too, and that time is not held against the event loop.
 */
export const WATCHDOG_PROGRAM = `
'use strict';
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { beats, tickMs, limitMs, words } = workerData;
const heart = new Int32Array(beats);
let seen = -1;
let stalledMs = 0;
let before = performance.now();

function end(stack) {
  const at = Date.now() - Math.round(stalledMs);
  const msg = 'the event loop has stood still for ' + Math.round(stalledMs) + ' ms, ending the process';
  const time = new Date().toISOString();
  attempt(() => writeSync(2, JSON.stringify({ level: 'error', time, stack, msg }) + '\\n'));
  if (words !== undefined) {
    attempt(() => {
      const block = Buffer.alloc(words.bytes, ' ');
      block.write(JSON.stringify({ reason: 'hang', at, stack }));
      block[words.bytes - 1] = 10;
      writeSync(words.file, block, 0, block.length, words.at);
    });
  }
  process.kill(process.pid, 'SIGKILL');
  // Process 1 of a container is spared by signals from inside: it has to abort by itself.
  attempt(() => {
    require('node:v8').setFlagsFromString('--allow-natives-syntax');
    new Function('%AbortJS("the event loop stands still")')();
  });
}

function attempt(act) {
  try { act(); } catch {}
}

/** What the event loop does, asked by the debugger, which can look where nothing else gets in; within a second, or never. */
function endWithStack() {
  setTimeout(end, 1000, []);
  attempt(() => {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connectToMainThread();
    session.on('Debugger.paused', ({ params }) => {
      end(params.callFrames.slice(0, 12).map(({ functionName, url, location }) =>
        (functionName || '(anonymous)') + ' ' + url.slice(-120) + ':' + (location.lineNumber + 1)));
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });
}

for (;;) {
  Atomics.wait(heart, 1, 0, tickMs);
  const now = performance.now();
  const passed = Math.min(now - before, 2 * tickMs);
  before = now;
  const beat = Atomics.load(heart, 0);
  if (beat !== seen) {
    seen = beat;
    stalledMs = 0;
    continue;
  }
  stalledMs += passed;
  if (stalledMs < limitMs) continue;
  endWithStack();
  break;
}
`;
