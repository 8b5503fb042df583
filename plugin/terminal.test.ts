import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { type ScreenStream, terminalOf } from './terminal.ts';

const screen = (facts: Partial<Pick<ScreenStream, 'isTTY' | 'columns' | 'rows'>> = {}) =>
  Object.assign(new EventEmitter(), facts) as unknown as ScreenStream;
const SCREEN = { isTTY: true, columns: 100, rows: 30 } as const;

describe('terminalOf()', () => {
  it('is as wide as the screen, or as COLUMNS says', () => {
    const sizes = (env: Readonly<Record<string, string>>, stream = screen(SCREEN)) => {
      const terminal = terminalOf(stream, env, 'auto');
      return [terminal.size().columns, terminal.lineWidth()];
    };
    assert.deepEqual(sizes({}), [100, 100]);
    assert.deepEqual(sizes({ COLUMNS: '60' }), [60, 60]);
    assert.deepEqual(sizes({ COLUMNS: '7' }), [20, 20]);
    for (const COLUMNS of ['', '0', '-3', '1e3', 'wide']) assert.deepEqual(sizes({ COLUMNS }), [100, 100], COLUMNS);
  });

  it('breaks no line that goes elsewhere, unless it is told to', () => {
    assert.equal(terminalOf(screen(), {}, 'auto').lineWidth(), 1000);
    assert.equal(terminalOf(screen(), { COLUMNS: '72' }, 'auto').lineWidth(), 72);
    assert.deepEqual(terminalOf(screen(), {}, 'auto').size(), { columns: 80, rows: 24 });
  });

  it('has colours on a screen that nobody wants to be without', () => {
    const has = (env: Readonly<Record<string, string>>, color: 'auto' | 'always' | 'never', stream = screen(SCREEN)) =>
      terminalOf(stream, env, color).hasColor;
    assert.equal(has({ TERM: 'xterm' }, 'auto'), true);
    assert.equal(has({ TERM: 'xterm', NO_COLOR: '' }, 'auto'), true);
    assert.equal(has({ TERM: 'xterm', NO_COLOR: '1' }, 'auto'), false);
    assert.equal(has({ TERM: 'dumb' }, 'auto'), false);
    assert.equal(has({ TERM: 'xterm' }, 'auto', screen()), false);
    assert.equal(has({ TERM: 'dumb', NO_COLOR: '1' }, 'always', screen()), true);
    assert.equal(has({ TERM: 'xterm' }, 'never'), false);
  });

  it('has more than ASCII where the locale has', () => {
    const has = (env: Readonly<Record<string, string>>) => terminalOf(screen(SCREEN), env, 'auto').hasUnicode;
    assert.equal(has({ LANG: 'de_DE.UTF-8' }), true);
    assert.equal(has({ LANG: 'C', LC_CTYPE: 'C.utf8' }), true);
    assert.equal(has({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), false);
    assert.equal(has({ LANG: 'de_DE.UTF-8', TERM: 'dumb' }), false);
    assert.equal(has({}), true);
    assert.equal(has({ TERM: 'linux' }), false);
  });

  it('tells of another size until nobody asks any more', () => {
    const stream = screen(SCREEN);
    const over = new AbortController();
    let told = 0;
    terminalOf(stream, {}, 'auto').onResize(() => told++, over.signal);
    (stream as unknown as EventEmitter).emit('resize');
    over.abort();
    (stream as unknown as EventEmitter).emit('resize');
    assert.equal(told, 1);
  });
});
