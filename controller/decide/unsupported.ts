import { autoscalerNames } from '../../api/autoscaler-names.ts';
import type { CanarySpec } from '../../api/generated/canary.ts';
import type { Refusal } from './observation.ts';

/**
 * Parts of a canary that are right and are not carried out yet. Its primary serves all the same, and the next release is held:
 * one without its gates or its checks would not be the one that is written.
 */
export function* unsupportedParts(spec: CanarySpec): Iterable<Refusal> {
  const parts: readonly (readonly [string, boolean])[] = [
    ['spec.autoscalerRef', spec.autoscalerRef !== undefined && autoscalerNames(spec) === undefined],
    ['spec.autoscalerRef.canaryScalerReplicas', spec.autoscalerRef?.canaryScalerReplicas !== undefined],
  ];
  for (const [path, isThere] of parts) {
    const message = `${path}: is not carried out yet: remove it to release without`;
    if (isThere) yield { reason: 'NotSupported', message, holds: 'releases' };
  }
}
