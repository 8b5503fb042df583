import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gauge } from 'prom-client';
import { RestingRegistry } from './resting-registry.ts';

describe('RestingRegistry', () => {
  it('writes its metrics out once for each change', async () => {
    const registry = new RestingRegistry();
    let times = 0;
    const gauge = new Gauge({ name: 'weight', help: 'Weight.', registers: [registry], collect: () => void times++ });
    gauge.set(10);
    registry.changed();
    const first = await registry.metrics();
    assert.match(first, /^weight 10$/m);
    assert.equal(await registry.metrics(), first);
    assert.equal(times, 1);
    gauge.set(20);
    registry.changed();
    assert.match(await registry.metrics(), /^weight 20$/m);
    assert.equal(times, 2);
  });

  it('shows what changes while it is written out, the next time', async () => {
    const registry = new RestingRegistry();
    const gauge = new Gauge({ name: 'weight', help: 'Weight.', registers: [registry] });
    const writing = registry.metrics();
    gauge.set(20);
    registry.changed();
    await writing;
    assert.match(await registry.metrics(), /^weight 20$/m);
  });
});
