import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { clipped } from './clipped.ts';
import { toned } from './look.ts';

const look = (columns: number) => ({ columns, hasColor: true, hasUnicode: true });

describe('a status that is clipped', () => {
  it('is as it is where there is room', () => {
    assert.deepEqual(clipped({ body: ['a', 'b'], foot: ['c'] }, 3, look(10)), ['a', 'b', 'c']);
  });

  it('keeps its foot, and says how much is left out', () => {
    const body = ['1', '2', '3', '4', '5'];
    assert.deepEqual(clipped({ body, foot: ['foot'] }, 4, look(80)), [
      ...['1', '2', '… 3 more lines: the screen is too short', 'foot'],
    ]);
    assert.deepEqual(clipped({ body, foot: ['foot', 'command'] }, 1, look(80)), ['command']);
  });

  it('ends a colour that it cuts', () => {
    const [line] = clipped({ body: [], foot: [toned(look(5), 'bad', 'very red')] }, 1, look(5));
    assert.equal(line, '\u001B[31mvery\u001B[39m…');
  });

  it('is never larger than the screen', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '漢', '🙂', 'é', '\u001B[31m', '\u001B[39m') }));
    fc.assert(
      fc.property(
        texts,
        texts,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 4, max: 12 }),
        (body, foot, rows, columns) => {
          const lines = clipped({ body, foot }, rows, look(columns));
          assert.ok(lines.length <= rows);
          for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
        },
      ),
    );
  });
});
