import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeathReason } from './death.ts';

export interface GuardFigures {
  /** Keys that wait for a trial. */
  readonly quarantined: () => number;
  readonly isMemoryTooSmall: () => boolean;
}

export interface GuardMetrics {
  /** A death was judged here, or this process is about to die so. */
  died(reason: DeathReason): void;
}

const REASONS: readonly DeathReason[] = ['hang', 'crash', 'memory', 'stuck', 'unknown'];

/** Registers what operators are told of processes that died, and of the keys that they died of. */
export function createGuardMetrics(registry: Registry, figures: GuardFigures): GuardMetrics {
  const gauge = (name: string, help: string, value: () => number): void => {
    const metric = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(value());
      },
    });
    registry.registerMetric(metric);
  };
  gauge('guard_quarantined_keys', 'Objects that are worked on last and one at a time, as a process died of them.', () =>
    figures.quarantined(),
  );
  gauge('guard_memory_too_small', '1 where the memory limit is too small for what is watched.', () =>
    figures.isMemoryTooSmall() ? 1 : 0,
  );
  const deaths = new Counter({
    name: 'guard_deaths_total',
    help: 'Ends of processes that nobody had asked for, as this process has learned of them, by their reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of REASONS) deaths.inc({ reason }, 0);
  return { died: (reason) => deaths.inc({ reason }) };
}
