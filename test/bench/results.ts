import type { ReleaseFigures } from './release-figures.ts';
import type { Row } from './row.ts';

/** On what, and when, something was measured. */
export interface Setting {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  /** Processes that wanted a core when it began, on average over a minute. */
  readonly load: number;
  readonly node: string;
  readonly kubernetes: string;
  readonly contour: string;
  /** Ours, with the commit. */
  readonly version: string;
}

/** All that the page shows, each part as it was last measured. Kept beside it, so that one part can be measured anew. */
export interface Results {
  /** By the name of the benchmark. */
  readonly parts: Readonly<Record<string, { readonly setting: Setting; readonly rows: readonly Row[] }>>;
  /** By the number of canaries. */
  readonly releases: Readonly<Record<string, { readonly setting: Setting; readonly figures: ReleaseFigures }>>;
}
