import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GateFlags, gateAndNames } from './gate-and-names.ts';

describe('gateAndNames()', () => {
  const none = { all: false };
  const cases: readonly (readonly [
    string,
    readonly [string?, (readonly string[])?],
    GateFlags,
    string | undefined,
    readonly string[],
  ])[] = [
    ['the gate, and who waits there', ['qa', ['podinfo', 'web']], none, 'qa', ['podinfo', 'web']],
    ['a name alone', ['podinfo', []], none, undefined, ['podinfo']],
    ['the gate, and a selector', ['qa', []], { all: false, selector: 'team=shop' }, 'qa', []],
    ['the gate of all', ['qa', []], { all: true }, 'qa', []],
    ['all, at whichever gate', [], { all: true }, undefined, []],
    ['names alone, beside --gate', ['podinfo', ['web']], { all: false, gate: 'qa' }, 'qa', ['podinfo', 'web']],
    ['nothing', [], none, undefined, []],
  ];
  for (const [what, args, flags, gate, names] of cases) {
    it(`reads ${what}`, () => assert.deepEqual(gateAndNames(args, flags), { gate, names }));
  }
});
