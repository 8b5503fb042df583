import { floors, type Point, slope } from '../slope.ts';
import type { ControllerSample } from './controller-samples.ts';

/** Below the container's limit of 512 MiB by far. */
const MOST_RESIDENT_MB = 300;
/** What a heap may seem to grow a minute while it does not: caches that fill, and minutes that had no large collection. */
const MOST_HEAP_SLOPE_MB = 0.5;
const MOST_RESIDENT_SLOPE_MB = 1;
/** Less than this shows how a program warms up, and no leak. */
export const LEAST_MINUTES = 6;

/** The memory of the controller that led longest: a fault may have cost any of them the lease. */
export interface Memory {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

/** @param fromMs the second half of the trial begins; slopes are of what led then */
export function memoryOf(samples: readonly ControllerSample[], fromMs: number): Memory {
  const led = longest(samples.filter(({ isLeading, atMs }) => isLeading && atMs >= fromMs));
  const [first, last] = [led[0], led.at(-1)];
  if (last === undefined || first === undefined) return { lines: [], problems: ['no controller led'] };
  const points = (value: (sample: ControllerSample) => number): readonly Point[] =>
    led.map((sample) => [(sample.atMs - fromMs) / 60_000, value(sample)]);
  const [heap, resident] = [points(({ heapMb }) => heapMb), points(({ residentMb }) => residentMb)];
  const slopes = { heap: slope(floors(heap)), resident: slope(resident) };
  const most = Math.max(...samples.map(({ residentMb }) => residentMb));
  const minutes = (last.atMs - first.atMs) / 60_000;
  const isLong = minutes >= LEAST_MINUTES;
  const lines = [
    `memory of who led longest in the second half, MB: resident ${first.residentMb.toFixed(0)} at first, ${last.residentMb.toFixed(0)} at last; ` +
      `heap ${first.heapMb.toFixed(0)} at first, ${last.heapMb.toFixed(0)} at last; the most of any controller ${most.toFixed(0)}`,
    `its slope over ${minutes.toFixed(1)} min, MB a minute: heap after collections ${slopes.heap.toFixed(2)}, ` +
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

/** Of samples of several lives those of the one that has most of them. */
function longest(samples: readonly ControllerSample[]): readonly ControllerSample[] {
  const lives = new Set(samples.map(({ life }) => life));
  return [...lives]
    .map((each) => samples.filter(({ life }) => life === each))
    .reduce((most, next) => (next.length > most.length ? next : most), []);
}
