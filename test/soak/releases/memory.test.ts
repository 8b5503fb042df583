import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ControllerSample } from './controller-samples.ts';
import { memoryOf } from './memory.ts';

const MINUTE = 60_000;

/** What a leader says of itself each ten seconds. */
function led(life: string, from: number, to: number, heapMb: (minute: number) => number): readonly ControllerSample[] {
  return Array.from({ length: (to - from) * 6 }, (_, index) => {
    const minute = from + index / 6;
    const heap = heapMb(minute);
    return {
      ...{ atMs: minute * MINUTE, pod: life, life, isLeading: true, files: 30, watchEnds: 0, open: {} },
      ...{ heapMb: heap, residentMb: 80 + heap },
    };
  });
}

describe('the memory of a soak', () => {
  const flat = led('short', 24, 30, () => 30);
  const problems = (...samples: readonly ControllerSample[]) => memoryOf(samples, 15 * MINUTE).problems;

  it('is flat where it is', () => assert.deepEqual(problems(...led('long', 0, 24, () => 40), ...flat), []));

  it('is that of who led longest in the second half, and not of the last', () => {
    const growing = led('long', 0, 24, (minute) => 20 + 2 * minute);
    assert.deepEqual(problems(...growing, ...flat), [
      'the heap grows by 2.00 MB a minute',
      'the resident memory grows by 2.00 MB a minute',
    ]);
  });

  it('says nothing of a growth in the first half', () => {
    assert.deepEqual(problems(...led('long', 0, 30, (minute) => 20 + 2 * Math.min(minute, 15))), []);
  });

  it('is wrong without a leader', () => assert.deepEqual(problems(), ['no controller led']));
});
