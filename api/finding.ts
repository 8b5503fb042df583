/** Something that is wrong with an object: where, and what has to be written there instead. */
export interface Finding {
  /** The field as Kubernetes names it, such as `spec.analysis.metrics[0].thresholdRange.min`; empty for the whole object. */
  readonly path: string;
  /** Begins in lower case and ends without a full stop, as the API server's do. */
  readonly message: string;
}

/** Looks at one thing in an object, and says what is wrong about it. */
export type Rule<T> = (object: T) => Iterable<Finding>;

/** In one line, as the API server words it; an empty path is the whole object. */
export function findingText({ path, message }: Finding): string {
  return path === '' ? message : `${path}: ${message}`;
}
