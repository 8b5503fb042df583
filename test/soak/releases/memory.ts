import { floors, type Point, slope } from '../slope.ts';
import type { ControllerSample } from './controller-samples.ts';

/** Below the container's limit of 512 MiB by far. */
const MOST_RESIDENT_MB = 300;
/** What a heap may seem to grow a minute while it does not: caches that fill, and minutes that had no large collection. */
const MOST_HEAP_SLOPE_MB = 0.5;
const MOST_RESIDENT_SLOPE_MB = 1;
/** Less than this shows how a program warms up, and no leak. */
export const LEAST_MINUTES = 6;

/** The memory of the controller that led last. */
export interface Memory {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

/** @param fromMs the second half of the trial begins; slopes are of what led then */
export function memoryOf(samples: readonly ControllerSample[], fromMs: number): Memory {
  const last = samples.findLast(({ isLeading }) => isLeading);
  const led = samples.filter(({ life, isLeading }) => life === last?.life && isLeading);
  const [first] = led;
  if (last === undefined || first === undefined) return { lines: [], problems: ['no controller led'] };
  const half = led.filter(({ atMs }) => atMs >= fromMs);
  const points = (value: (sample: ControllerSample) => number): readonly Point[] =>
    half.map((sample) => [(sample.atMs - fromMs) / 60_000, value(sample)]);
  const [heap, resident] = [points(({ heapMb }) => heapMb), points(({ residentMb }) => residentMb)];
  const slopes = { heap: slope(floors(heap)), resident: slope(resident) };
  const most = Math.max(...samples.map(({ residentMb }) => residentMb));
  const minutes = ((half.at(-1)?.atMs ?? 0) - (half[0]?.atMs ?? 0)) / 60_000;
  const isLong = minutes >= LEAST_MINUTES;
  const lines = [
    `memory of the last leader, MB: resident ${first.residentMb.toFixed(0)} at first, ${last.residentMb.toFixed(0)} at last; ` +
      `heap ${first.heapMb.toFixed(0)} at first, ${last.heapMb.toFixed(0)} at last; the most of any controller ${most.toFixed(0)}`,
    `its slope over the last ${minutes.toFixed(1)} min, MB a minute: heap after collections ${slopes.heap.toFixed(2)}, ` +
      `resident ${slopes.resident.toFixed(2)}${isLong ? '' : ' (too short to tell)'}`,
  ];
  const problems = [
    ...(most <= MOST_RESIDENT_MB ? [] : [`a controller had ${most.toFixed(0)} MB resident`]),
    ...(isLong && slopes.heap > MOST_HEAP_SLOPE_MB ? [`the heap grows by ${slopes.heap.toFixed(2)} MB a minute`] : []),
    ...(isLong && slopes.resident > MOST_RESIDENT_SLOPE_MB
      ? [`the resident memory grows by ${slopes.resident.toFixed(2)} MB a minute`]
      : []),
  ];
  return { lines, problems };
}
