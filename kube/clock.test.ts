import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  it('does not fire a timer at once that is longer than Node can wait', async () => {
    let fired = false;
    const cancel = systemClock.after(2 ** 31 + 1000, () => {
      fired = true;
    });
    await sleep(20);
    assert.equal(fired, false);
    cancel();
  });

  it('fires once, and not at all when it is taken back', async () => {
    const fired: string[] = [];
    systemClock.after(1, () => fired.push('kept'));
    systemClock.after(1, () => fired.push('cancelled'))();
    systemClock.after(-5, () => fired.push('past'));
    await sleep(50);
    assert.deepEqual(fired.toSorted(), ['kept', 'past']);
  });
});
