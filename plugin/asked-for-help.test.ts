import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedForHelp } from './asked-for-help.ts';
import type { CommandSpec } from './command-spec.ts';

const spec = (name: string, ...aliases: string[]): CommandSpec => ({
  ...{ name, aliases, group: 'See', summary: '', examples: [], load: () => Promise.reject(new Error(name)) },
});
const asked = (...argv: string[]) => askedForHelp(argv, [spec('get', 'list'), spec('set image')]);

describe('help of a command', () => {
  it('is asked for by its name, its other name, or its first word', () => {
    assert.deepEqual(asked('help', 'get'), ['get', '--help']);
    assert.deepEqual(asked('help', 'list'), ['list', '--help']);
    assert.deepEqual(asked('help', 'set'), ['set', '--help']);
    assert.deepEqual(asked('help', 'set', 'image'), ['set', 'image', '--help']);
  });

  it('is not asked for of what is none, nor by other command lines', () => {
    assert.deepEqual(asked('help', 'ge'), ['ge']);
    assert.deepEqual(asked('help', 'set', 'im'), ['set', 'im']);
    for (const argv of [['help'], ['get', 'help'], []]) assert.deepEqual(asked(...argv), argv);
  });
});
