import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuCosts, heapCosts } from './profile-summary.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });
const node = (id: number, callFrame: ReturnType<typeof frame>, ...children: number[]) => ({ id, callFrame, children });

describe('a profile', () => {
  it('says for whom of ours the time was spent', () => {
    const nodes = [
      node(1, frame('(root)'), 2, 5, 6),
      node(2, frame('decide', 'file:///repo/controller/decide.ts'), 3),
      node(3, frame('parse', 'file:///repo/node_modules/yaml/parse.js'), 4),
      node(4, frame('(garbage collector)')),
      node(5, frame('(idle)')),
      node(6, frame('write', 'node:internal/stream')),
    ];
    const samples = [2, 3, 4, 5, 6];
    const { self, ours } = cpuCosts({ nodes, samples, timeDeltas: [1000, 2000, 4000, 8000, 16_000] }, '/repo');
    assert.deepEqual(
      [...ours],
      [
        ['none of ours: write', 16],
        ['decide controller/decide.ts', 7],
      ],
    );
    assert.equal(self.get('decide controller/decide.ts'), 1);
    assert.equal(
      [...self.values()].reduce((sum, ms) => sum + ms, 0),
      23,
    );
  });

  it('says for whom of ours memory is held', () => {
    const leaf = { callFrame: frame('parse'), selfSize: 30, children: [] };
    const own = { callFrame: frame('keep', 'file:///repo/kube/store.ts'), selfSize: 2, children: [leaf] };
    const costs = heapCosts({ head: { callFrame: frame('(root)'), selfSize: 5, children: [own] } }, '/repo');
    assert.deepEqual(
      [...costs],
      [
        ['keep kube/store.ts', 32],
        ['none of ours', 5],
      ],
    );
  });
});
