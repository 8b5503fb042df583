import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeAtomically } from './atomic-writer.ts';
import { type KeySelection, payloadOf, samePayload, VolumeError } from './payload.ts';

const selection: KeySelection = { kind: 'configmap', name: 'm', items: undefined, optional: false, defaultMode: 0o644 };
const data = { a: Buffer.from('1'), b: Buffer.from('2') };

test('payloadOf() takes all keys, or the chosen ones at their paths', () => {
  assert.deepEqual([...payloadOf(selection, data).keys()], ['a', 'b']);
  const items = [{ key: 'a', path: 'sub/x', mode: 0o400 }];
  assert.deepEqual([...payloadOf({ ...selection, items }, data)], [['sub/x', { content: data.a, mode: 0o400 }]]);
});

test('payloadOf() fails for what is missing, unless it is optional', () => {
  assert.throws(() => payloadOf(selection, undefined), new VolumeError('configmap "m" not found'));
  assert.equal(payloadOf({ ...selection, optional: true }, undefined).size, 0);
  const items = [{ key: 'z', path: 'z' }];
  assert.throws(
    () => payloadOf({ ...selection, items }, data),
    new VolumeError('configmap references non-existent config key: z'),
  );
});

test('samePayload() compares content and mode', () => {
  const one = payloadOf(selection, data);
  assert.equal(samePayload(one, payloadOf(selection, { ...data })), true);
  assert.equal(samePayload(one, payloadOf({ ...selection, defaultMode: 0o600 }, data)), false);
  assert.equal(samePayload(one, payloadOf(selection, { a: data.a })), false);
});

test('writeAtomically() swaps one link and leaves nothing old behind', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'volume-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeAtomically(directory, payloadOf(selection, data), new Date(0));
  const first = await readlink(join(directory, '..data'));
  assert.equal(await readFile(join(directory, 'a'), 'utf8'), '1');
  assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o644);

  await writeAtomically(directory, payloadOf(selection, { a: Buffer.from('3'), c: data.b }), new Date(1));
  assert.notEqual(await readlink(join(directory, '..data')), first);
  assert.equal(await readFile(join(directory, 'a'), 'utf8'), '3');
  const names = (await readdir(directory)).filter((name) => !name.startsWith('..2') && !name.startsWith('..19'));
  assert.deepEqual(names.toSorted(), ['..data', 'a', 'c']);
  assert.equal((await readdir(directory)).length, 4);
});
