// Every regular expression of what ships takes time in proportion to its text: one that backtracks lets a single object hold an
// event loop, and with it every release of a cluster.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { definitionPatterns } from './definition-patterns.ts';
import type { FoundRegExp } from './found-regexp.ts';
import { regExpsOfFile, regExpsOfSource } from './source-regexps.ts';
import { objections } from './verdict.ts';

const root = join(import.meta.dirname, '..', '..');

/** Expressions that are made at run time, by their code, and why nobody can choose what they are made of. */
const MADE_AT_RUN_TIME: ReadonlyMap<string, string> = new Map();

const folders = ['api', 'kube', 'controller', 'webhook', 'plugin'];
const listed = await Promise.all(
  folders.map(async (folder) => {
    const names = await readdir(join(root, folder), { recursive: true });
    return names.map((name) => join(folder, name));
  }),
);
// The safety trials are tests that the unit tests share.
const isShipped = (file: string) =>
  file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith(join('controller', 'decide', 'safety'));
const files = listed.flat().filter(isShipped).toSorted();
const ofFiles = await Promise.all(files.map((file) => regExpsOfFile(join(root, file), file)));
const patterns = await definitionPatterns(join(root, 'manifests', 'crd'));
const known = new Map<string, FoundRegExp>();
for (const each of [...ofFiles.flatMap((of) => of.known), ...patterns]) {
  const key = `/${each.source}/${each.flags}`;
  if (!known.has(key)) known.set(key, each);
}

describe('a regular expression that ships', () => {
  for (const [text, { where, source, flags }] of known) {
    it(`takes linear time: ${where} ${text}`, async () => assert.deepEqual(await objections(source, flags), []));
  }

  it('is one of a hundred that are found', () => assert.ok(known.size > 100, String(known.size)));

  it('is written as such, and not made of what is only known at run time', () => {
    const unknown = ofFiles.flatMap((of) => of.unknown);
    assert.deepEqual(
      unknown.filter(({ code }) => !MADE_AT_RUN_TIME.has(code)),
      [],
    );
  });
});

describe('the search for regular expressions', () => {
  const found = (text: string) => {
    const { known: sure, unknown } = regExpsOfSource(text, 'x.ts');
    return [
      ...sure.map(({ where, source, flags }) => `${where} /${source}/${flags}`),
      ...unknown.map(({ code }) => code),
    ];
  };

  it('finds literals wherever they stand, and what is put together of constants', () => {
    assert.deepEqual(found('const x = a / b / c; // /x/\nf(/a+/g, { y: [/[/]/u] }); const s = "/no/";'), [
      'x.ts:2 /a+/g',
      'x.ts:2 /[/]/u',
    ]);
    const put =
      'const A = "a+"; const B = `(?:${A})*`;\nnew RegExp(`^${B}$`, "u"); RegExp(A); "x".match("a*"); new RegExp(/y/, "g");';
    assert.deepEqual(found(put).toSorted(), ['x.ts:2 /^(?:a+)*$/u', 'x.ts:2 /a*/', 'x.ts:2 /a+/', 'x.ts:2 /y/']);
  });

  it('says what it cannot know', () => {
    assert.deepEqual(found('export const f = (text: string) => new RegExp(text);'), ['new RegExp(text)']);
    assert.deepEqual(found('let a = "x"; RegExp(`${a}`); new RegExp("x", flags())'), [
      'RegExp(`${a}`)',
      'new RegExp("x", flags())',
    ]);
  });
});

/** What is slow shows in this, or is not done with its texts by then. */
const SOON_MS = 1000;

/** Each was in this project, or is the plainest of its kind. */
const SLOW: Readonly<Record<string, RegExp>> = {
  'actions of a query, n³': /\{\{(-\s)?\s*(\/\*[\s\S]*?\*\/|[\s\S]*?)\s*(\s-)?\}\}/y,
  'durations as a definition had them, n² in ajv': /^(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|ms|s|m|h))+$/u,
  'port names as a definition had them': /^[a-z0-9-]*[a-z][a-z0-9-]*$/u,
  quantities: /^\+?(\d+\.?\d*|\.\d+)(?:([eE][-+]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/,
  'what stands at the end, n² by each start of the search': /\s+$/,
  'lines in one': /\s*\n\s*/g,
  'the rest of a line': /@.*$/,
  'loops in a loop': /^(a+)+$/,
  'two loops over the same': /^a*a*$/,
};

describe('a regular expression that takes more than linear time', () => {
  for (const [what, { source, flags }] of Object.entries(SLOW)) {
    it(`is refused by what is known of it and by the time it takes: ${what}`, async () => {
      const said = await objections(source, flags, SOON_MS);
      assert.ok(said.length >= 2, said.join('; '));
      assert.ok(
        said.some((each) => each.startsWith('grows: ')),
        said.join('; '),
      );
    });
  }

  for (const [what, { source, flags }] of Object.entries({
    'a look-ahead': /,(?![^(]*\))/,
    'a block without its end': /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g,
  })) {
    it(`is refused where only one of the two checkers sees it: ${what}`, async () => {
      assert.equal((await objections(source, flags, SOON_MS)).filter((each) => !each.startsWith('grows: ')).length, 1);
    });
  }
});
