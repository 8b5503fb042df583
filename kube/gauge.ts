import { Gauge, type Registry } from 'prom-client';

/** Registers a gauge without labels whose value is asked for at each scrape. */
export function registerGauge(registry: Registry, name: string, help: string, value: () => number): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(value());
    },
  });
  registry.registerMetric(gauge);
}
