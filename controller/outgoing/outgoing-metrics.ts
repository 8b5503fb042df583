import type { Registry } from 'prom-client';
import { registerGauge } from '../../kube/gauge.ts';
import type { OutgoingLimit } from './outgoing-limit.ts';

const HELP = {
  underWay: 'Calls to hooks, metric servers and alert receivers that are under way.',
  waiting: 'Calls that wait for a turn, as their namespace or all together have as many under way as may be.',
};

/** Registers how many calls to hooks, metric servers and alert receivers there are; asked of the limit at each scrape. */
export function registerOutgoingMetrics(registry: Registry, limit: OutgoingLimit): void {
  registerGauge(registry, 'outgoing_calls_under_way', HELP.underWay, () => limit.underWay);
  registerGauge(registry, 'outgoing_calls_waiting', HELP.waiting, () => limit.waiting);
}
