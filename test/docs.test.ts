// What the documents tell people to run exists, and their links lead somewhere.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { FAULT_GROUPS } from './e2e/faults/faults.ts';
import { fixedCells } from './e2e/faults/faults-page.ts';

const root = join(import.meta.dirname, '..');
const SANDBOX = 'test/sandbox/sandbox';

const makefile = await readFile(join(root, 'Makefile'), 'utf8');
const targets = new Set([...makefile.matchAll(/^\.PHONY: (\S+)$/gm)].map(([, target]) => target!));
const verbs = await sandboxVerbs();

for (const file of await documents()) {
  const text = await readFile(join(root, file), 'utf8');
  describe(file, () => {
    for (const line of commandLines(text)) {
      for (const target of makeTargets(line)) {
        it(`may say \`make ${target}\``, () =>
          assert.ok(targets.has(target), `${line}: the Makefile has no such target`));
      }
      const verb = line.includes(SANDBOX) ? /sandbox\/sandbox ([a-z]+)/.exec(line)?.[1] : undefined;
      if (verb !== undefined) {
        it(`may say \`${SANDBOX} ${verb}\``, () => assert.ok(verbs.has(verb), `${line}: the sandbox has no such verb`));
      }
    }
    it('has links that lead somewhere', () => {
      const dead = relativeLinks(text).filter((link) => !existsSync(join(root, dirname(file), link)));
      assert.deepEqual(dead, []);
    });
  });
}

/** Pages that say which test shows what, and how many tests each names at least. */
const PAGES_OF_TESTS = { 'docs/what-shows-what.md': 50, 'docs/security.md': 20 };

for (const [page, least] of Object.entries(PAGES_OF_TESTS)) {
  describe(page, async () => {
    const text = await readFile(join(root, page), 'utf8');
    const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`(?:: ([^|;]+))?/g)];
    it('names tests', () => assert.ok(named.length >= least, `only ${named.length}`));
    for (const [, file = '', title = ''] of named) {
      it(`has ${file}${title === '' ? '' : `: ${title.trim()}`}`, async () => {
        const tests = await readFile(join(root, file), 'utf8');
        assert.ok(tests.includes(title.trim()), `${file} has no test that begins with ${title}`);
      });
    }
  });
}

describe('docs/faults.md', async () => {
  const rows = (await readFile(join(root, 'docs/faults.md'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| '));
  for (const { faults } of FAULT_GROUPS) {
    for (const fault of faults) {
      it(`says what is tried, and was seen: ${fault.what}`, () => {
        const cells = fixedCells(fault).join(' | ');
        const row = rows.find((line) => line.startsWith(`| ${cells} | `));
        assert.ok(row !== undefined, `there is no row for\n${cells}`);
        assert.match(row.slice(cells.length), /\d+ of \d+ failed/);
      });
    }
  }
});

describe('what the documents are checked against', () => {
  it('has the targets that people use', () => {
    for (const target of ['help', 'build', 'check', 'test', 'demo', 'sandbox', 'deploy'])
      assert.ok(targets.has(target), target);
  });

  it('has the verbs of the sandbox', () => {
    for (const verb of ['build', 'up', 'exec', 'shell', 'down', 'run', 'ps']) assert.ok(verbs.has(verb), verb);
  });
});

async function documents(): Promise<string[]> {
  const entries = await readdir(join(root, 'docs'), { recursive: true });
  const inDocs = entries.filter((file) => file.endsWith('.md')).map((file) => join('docs', file));
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...inDocs.toSorted()].filter((file) =>
    existsSync(join(root, file)),
  );
}

/** The lines of all ```sh blocks, without prompts and comments. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/^\s*(\$ )?/, '').replace(/(^|\s)#.*$/, ''));
}

/** `make lint test-unit FILES=x`: lint, test-unit. */
function makeTargets(line: string): string[] {
  const words = /^make\s+(.*)$/.exec(line)?.[1]?.split(/\s+/) ?? [];
  return words.filter((word) => /^[a-z]/.test(word) && !word.includes('='));
}

/** `[text](other.md#section)`: other.md. Links to the web and within the page are left out, and so is what stands in code. */
function relativeLinks(text: string): string[] {
  const prose = text.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(<?([^)\s>]+)/g)].map(([, link]) => link!);
  return links.filter((link) => !/^([a-z]+:|#)/.test(link)).map((link) => decodeURI(link.replace(/#.*$/, '')));
}

async function sandboxVerbs(): Promise<Set<string>> {
  const args = ['--import', 'tsx', 'test/sandbox/cli.ts', '--help'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const commands = stdout.slice(stdout.indexOf('Commands:'));
  return new Set([...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, verb]) => verb!));
}
