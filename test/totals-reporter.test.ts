import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { NO_TOTALS, type Totals } from './totals-reporter.ts';

const HEADER = "import { after, before, describe, it, test } from 'node:test';\n";

describe('totals', () => {
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-totals-'))));
  after(async () => rm(folder, { recursive: true, force: true }));

  it('count tests, not the suites and tests that hold them', async () => {
    const { code, totals, file } =
      await run(`describe('a', () => { it('b', () => {}); describe('c', () => { it('d', () => {}); }); });
      test('e', async (t) => { await t.test('f', () => {}); await t.test('g', () => {}); });`);
    assert.deepEqual({ code, totals }, { code: 0, totals: { ...NO_TOTALS, passed: { [file]: 4 } } });
  });

  it('count a failed test once, whatever holds it', async () => {
    const { code, names } = await run(
      "describe('a', () => { it('b', () => { throw new Error('x'); }); it('c', () => {}); });",
    );
    assert.deepEqual({ code, names }, { code: 1, names: ['b'] });
  });

  it('tell what a test failed of', async () => {
    const { totals } = await run("it('a', () => { throw new Error('x\\ny'); }); it('b', () => Promise.reject('z'));");
    const reasons = totals.failed.map(({ name, why }) => `${name}: ${why}`);
    assert.deepEqual(reasons, ['a: x\ny', 'b: z']);
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

  it('are of the second time where a file fails and passes when it is run again', async () => {
    const { code, totals, file } = await run(
      `import { existsSync, writeFileSync } from 'node:fs';
      it('a', () => {});
      it('b', () => { if (!existsSync('${join(folder, 'flag')}')) { writeFileSync('${join(folder, 'flag')}', ''); throw new Error('x'); } });`,
      1,
    );
    const flaky = [{ name: 'b', file, why: 'x' }];
    assert.deepEqual({ code, totals }, { code: 0, totals: { ...NO_TOTALS, passed: { [file]: 2 }, flaky } });
  });

  it('are of the second time where a file fails twice, and of the first where too many fail', async () => {
    for (const again of [1, 0]) {
      const { code, totals, file } = await run("it('a', () => {}); it('b', () => { throw new Error('x'); });", again);
      const failed = [{ name: 'b', file, why: 'x' }];
      assert.deepEqual({ code, totals }, { code: 1, totals: { ...NO_TOTALS, passed: { [file]: 1 }, failed } });
    }
  });

  async function run(
    source: string,
    again = 0,
  ): Promise<{ code: number; totals: Totals; names: string[]; file: string }> {
    const file = join(folder, 'some.test.mjs');
    const totalsFile = join(folder, 'totals.json');
    await writeFile(file, HEADER + source);
    const args = [
      '--import',
      'tsx',
      join(import.meta.dirname, 'run-files.ts'),
      totalsFile,
      '1',
      '1',
      String(again),
      file,
    ];
    // A test run inside a test run would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const code = await new Promise<number>((resolve) => {
      execFile(process.execPath, args, { env }, (error) => resolve(typeof error?.code === 'number' ? error.code : 0));
    });
    const totals = JSON.parse(await readFile(totalsFile, 'utf8')) as Totals;
    return { code, totals, names: totals.failed.map(({ name }) => name), file };
  }
});
