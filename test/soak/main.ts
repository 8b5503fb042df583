// A trial that takes long, in the sandbox: node --import tsx test/soak/main.ts leader|releases MINUTES [SEED]

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { execa } from 'execa';
import { soakLeader } from './leader.ts';
import { soakReleases } from './releases.ts';

/** Problems that are shown; the rest is counted. */
const SHOWN = 40;

const [what = '', duration = '10', drawn = ''] = process.argv.slice(2);
const minutes = Number(duration);
assert.ok(minutes > 0, `for how many minutes? not ${duration}`);
const seed = drawn === '' ? randomInt(2 ** 31) : Number(drawn);
assert.ok(Number.isInteger(seed), `a seed is a whole number, not ${drawn}`);
const started = performance.now();
const elapsed = () => `${((performance.now() - started) / 60_000).toFixed(1)} min`;
const say = (line: string) => void process.stdout.write(`${elapsed()}  ${line}\n`);

const problems = await soak();
for (const problem of problems.slice(0, SHOWN)) say(`WRONG: ${problem}`);
say(problems.length === 0 ? 'nothing was wrong' : `${problems.length} things were wrong`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function soak(): Promise<readonly string[]> {
  switch (what) {
    case 'leader':
      return soakLeader({ minutes, say });
    case 'releases':
      say('installing kubectl-canary, as `make deploy` does');
      await execa('make', ['--no-print-directory', 'deploy', 'OVERLAY=with-config-tracking'], { timeout: 240_000 });
      return soakReleases({ minutes, say, seed, size: { scaled: 195, served: 5 } });
    default:
      throw new RangeError(`there are the soaks leader and releases, not ${what}`);
  }
}
