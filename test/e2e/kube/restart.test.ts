import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { testNamespace } from '../namespace.ts';
import { openScenario } from './scenario.ts';

const KILLS = 3;

describe('an API server that is killed', { skip: sandboxOnly('nobody’s control plane is to be killed') }, () => {
  const namespace = testNamespace('restart');

  it('is followed through each restart: nothing is told out of order, and the end is what a fresh list has', async (t) => {
    const scenario = await openScenario(t, namespace, 'restart');
    const witness = scenario.follow({ connection: scenario.upstream });
    await witness.reflector.synced;
    const writer = scenario.write({ keys: 40, pauseMs: 10 });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = witness.changes;
      await eventually(() => Promise.resolve(assert.ok(witness.changes > before + 200)));
      await execa('pkill', ['-KILL', '-f', 'kubernetes kube-apiserver']);
    }
    const before = witness.changes;
    await eventually(() => Promise.resolve(assert.ok(witness.changes > before + 200)));
    assert.ok(witness.ends.error >= KILLS);
    await scenario.assertFaithful(witness, writer);
    scenario.tellFigures(witness, writer);
  });
});
