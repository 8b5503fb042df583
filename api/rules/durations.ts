// Durations have a least and a greatest; that they are durations at all, their pattern says.
import { durationMs } from '../duration.ts';
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

const HOUR = 3_600_000;

export function* intervalIsInRange({ spec }: Canary): Iterable<Finding> {
  const message = 'write a duration from 1s to 168h with its units, such as 30s, 1m30s or 2h';
  for (const field of ['analysis', 'canaryAnalysis'] as const) {
    const interval = spec[field]?.interval;
    if (interval !== undefined && !isWithin(interval, 1000, 168 * HOUR)) {
      yield { path: `spec.${field}.interval`, message };
    }
  }
}

export function* hookTimeoutIsInRange({ spec }: Canary): Iterable<Finding> {
  const message = 'write a duration from 1ms to 24h with its units, such as 10s or 1m30s';
  for (const field of ['analysis', 'canaryAnalysis'] as const) {
    for (const [index, { timeout }] of (spec[field]?.webhooks ?? []).entries()) {
      if (!isWithin(timeout, 1, 24 * HOUR)) yield { path: `spec.${field}.webhooks[${index}].timeout`, message };
    }
  }
}

function isWithin(text: string, least: number, greatest: number): boolean {
  const ms = durationMs(text);
  return ms !== undefined && ms >= least && ms <= greatest;
}
