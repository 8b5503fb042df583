import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canaryShare, splitBetween } from './canary-share.ts';

const names = { primaryService: 'p', canaryService: 'c' };
const backend = (name: string, weight: number) => ({ name, weight });

describe('canaryShare', () => {
  it('is in percent, whatever the weights sum to', () => {
    assert.equal(canaryShare([{ primary: 3, canary: 1 }]), 25);
    assert.equal(canaryShare([{ primary: 0, canary: 7 }]), 100);
    assert.equal(canaryShare([{ primary: 7, canary: 0 }]), 0);
  });
  it('is never rounded to all or nothing', () => {
    assert.equal(canaryShare([{ primary: 999, canary: 1 }]), 1);
    assert.equal(canaryShare([{ primary: 1, canary: 999 }]), 99);
  });
  it('is not known without weights, or where routes differ', () => {
    assert.equal(canaryShare([]), undefined);
    assert.equal(canaryShare([undefined]), undefined);
    assert.equal(canaryShare([{ primary: 0, canary: 0 }]), undefined);
    const ten = { primary: 90, canary: 10 };
    assert.equal(canaryShare([ten, { primary: 80, canary: 20 }]), undefined);
    assert.equal(canaryShare([ten, undefined]), undefined);
    assert.equal(canaryShare([ten, { primary: 9, canary: 1 }]), 10);
  });
});

describe('splitBetween', () => {
  it('is in whichever order', () => {
    const split = { primary: 90, canary: 10 };
    assert.deepEqual(splitBetween(names, [backend('p', 90), backend('c', 10)]), split);
    assert.deepEqual(splitBetween(names, [backend('c', 10), backend('p', 90)]), split);
  });
  it('is none with a third, or with one missing', () => {
    assert.equal(splitBetween(names, [backend('p', 90), backend('c', 10), backend('d', 1)]), undefined);
    assert.equal(splitBetween(names, [backend('p', 90)]), undefined);
    assert.equal(splitBetween(names, [backend('p', 90), backend('p', 10)]), undefined);
  });
});
