import { Registry } from 'prom-client';

/** A registry whose text is kept until something has changed, as many series that stand still are costly to write out at each scrape. */
export class RestingRegistry extends Registry {
  #text: Promise<string> | undefined;

  /** To be called with each change of a metric in it, before anything else can run; one that collects its own value does not belong here. */
  changed(): void {
    this.#text = undefined;
  }

  override metrics(): Promise<string> {
    this.#text ??= super.metrics();
    return this.#text;
  }
}
