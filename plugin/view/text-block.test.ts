import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toned } from './look.ts';
import { textBlock, wrapped } from './text-block.ts';

describe('a block of text', () => {
  it('stands in columns, and wraps the last one under itself', () => {
    const rows = [
      ['a', 'the weight is on its way to the gateway'],
      ['long', 'done'],
    ];
    assert.deepEqual(textBlock(rows, { columns: 34 }), [
      '  a     the weight is on its way',
      '        to the gateway',
      '  long  done',
    ]);
  });

  it('takes colours for nothing', () => {
    const red = toned({ hasColor: true }, 'bad', 'a');
    assert.deepEqual(
      textBlock(
        [
          [red, 'x'],
          ['bb', 'y'],
        ],
        { columns: 80 },
      ),
      [`  ${red}   x`, '  bb  y'],
    );
  });

  it('leaves a word whole that is wider than the line', () => {
    const url = 'http://a-very-long-name.test/path';
    assert.deepEqual(wrapped(`asked at ${url} now`, 25), ['asked at', url, 'now']);
  });
});
