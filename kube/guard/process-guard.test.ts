import assert from 'node:assert/strict';
import { it } from 'node:test';
import { silentLog } from '../log.ts';
import { SteppingClock } from '../stepping-clock.ts';
import type { DeathReason } from './death.ts';
import { type GuardedProcess, startProcessGuard } from './process-guard.ts';

it('a process guard gives the handing over its time, however many errors nobody caught, and ends the process then', async () => {
  const clock = new SteppingClock();
  const ends: DeathReason[] = [];
  const exits: number[] = [];
  let thrown: (error: Error) => void = () => assert.fail('nobody listens');
  const process: GuardedProcess = {
    on: (_, listener) => {
      thrown = listener;
    },
    exit: (code) => {
      exits.push(code);
      return undefined as never;
    },
    memoryUsage: Object.assign(() => ({ heapUsed: 0 }), { rss: () => 0 }),
  };
  const stop = new AbortController();
  startProcessGuard({
    ...{ process, heapLimit: 2 ** 30, memoryLimit: 2 ** 30, clock, log: silentLog, signal: stop.signal },
    handOverMs: 5000,
    onEnd: (reason) => void ends.push(reason),
  });
  for (let error = 0; error < 3; error++) {
    thrown(new Error('poison'));
    await clock.pass(1000);
  }
  assert.deepEqual([ends, exits, process.exitCode], [['crash'], [], 1]);
  await clock.pass(2000);
  assert.deepEqual(exits, [1]);
  stop.abort();
});
