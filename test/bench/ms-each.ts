/** Milliseconds that a thing takes, done so many times one after the other, after once that does not count. */
export async function msEach(times: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  const started = performance.now();
  for (let time = 0; time < times; time++) await work();
  return (performance.now() - started) / times;
}
