import { analysisOf } from '../../api/analysis.ts';
import type { Analysis, CanarySpec } from '../../api/generated/canary.ts';

/** The analysis of any canary; `undefined` of one that was made under another definition and has none. */
export function readableAnalysis(spec: CanarySpec): Analysis | undefined {
  try {
    return analysisOf(spec);
  } catch {
    return undefined;
  }
}
