import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Command, Option } from 'commander';
import { asCommanderReads } from './as-commander-reads.ts';

function program(): Command {
  const sub = new Command('get')
    .addOption(new Option('-o, --output <format>'))
    .addOption(new Option('-w, --watch'))
    .addOption(new Option('--no-headers'))
    .addOption(new Option('--no-wait'))
    .addOption(new Option('--wait'));
  return new Command('test').addOption(new Option('-v, --v <level>')).addCommand(sub);
}

const CASES: Readonly<Record<string, string>> = {
  'get -o=json -v=6': 'get -o json -v 6',
  'get -o=jsonpath={.a=="b"}': 'get -o jsonpath={.a=="b"}',
  'get -ojson --output=yaml': 'get -ojson --output=yaml',
  'get --watch=true --no-headers=true': 'get --watch --no-headers',
  'get --watch=false --no-headers=F -w=1': 'get -w',
  'get --wait=false': 'get --no-wait',
  'get --watch=maybe --unknown=true -x=1': 'get --watch=maybe --unknown=true -x=1',
  'get -- -o=json --watch=true': 'get -- -o=json --watch=true',
};

for (const [typed, read] of Object.entries(CASES)) {
  it(`${typed} is read as ${read}`, () => {
    assert.deepEqual(asCommanderReads(typed.split(' '), program()), read.split(' '));
  });
}
