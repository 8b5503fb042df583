import type { Manifest } from './manifest.ts';

/** A manifest with one thing wrong in it. */
export interface Wrong {
  /** What is wrong, for the test's name. */
  readonly why: string;
  readonly manifest: Manifest;
  /** The field that has to be named. */
  readonly path: string;
  /** A part of what has to be said. */
  readonly says: string;
  /**
   * Who says it: `schema`, where the API server has words of its own; `rule`, where it has ours by a CEL rule; `strict`,
   * where it drops the field unless it is asked to be strict, as kubectl asks.
   */
  readonly by: 'schema' | 'rule' | 'strict';
}

export const bySchema = (why: string, manifest: Manifest, path: string, says: string): Wrong => ({
  why,
  manifest,
  path,
  says,
  by: 'schema',
});

export const byRule = (why: string, manifest: Manifest, path: string, says: string): Wrong => ({
  why,
  manifest,
  path,
  says,
  by: 'rule',
});

export const unknownField = (why: string, manifest: Manifest, path: string, says: string): Wrong => ({
  why,
  manifest,
  path,
  says,
  by: 'strict',
});
