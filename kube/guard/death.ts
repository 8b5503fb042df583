/** Why a process ended that nobody had asked to end. `unknown`: it could say nothing, as when the kernel killed it. */
export type DeathReason = (typeof DEATH_REASONS)[number];

export const DEATH_REASONS = ['hang', 'crash', 'memory', 'stuck', 'unknown'] as const;

/** A key that a process worked on when it ended. */
export interface AccusedKey {
  readonly key: string;
  /** How often that process had worked on this key before and lived. */
  readonly survived: number;
}

/** The end of a process, as its marks tell it to the next one. */
export interface Death {
  /** The identity of the process that ended: each death counts once, however often it is reported. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: DeathReason;
  /** The key on trial, if there was one; then no other key is accused. */
  readonly trial?: string;
  readonly keys: readonly AccusedKey[];
}

/** Keys of one death that are told to others. */
export const MAX_ACCUSED = 16;

/** Returns a death as it was read from a file or an annotation, or `undefined` for what is none. */
export function asDeath(value: unknown): Death | undefined {
  const { id, at, reason, trial, keys } = (value ?? {}) as Readonly<Record<keyof Death, unknown>>;
  if (typeof id !== 'string' || typeof at !== 'number' || !Array.isArray(keys)) return undefined;
  return {
    ...{ id, at, reason: DEATH_REASONS.find((known) => known === reason) ?? 'unknown' },
    ...(typeof trial === 'string' ? { trial } : {}),
    keys: keys.slice(0, MAX_ACCUSED).flatMap((each: unknown) => {
      const { key, survived } = (each ?? {}) as Readonly<Record<keyof AccusedKey, unknown>>;
      return typeof key === 'string' ? [{ key, survived: typeof survived === 'number' ? survived : 0 }] : [];
    }),
  };
}
