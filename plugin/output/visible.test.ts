import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toned } from '../view/look.ts';
import { createTable } from './table.ts';
import { visible, visibleInLine } from './visible.ts';

const plugin = join(import.meta.dirname, '..');

describe('visible()', () => {
  it('shows escape sequences, control characters and marks of direction as signs', () => {
    assert.equal(
      visible('a\u001B]0;title\u0007b\u001B[2J\u009B1A\u007F\r\n\tc'),
      'a^[]0;title^Gb^[[2J\\u009b1A\\u007f\\r\n\tc',
    );
    assert.equal(visible('approved \u202Eyb\u2066'), 'approved \\u202eyb\\u2066');
    for (const text of ['plain', 'Ünïcode 日本 👩‍🚀 e\u0301', 'a\n\tb\n', '']) assert.equal(visible(text), text);
  });

  it('lets the colours of the views pass, and no others', () => {
    for (const tone of ['good', 'bad', 'attention', 'active', 'faint', 'strong'] as const) {
      const text = toned({ hasColor: true }, tone, 'x');
      assert.equal(visible(text), text);
    }
    assert.equal(visible('\u001B[8mhidden\u001B[0m\u001B[1;31m'), '^[[8mhidden^[[0m^[[1;31m');
  });

  it('ends a colour with its line, where its text does not', () => {
    assert.equal(visible('\u001B[32mok\nnext'), '\u001B[32mok\u001B[39m\u001B[22m\nnext');
  });

  it('leaves nothing that a terminal obeys, whatever the text', () => {
    const pieces = fc.constantFrom(
      ...['\u001B', '[', ']', '32m', '2J', '\u0007', '\u009B', '\r', '\n', 'x', '\u202E', '\u001B[31m', '\b', '\0'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (words) => {
        const codes = ['1', '2', '22', '31', '32', '33', '36', '39'].map((code) => `\u001B[${code}m`);
        const rest = codes.reduce((text, code) => text.replaceAll(code, ''), visible(words.join('')));
        assert.doesNotMatch(rest, /(?![\n\t])[\p{Cc}\u202E]/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps a cell of a table within its line', () => {
    assert.equal(visibleInLine('a\r\nb\tc'), 'a b c');
    const table = createTable<string>([
      { title: 'A', cell: (text) => text },
      { title: 'B', cell: () => 'b' },
    ]);
    assert.deepEqual(table.lines(['x\npodinfo\u001B[2J']), ['A                B', 'x podinfo^[[2J   b']);
  });
});

/** Who writes without the filter, and why it needs none. */
const UNFILTERED: Readonly<Record<string, string>> = {
  'output/screen.ts': 'codes of the alternate screen; its lines are filtered there',
  'main.ts': 'the two ways to write themselves',
  'commands/diff.ts': 'what the user’s own diff program wrote',
  ...Object.fromEntries(
    ['analysis', 'events', 'get', 'history', 'status', 'tree'].map((name) => [
      `commands/${name}.ts`,
      'documents for programs',
    ]),
  ),
  'decide/each-canary.ts': 'documents for programs',
  'context.ts': 'its type',
};

describe('what the plugin writes', () => {
  it('goes through the filter, but for documents and codes of our own', async () => {
    const names = (await readdir(plugin, { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    );
    const texts = await Promise.all(
      names.map(async (name) => [name, await readFile(join(plugin, name), 'utf8')] as const),
    );
    const raw = texts.filter(([, text]) => text.includes('writeRaw')).map(([name]) => name);
    assert.deepEqual(raw.toSorted(), Object.keys(UNFILTERED).toSorted());
    const streams = texts
      .filter(([, text]) => /process\.std(?:out|err)\.write|console\./.test(text))
      .map(([name]) => name);
    assert.deepEqual(
      streams.filter((name) => !name.startsWith('ship') && !name.startsWith('docs')),
      ['main.ts'],
    );
  });

  it('is a document or a screen where it goes around the filter', async () => {
    for (const name of Object.keys(UNFILTERED).filter(
      (file) => /commands|decide/.test(file) && !file.includes('diff'),
    )) {
      const lines = (await readFile(join(plugin, name), 'utf8'))
        .split('\n')
        .filter((line) => line.includes('writeRaw'));
      for (const line of lines) assert.match(line, /printedObjects|printedDocument|format\.kind === 'yaml'/, name);
    }
  });
});
