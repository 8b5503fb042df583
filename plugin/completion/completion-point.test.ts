import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { globalOptions } from '../global-options.ts';
import { completionPoint } from './completion-point.ts';

const spec = (name: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  ...{ name, group: 'See', summary: `Do ${name}.`, examples: [], load: () => Promise.reject(new Error(name)) },
  ...more,
});
const name = () => new Argument('[name...]');
const SPECS = [
  spec('get', {
    aliases: ['list'],
    arguments: [name()],
    options: [
      new Option('-o, --output <format>', 'wide, json or jsonpath=TEMPLATE'),
      new Option('--status <phases>'),
      new Option('--fail-on <severity...>').choices(['error', 'warning']),
      new Option('-w, --watch'),
    ],
  }),
  spec('status', { arguments: [new Argument('<name>')] }),
  spec('approve', { arguments: [new Argument('[gate]'), name()] }),
  spec('set image', { arguments: [new Argument('[name-or-image...]')] }),
  spec('lint', { options: [new Option('-f, --filename <file>'), new Option('--hidden').hideHelp()] }),
  spec('completion', { arguments: [new Argument('<shell>').choices(['bash', 'zsh'])] }),
];

function at(...words: string[]) {
  return completionPoint(words, SPECS, globalOptions());
}

function wordsAt(...words: string[]): readonly string[] {
  return at(...words).wanted.flatMap((wanted) => (wanted.kind === 'words' ? wanted.words.map(({ word }) => word) : []));
}

function kindsAt(...words: string[]): readonly string[] {
  return at(...words).wanted.map(({ kind }) => kind);
}

describe('what may stand at the end of a command line', () => {
  it('is a command, once also where several begin with it', () => {
    assert.deepEqual(wordsAt(''), ['get', 'status', 'approve', 'set', 'lint', 'completion']);
    assert.deepEqual(wordsAt('-n', 'shop', 'g'), wordsAt(''));
    assert.deepEqual(wordsAt('set', ''), ['image']);
    assert.deepEqual(wordsAt('help', ''), wordsAt(''));
    assert.deepEqual(wordsAt('nothing', ''), []);
  });

  it('is a canary, as many as the command takes', () => {
    assert.deepEqual(kindsAt('get', ''), ['canaries']);
    assert.deepEqual(kindsAt('list', 'a', 'b', ''), ['canaries']);
    assert.deepEqual(kindsAt('status', ''), ['canaries']);
    assert.deepEqual(kindsAt('status', 'a', ''), []);
    assert.deepEqual(kindsAt('set', 'image', ''), ['canaries']);
    assert.deepEqual(at('get', 'a', '-w', 'b', '').typed, ['a', 'b']);
  });

  it('is a gate or, where that may be left out, a canary', () => {
    assert.deepEqual(kindsAt('approve', ''), ['canaries', 'gates']);
    assert.deepEqual(kindsAt('approve', 'qa', ''), ['canaries']);
  });

  it('is an option of the command or of all, without those that are not shown', () => {
    const options = wordsAt('lint', '--');
    assert.equal(options[0], '--filename');
    assert.ok(options.includes('--namespace') && !options.includes('--hidden') && !options.includes('--cache-dir'));
    assert.deepEqual(kindsAt('get', '--', '-'), ['canaries']);
  });

  it('is the value of the option before it, or behind the equals sign', () => {
    assert.deepEqual(wordsAt('get', '-o', ''), ['wide', 'json', 'jsonpath=']);
    assert.deepEqual(wordsAt('get', '--fail-on', 'e'), ['error', 'warning']);
    assert.ok(wordsAt('get', '--status', 'F').includes('Failed'));
    assert.deepEqual(
      [wordsAt('get', '--output=js'), at('get', '--output=js').prefix],
      [wordsAt('get', '-o', ''), 'js'],
    );
    assert.deepEqual(kindsAt('get', '-n', ''), ['namespaces']);
    assert.deepEqual(kindsAt('--context', ''), ['contexts']);
    assert.deepEqual(kindsAt('lint', '-f', ''), ['files']);
    assert.deepEqual(kindsAt('get', '--kubeconfig', ''), ['files']);
    assert.deepEqual(kindsAt('get', '--token', ''), []);
    assert.deepEqual(wordsAt('completion', ''), ['bash', 'zsh']);
  });

  it('is asked for with the global options that stand before it', () => {
    const { global } = at('-n', 'shop', 'get', '--context=other', '-o', 'wide', '--insecure-skip-tls-verify', '');
    assert.deepEqual(global, ['-n', 'shop', '--context=other', '--insecure-skip-tls-verify']);
  });
});
