import { Counter, type Registry } from 'prom-client';

interface Whose {
  readonly name: string;
  readonly namespace: string;
}

/** What Prometheus is told of alerts. */
export interface AlertMetrics {
  /** These are the receivers of a canary, so that its counters start at 0. */
  known(canary: Whose, providers: readonly string[]): void;
  done(canary: Whose, provider: string, result: 'sent' | 'dropped'): void;
  gone(key: string): void;
}

const RESULTS = ['sent', 'dropped'] as const;

export function createAlertMetrics(registry: Registry): AlertMetrics {
  const alerts = new Counter({
    name: 'flagger_canary_alerts_total',
    help: 'Alerts that were taken by their provider, or given up.',
    labelNames: ['name', 'namespace', 'provider', 'result'],
    registers: [registry],
  });
  /** The providers of each canary that were told, to take them back when it goes. */
  const told = new Map<string, Set<string>>();

  function known({ name, namespace }: Whose, provider: string): void {
    const key = `${namespace}/${name}`;
    const providers = told.get(key) ?? new Set();
    told.set(key, providers);
    if (providers.has(provider)) return;
    providers.add(provider);
    for (const result of RESULTS) alerts.inc({ name, namespace, provider, result }, 0);
  }

  return {
    known(canary, providers) {
      for (const provider of providers) known(canary, provider);
    },
    done({ name, namespace }, provider, result) {
      // One that has outlived its canary is counted no more.
      if (told.has(`${namespace}/${name}`)) alerts.inc({ name, namespace, provider, result });
    },
    gone(key) {
      const [namespace = '', name = ''] = key.split('/');
      for (const provider of told.get(key) ?? []) {
        for (const result of RESULTS) alerts.remove({ name, namespace, provider, result });
      }
      told.delete(key);
    },
  };
}
