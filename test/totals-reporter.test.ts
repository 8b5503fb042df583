import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Totals } from './totals-reporter.ts';

const HEADER = "import { after, before, describe, it, test } from 'node:test';\n";

describe('totals', () => {
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-totals-'))));
  after(async () => rm(folder, { recursive: true, force: true }));

  it('count tests, not the suites and tests that hold them', async () => {
    const { code, totals } =
      await run(`describe('a', () => { it('b', () => {}); describe('c', () => { it('d', () => {}); }); });
      test('e', async (t) => { await t.test('f', () => {}); await t.test('g', () => {}); });`);
    assert.deepEqual({ code, totals }, { code: 0, totals: { passed: 4, failed: [], skipped: [] } });
  });

  it('count a failed test once, whatever holds it', async () => {
    const { code, names } = await run(
      "describe('a', () => { it('b', () => { throw new Error('x'); }); it('c', () => {}); });",
    );
    assert.deepEqual({ code, names }, { code: 1, names: ['b'] });
  });

  it('count a suite whose after hook fails', async () => {
    const { code, names } = await run(
      "describe('a', () => { after(() => { throw new Error('x'); }); it('b', () => {}); });",
    );
    assert.deepEqual({ code, names }, { code: 1, names: ['a'] });
  });

  it('tell why a test was skipped', async () => {
    const { code, totals } = await run(
      "it('a', { skip: 'no cluster' }, () => {}); it.todo('b'); it('c', (t) => t.skip('why not'));",
    );
    const reasons = totals.skipped.map(({ name, reason }) => `${name}: ${reason}`);
    assert.deepEqual(
      { code, reasons },
      { code: 0, reasons: ['a: no cluster', 'b: still to be written', 'c: why not'] },
    );
  });

  it('count a file that crashes, exits or holds no test as failed', async () => {
    for (const source of [
      "throw new Error('x');",
      "test('a', () => {}); setTimeout(() => process.exit(3), 20);",
      'export {};',
    ]) {
      const { totals } = await run(source);
      assert.equal(totals.failed.length, 1, source);
      assert.match(totals.failed[0]!.name, /^the file itself: /);
    }
  });

  async function run(source: string): Promise<{ code: number; totals: Totals; names: string[] }> {
    const file = join(folder, 'some.test.mjs');
    const totalsFile = join(folder, 'totals.json');
    await writeFile(file, HEADER + source);
    const args = ['--import', 'tsx', join(import.meta.dirname, 'run-files.ts'), totalsFile, '1', '1', file];
    // A test run inside a test run would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const code = await new Promise<number>((resolve) => {
      execFile(process.execPath, args, { env }, (error) => resolve(typeof error?.code === 'number' ? error.code : 0));
    });
    const totals = JSON.parse(await readFile(totalsFile, 'utf8')) as Totals;
    return { code, totals, names: totals.failed.map(({ name }) => name) };
  }
});
