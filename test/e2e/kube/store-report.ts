/** What a program that copies the objects of a namespace into memory tells of itself when it ends, as JSON. */
export interface StoreReport {
  /** From the first request to a full copy. */
  readonly syncSeconds: number;
  /** Resident, once all is copied. */
  readonly syncedMegabytes: number;
  /** Resident, after the idle time. */
  readonly idleMegabytes: number;
  /** What is in use of JavaScript's heap after all else has been collected. */
  readonly heapMegabytes: number;
  readonly idleSeconds: number;
  /** Of processor time, in the idle time. */
  readonly idleCpuSeconds: number;
  /** Sent until all was copied, and in the idle time, by method; a watch is a `WATCH`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly idleRequests: Readonly<Record<string, number>>;
  readonly configMaps: number;
  readonly deployments: number;
  /** Objects with managedFields. */
  readonly withManagedFields: number;
  /** The names of all top-level fields and of all fields of metadata. */
  readonly fields: readonly string[];
  readonly metadataFields: readonly string[];
}
