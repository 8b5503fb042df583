// What a selector selects, here and in kubectl.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { parseLabelSelector } from '../../../api/label-selector.ts';
import { apply } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

describe('a label selector', () => {
  const namespace = testNamespace('selectors');
  const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    none: {},
    blue: { shard: 'blue' },
    green: { shard: 'green', 'example.com/team': 'a' },
    empty: { shard: '' },
  };
  before(() =>
    apply(
      ...Object.entries(LABELS).map(([name, labels]) => ({
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { ...labels, ours: '' } } },
      })),
    ),
  );

  for (const text of [
    ...['shard=blue', 'shard==blue', 'shard = blue', 'shard!=blue', 'shard=', 'shard', '!shard', '! shard'],
    ...[
      'shard in (blue,green)',
      'shard in ( blue , green )',
      'shard in ()',
      'shard in (,)',
      'shard notin (blue, green)',
    ],
    ...['shard notin (blue),shard', 'example.com/team=a, shard in (blue,green)', 'shard notin (blue', 'shard in blue'],
    ...['shard=blue green', '=blue', '-shard', '!shard=blue', 'a/b/c=d', 'shard,', ',shard', 'shard in(blue)'],
    ...[`${'a'.repeat(64)}=b`, `a=${'b'.repeat(64)}`, 'Example.com/a=b', 'shard in (blue) green', 'shard in (b b)'],
  ]) {
    it(`${text.slice(0, 40)} is read as kubectl reads it`, async () => {
      const args = ['-n', namespace, 'get', 'configmaps', '-o', 'name', '-l', `ours,${text}`];
      const { exitCode, stdout } = await execa('kubectl', args, { reject: false, timeout: 60_000 });
      const ours = () =>
        Object.entries(LABELS).flatMap(([name, labels]) =>
          parseLabelSelector(text)(labels) ? [`configmap/${name}`] : [],
        );
      if (exitCode === 0) assert.deepEqual(ours().toSorted(), stdout.split('\n').filter(Boolean).toSorted());
      else assert.throws(ours);
    });
  }
});
