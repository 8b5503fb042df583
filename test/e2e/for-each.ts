/** Does the work for each item, so many at a time, in their order. Rejects with the first failure. */
export async function forEach<T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
    }),
  );
}
