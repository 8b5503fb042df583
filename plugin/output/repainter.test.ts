import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { createRepainter } from './repainter.ts';

describe('a repainter', () => {
  it('paints at once, then the last of what comes within 200 ms', () => {
    const clock = new PretendClock();
    const painted: number[] = [];
    const repainter = createRepainter(clock, () => painted.push(clock.now()));
    repainter.request();
    clock.advance(50);
    repainter.request();
    repainter.request();
    clock.advance(1000);
    repainter.request();
    assert.deepEqual(painted, [0, 200, 1050]);
  });

  it('paints after each change, and at most five times in any second', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 })), (pauses) => {
        const clock = new PretendClock();
        const painted: number[] = [];
        const repainter = createRepainter(clock, () => painted.push(clock.now()));
        let last = 0;
        for (const pause of pauses) {
          clock.advance(pause);
          repainter.request();
          last = clock.now();
        }
        clock.advance(1000);
        for (const time of painted) assert.ok(painted.filter((each) => each >= time && each < time + 1000).length <= 5);
        if (pauses.length > 0) assert.ok((painted.at(-1) ?? -1) >= last);
      }),
    );
  });

  it('leaves no timer when it is stopped', () => {
    const clock = new PretendClock();
    let painted = 0;
    const repainter = createRepainter(clock, () => painted++);
    repainter.request();
    repainter.request();
    repainter.stop();
    repainter.request();
    clock.advance(1000);
    assert.deepEqual([painted, clock.pending], [1, 0]);
  });
});
