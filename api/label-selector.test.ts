import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LabelSelectorError, parseLabelSelector } from './label-selector.ts';

const OBJECTS = {
  none: {},
  blue: { shard: 'blue' },
  green: { shard: 'green', 'example.com/team': 'a' },
  empty: { shard: '' },
};

function selected(text: string): readonly string[] {
  const isSelected = parseLabelSelector(text);
  return Object.entries(OBJECTS).flatMap(([name, labels]) => (isSelected(labels) ? [name] : []));
}

describe('parseLabelSelector', () => {
  // What `kubectl get --selector` gave of these four objects.
  for (const [text, wanted] of [
    ['shard=blue', ['blue']],
    ['shard==blue', ['blue']],
    ['shard = blue', ['blue']],
    ['shard!=blue', ['none', 'green', 'empty']],
    ['shard=', ['empty']],
    ['shard', ['blue', 'green', 'empty']],
    ['!shard', ['none']],
    ['shard in (blue,green)', ['blue', 'green']],
    ['shard in ( blue , green )', ['blue', 'green']],
    ['shard in ()', ['empty']],
    ['shard notin (blue, green)', ['none', 'empty']],
    ['shard notin (blue),shard', ['green', 'empty']],
    ['example.com/team=a, shard in (blue,green)', ['green']],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(selected(text), wanted));
  }

  it('takes no label for one that every object has', () => {
    assert.equal(parseLabelSelector('toString')({}), false);
    assert.equal(parseLabelSelector('!constructor')({}), true);
  });

  for (const text of [
    '',
    ' ',
    'shard=blue,',
    'shard=blue green',
    'shard>1',
    'shard in blue',
    'shard in (blue',
    'shard in (a b)',
    '=blue',
    '-shard',
    '!shard=blue',
    'a/b/c=d',
    `${'a'.repeat(64)}=b`,
    `a=${'b'.repeat(64)}`,
  ]) {
    it(`refuses ${text.slice(0, 30)}`, () => {
      assert.throws(() => parseLabelSelector(text), LabelSelectorError);
    });
  }

  it('refuses what is endless', () => {
    assert.throws(() => parseLabelSelector(`a in (${'b,'.repeat(3000)})`), /longer than 4096/);
  });
});
