// One minute of `make soak SOAK=releases`, with a small fleet. In a cluster that it shares with no other test, as it ends and
// freezes what they stand on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { soakReleases } from '../../soak/releases.ts';
import { sandboxOnly } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';

describe('a fleet of canaries that is released at random, with faults,', {
  skip: sandboxOnly('nobody’s control plane is to be killed'),
}, () => {
  const prefix = `soak-${randomBytes(3).toString('hex')}`;
  before(() => execa('make', ['deploy', 'OVERLAY=with-config-tracking'], { timeout: 240_000 }));
  after(async () => {
    const names = await kubectl('get', 'namespaces', '-o', 'jsonpath={.items[*].metadata.name}');
    const ours = names.split(' ').filter((name) => name.startsWith(prefix));
    await kubectl('delete', 'namespace', ...ours, '--wait=false');
    await execa('make', ['undeploy'], { timeout: 300_000 });
  });

  it('explains the end of every run, and leaves nothing open', { timeout: 1_200_000 }, async (t) => {
    const say = (line: string) => t.diagnostic(line);
    const size = { scaled: 18, served: 2 };
    assert.deepEqual(await soakReleases({ minutes: 1, say, seed: 4, size, calmMs: 6000, everyMs: 20_000, prefix }), []);
  });
});
