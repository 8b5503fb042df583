import { Counter, type Registry } from 'prom-client';
import { registerGauge } from '../gauge.ts';
import { DEATH_REASONS, type DeathReason } from './death.ts';

export interface GuardFigures {
  /** Keys that wait for a trial. */
  readonly quarantined: () => number;
  readonly isMemoryTooSmall: () => boolean;
}

export interface GuardMetrics {
  /** A death was judged here, or this process is about to die so. */
  died(reason: DeathReason): void;
}

/** Registers what operators are told of processes that died, and of the keys that they died of. */
export function createGuardMetrics(registry: Registry, figures: GuardFigures): GuardMetrics {
  const help = {
    quarantined: 'Objects that are worked on last and one at a time, as a process died of them.',
    tooSmall: '1 where the memory limit is too small for what is watched.',
  };
  registerGauge(registry, 'guard_quarantined_keys', help.quarantined, figures.quarantined);
  registerGauge(registry, 'guard_memory_too_small', help.tooSmall, () => (figures.isMemoryTooSmall() ? 1 : 0));
  const deaths = new Counter({
    name: 'guard_deaths_total',
    help: 'Ends of processes that nobody had asked for, as this process has learned of them, by their reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of DEATH_REASONS) deaths.inc({ reason }, 0);
  return { died: (reason) => deaths.inc({ reason }) };
}
