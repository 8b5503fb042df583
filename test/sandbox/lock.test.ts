import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './lock.ts';

describe('withLock()', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('lets one in at a time, and tells those who wait long', async () => {
    const file = join(folder, 'one');
    let inside = 0;
    let waited = 0;
    const enter = () =>
      withLock(
        file,
        () => waited++,
        async () => {
          assert.equal(++inside, 1);
          await sleep(500);
          inside--;
        },
      );
    await Promise.all([enter(), enter(), enter()]);
    assert.ok(waited >= 1);
  });

  it('is free again after work that throws', async () => {
    const file = join(folder, 'throws');
    await assert.rejects(
      withLock(
        file,
        () => undefined,
        () => Promise.reject(new Error('boom')),
      ),
      /boom/,
    );
    assert.equal(await withLock(file, assert.fail, () => Promise.resolve('free')), 'free');
  });

  it('is free again after a holder that was killed', async () => {
    const file = join(folder, 'killed');
    const script = `import { withLock } from '${join(import.meta.dirname, 'lock.ts')}';
      await withLock('${file}', () => {}, () => { console.log('in'); return new Promise((r) => setTimeout(r, 60_000)); });`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    assert.equal(
      await withLock(
        file,
        () => undefined,
        () => Promise.resolve('mine'),
      ),
      'mine',
    );
  });
});
