import { Gauge, type Registry } from 'prom-client';
import type { OutgoingLimit } from './outgoing-limit.ts';

const HELP = {
  underWay: 'Calls to hooks, metric servers and alert receivers that are under way.',
  waiting: 'Calls that wait for a turn, as their namespace or all together have as many under way as may be.',
};

/** Registers how many calls to hooks, metric servers and alert receivers there are; asked of the limit at each scrape. */
export function registerOutgoingMetrics(registry: Registry, limit: OutgoingLimit): void {
  const registers = [registry];
  const underWay: Gauge = new Gauge({
    ...{ name: 'outgoing_calls_under_way', help: HELP.underWay, registers },
    collect: () => underWay.set(limit.underWay),
  });
  const waiting: Gauge = new Gauge({
    ...{ name: 'outgoing_calls_waiting', help: HELP.waiting, registers },
    collect: () => waiting.set(limit.waiting),
  });
}
