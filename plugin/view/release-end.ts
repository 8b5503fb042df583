import { isOfTemplate, isRevision } from '../../api/revision.ts';
import type { SeenRelease } from './seen-release.ts';

/**
 * How the release has ended, or that none is under way; `undefined` while one is, or is about to be: a target whose pod
 * template is not the one that the status is about has a release before it.
 */
export function releaseEnd({ canary, workloads }: SeenRelease): 'promoted' | 'failed' | 'reverted' | undefined {
  const { phase, lastAppliedSpec, observedGeneration = 0, history: [last] = [] } = canary.status ?? {};
  if (observedGeneration < canary.metadata.generation) return undefined;
  const template = workloads.find(({ role }) => role === 'target')?.templateRevision;
  const isKnown = template !== undefined && isRevision(lastAppliedSpec);
  if (isKnown && !isOfTemplate(lastAppliedSpec, template)) return undefined;
  if (phase === 'Failed') return 'failed';
  if (phase !== 'Initialized' && phase !== 'Succeeded') return undefined;
  return last === undefined || last.result === 'Succeeded' ? 'promoted' : 'reverted';
}
