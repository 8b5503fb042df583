import type { Query, Transport } from './transport/transport.ts';

export interface PageOptions {
  readonly path: string;
  readonly query?: Query;
  /** @default 'application/json' */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Objects a page. */
  readonly limit: number;
  /** What comes after them is left for another time. */
  readonly maxPages: number;
}

interface Page<T> {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly T[] | null;
}

/** Lists a collection page by page, so that a flood of large objects is never in memory at once, nor listed without an end. */
export async function* pages<T>(transport: Transport, options: PageOptions): AsyncGenerator<readonly T[]> {
  const { path, query = {}, limit, maxPages, ...rest } = options;
  let token: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const asked = { ...query, limit, ...(token !== undefined && { continue: token }) };
    const { items, metadata } = await transport.request<Page<T>>({ path, query: asked, ...rest });
    yield items ?? [];
    token = metadata?.continue;
    if (token === undefined || token === '') return;
  }
}
