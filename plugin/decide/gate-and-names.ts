import type { Args } from '../command-spec.ts';

export interface GateFlags {
  readonly gate?: string;
  readonly all?: boolean;
  readonly selector?: string;
}

export interface GateAndNames {
  /** Undefined for the one that is waited for. */
  readonly gate: string | undefined;
  readonly names: readonly string[];
}

/**
 * Which argument is what.
 *
 *     approve qa podinfo web       the gate qa, of podinfo and web
 *     approve podinfo              the gate that podinfo waits at
 *     approve qa -l team=shop      the gate qa, of those with the label
 *     approve --gate qa podinfo    the gate qa, of podinfo
 */
export function gateAndNames([first, rest = []]: Args, { gate, all, selector }: GateFlags): GateAndNames {
  const [one, others] = [first as string | undefined, rest as readonly string[]];
  if (one === undefined) return { gate, names: [] };
  if (gate !== undefined) return { gate, names: [one, ...others] };
  const isGate = others.length > 0 || all === true || selector !== undefined;
  return isGate ? { gate: one, names: others } : { gate: undefined, names: [one] };
}
