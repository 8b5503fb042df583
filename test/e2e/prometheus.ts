import { getOk } from './http.ts';

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** The value of an instant query that has exactly one sample; throws where it has none yet, or several. */
export async function queryPrometheus(query: string): Promise<number> {
  const url = `http://prometheus.monitoring:9090/api/v1/query?query=${encodeURIComponent(query)}`;
  const { result } = (JSON.parse(await getOk(url)) as Answer).data;
  const value = result[0]?.value[1];
  if (result.length !== 1 || value === undefined) throw new Error(`${query} has ${result.length} samples`);
  return Number(value);
}
