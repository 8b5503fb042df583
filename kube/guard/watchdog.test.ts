import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deathIn } from './marks-file.ts';

const LIMIT_MS = 1500;

/** A program with marks and a watchdog, which works on a key and then does `act`. */
function program(path: string, act: string): string {
  return `
    import { Marks } from '${new URL('marks.ts', import.meta.url).href}';
    import { startWatchdog } from '${new URL('watchdog.ts', import.meta.url).href}';
    const log = { error: console.error };
    const marks = new Marks({ path: ${JSON.stringify(path)}, id: 'first', slots: 4, now: Date.now, onUnwritable: console.error });
    const stop = new AbortController();
    startWatchdog({ limitMs: ${LIMIT_MS}, file: marks.file, log, signal: stop.signal });
    marks.begin('ended/before')();
    marks.begin('shop/poison');
    function standStill() { ${act} }
    setTimeout(() => { console.log('began'); standStill(); }, 300);
  `;
}

interface Ended {
  readonly ms: number;
  readonly code: unknown;
  readonly signal: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(source: string, wrap: readonly string[] = [], onChild?: (pid: number) => void): Promise<Ended> {
  const began = performance.now();
  const command = [...wrap, process.execPath, '--import', 'tsx', '--input-type=module', '-e', source];
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 60_000, killSignal: 'SIGTERM' }, (error, stdout, stderr) => {
      const { code = 0, signal = null } = (error ?? {}) as { code?: unknown; signal?: unknown };
      resolve({ ms: performance.now() - began, code, signal, stdout, stderr });
    });
    onChild?.(child.pid ?? 0);
  });
}

describe('startWatchdog()', { concurrency: 2 }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-watchdog-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [what, act] of [
    ['a loop without an end', 'for (;;);'],
    ['a regular expression that backtracks', "/^(a+)+$/.test('a'.repeat(60) + 'b');"],
  ] as const) {
    it(`ends a process that stands still in ${what}, and says where and at what key`, async () => {
      const path = join(folder, what.replaceAll(' ', '-'));
      const { ms, signal, stderr } = await run(program(path, act));
      assert.equal(signal, 'SIGKILL');
      assert.ok(ms < 20_000, `after ${ms} ms`);
      assert.match(stderr, /"level":"error".*standStill.*the event loop has stood still for \d+ ms/);
      const { death } = deathIn(await readFile(path));
      assert.deepEqual(
        [death?.id, death?.reason, death?.keys],
        [
          'first',
          'hang',
          [
            { key: 'shop/poison', survived: 0 },
            { key: 'ended/before', survived: 0 },
          ],
        ],
      );
    });
  }

  it('ends process 1 of a container too, which no signal from inside can end', async (t) => {
    const unshare = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const { code: unusable } = await run('', unshare);
    if (unusable !== 0) {
      t.skip('this machine gives nobody a process namespace');
      return;
    }
    const { stderr, ms } = await run(program(join(folder, 'first-process'), 'for (;;);'), unshare);
    assert.match(stderr, /the event loop has stood still/);
    assert.ok(ms < 20_000, `after ${ms} ms`);
  });

  it('leaves a process alone whose event loop is late again and again, but goes on', async () => {
    const busy =
      'const until = Date.now() + 700; while (Date.now() < until); if (++times < 6) setTimeout(standStill, 1); else process.exit(0);';
    const { code } = await run(`globalThis.times = 0; ${program(join(folder, 'late'), busy)}`);
    assert.equal(code, 0);
  });

  it('leaves a process alone that was stopped for longer, as the machine was asleep', async () => {
    const { code } = await run(
      program(join(folder, 'asleep'), 'setTimeout(() => process.exit(0), 3000);'),
      [],
      (pid) => {
        void (async () => {
          await sleep(2000);
          process.kill(pid, 'SIGSTOP');
          await sleep(4 * LIMIT_MS);
          process.kill(pid, 'SIGCONT');
        })();
      },
    );
    assert.equal(code, 0);
  });
});
