/** A value at a time, in minutes. */
export type Point = readonly [minutes: number, value: number];

/** How much a value grows a minute, by least squares; 0 where fewer than two times are known. */
export function slope(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middle, height] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const width = points.reduce((sum, [at]) => sum + (at - middle) ** 2, 0);
  return width > 0 ? points.reduce((sum, [at, value]) => sum + (at - middle) * (value - height), 0) / width : 0;
}

/** The least value of each minute: a heap grows between collections, and what counts is what they leave. */
export function floors(points: readonly Point[]): readonly Point[] {
  const least = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor(point[0]);
    const known = least.get(minute);
    if (known === undefined || point[1] < known[1]) least.set(minute, point);
  }
  return [...least.values()];
}
