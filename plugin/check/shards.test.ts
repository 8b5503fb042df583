import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstalledProgram } from '../cluster/installation.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { judgeShards } from './shards.ts';

const controller = (name: string, ...args: readonly string[]): InstalledProgram => ({
  ...{ namespace: 'system', name, version: '1.0.0', wanted: 2, available: 2, args, serviceAccount: name },
});
const canary = (name: string, labels?: Readonly<Record<string, string>>) =>
  ({ metadata: { name, namespace: 'test', labels } }) as unknown as ReadCanary;
const BLUE = controller('blue', '--canary-selector=shard=blue');
const REST = controller('rest', '--canary-selector', 'shard!=blue');
const said = (canaries: readonly ReadCanary[], ...controllers: readonly InstalledProgram[]) =>
  judgeShards(canaries, controllers).map(({ verdict, text }) => `${verdict}: ${text}`);

describe('shards', () => {
  const canaries = [canary('a', { shard: 'blue' }), canary('b', { shard: 'green' }), canary('c')];

  it('are not spoken of where one controller releases all', () =>
    assert.deepEqual(said(canaries, controller('all')), []));

  it('are right where each canary has one controller', () => {
    assert.deepEqual(said(canaries, BLUE, REST), ['ok: each canary has one of 2 controllers']);
  });

  it('are wrong where a canary has none: by its labels, its namespace, a controller of no pods, or one that cannot start', () => {
    const left = ['fail: no controller releases test/b, test/c'];
    assert.deepEqual(said(canaries, BLUE), left);
    assert.deepEqual(said(canaries, BLUE, { ...REST, wanted: 0 }), left);
    assert.deepEqual(said(canaries, BLUE, controller('wrong', '--canary-selector=shard>1')), left);
    assert.deepEqual(said([...canaries, canary('d')], controller('other', '--namespace=other')), [
      'fail: no controller releases test/a, test/b, test/c and 1 more',
    ]);
  });

  it('are wrong where a canary has two', () => {
    assert.deepEqual(said(canaries, BLUE, controller('all')), [
      'fail: more than one controller, blue and all, releases test/a',
    ]);
  });
});
