interface Backend {
  readonly name: string;
  readonly weight?: number;
}

/**
 * A route's backends with ours after them, which get nothing unless they had something. Those that say no weight have the
 * default, and among several of weight 0 a gateway splits as it likes: then each that was there gets 1, as it had.
 *
 * @param defaultWeight of a backend that says none
 */
export function withOurs<T extends Backend>(
  backends: readonly T[],
  ours: readonly T[],
  defaultWeight: number,
): readonly T[] {
  const weights = backends.map(({ weight = defaultWeight }) => weight);
  const isEven = weights.every((weight) => weight === 0);
  const there = backends.map((backend, index) => ({ ...backend, weight: isEven ? 1 : (weights[index] ?? 0) }));
  const names = new Set(ours.map(({ name }) => name));
  const had = (name: string) => there.find((backend) => backend.name === name)?.weight;
  return [
    ...there.filter(({ name }) => !names.has(name)),
    ...ours.map((backend) => ({ ...backend, weight: had(backend.name) ?? backend.weight })),
  ];
}
