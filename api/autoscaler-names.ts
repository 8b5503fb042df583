import type { CanarySpec } from './generated/canary.ts';

/** The HorizontalPodAutoscalers of a release, by their names in the canary's namespace. */
export interface AutoscalerNames {
  /** The user's own, which scales the target. */
  readonly target: string;
  /** The copy of it that scales the primary. */
  readonly primary: string;
}

/** `undefined` where the canary names none, or one of another kind. A primary that is the user's own is scaled by the user. */
export function autoscalerNames({ autoscalerRef, targetRef }: CanarySpec): AutoscalerNames | undefined {
  if (targetRef === undefined || autoscalerRef?.kind !== 'HorizontalPodAutoscaler') return undefined;
  return { target: autoscalerRef.name, primary: primaryScalerName(autoscalerRef.name) };
}

/** @param target name of the target's autoscaler */
export function primaryScalerName(target: string): string {
  return `${target}-primary`;
}
