import type { Canary } from '../../api/generated/canary.ts';

/** All that was read about one release. */
export interface SeenRelease {
  readonly canary: Canary;
  /** The target, then the primary; nothing of a kind that has no pods of its own. */
  readonly workloads: readonly Workload[];
  /** What was told about the canary, oldest first. */
  readonly events: readonly ToldEvent[];
  /** Whether the caller may open gates; asked only while one waits. */
  readonly mayOpenGates?: boolean;
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

export interface Workload {
  readonly role: 'target' | 'primary';
  readonly kind: string;
  readonly name: string;
  /** Undefined where it is not there, or is not known. */
  readonly pods?: PodCounts;
  /** By the names of its containers. */
  readonly images: Readonly<Record<string, string>>;
  /** The identity of its pod template; undefined where that is not known. */
  readonly templateRevision?: string;
  /** It may be there, and could not be read. */
  readonly isUnread?: boolean;
}

export interface PodCounts {
  readonly wanted: number;
  readonly ready: number;
  /** Of the newest template. */
  readonly updated: number;
}

export interface ToldEvent {
  /** RFC 3339; of one that was told several times, the last. */
  readonly at: string;
  readonly type: string;
  /** What was done, in a word. */
  readonly action: string;
  readonly note: string;
  readonly count: number;
}
