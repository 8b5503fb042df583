import type { Canary } from '../../../api/generated/canary.ts';
import { REVISION_ANNOTATION } from '../../../api/keys.ts';
import { DEPLOYMENTS } from '../../../api/resources.ts';
import { isOfTemplate, revisionOf } from '../../../api/revision.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { Chronicle } from './chronicle.ts';
import type { Deployment, Member } from './member.ts';

/** Which canaries are not at rest, each with what is not so; a canary at rest has nothing left to release. */
export async function unrested(
  transport: Transport,
  fleet: readonly Member[],
  chronicle: Chronicle,
): Promise<readonly string[]> {
  const deployments = new Map<string, Deployment>();
  for (const namespace of new Set(fleet.map((member) => member.namespace))) {
    const path = collectionPath(DEPLOYMENTS, namespace);
    const { items } = await transport.request<{ items: readonly Deployment[] }>({ path });
    for (const item of items) deployments.set(`${namespace}/${item.metadata.name}`, item);
  }
  return fleet.flatMap(({ key }) => {
    const why = whyNot(chronicle.canary(key), deployments.get(key), deployments.get(`${key}-primary`));
    return why === undefined ? [] : [`${key} is not at rest: ${why}`];
  });
}

function whyNot(canary: Canary | undefined, target: Deployment | undefined, primary: Deployment | undefined) {
  if (canary === undefined) return 'it is not there';
  if (target === undefined || primary === undefined) return 'its target or its primary is not there';
  const { phase, waitingFor, paused, ending, actualWeight = 0, desiredWeight = 0, ...status } = canary.status ?? {};
  const { lastAppliedSpec = '', lastPromotedSpec } = status;
  if (!['Initialized', 'Succeeded', 'Failed'].includes(phase ?? '') || ending !== undefined || waitingFor !== undefined)
    return `${phase}, ${JSON.stringify(waitingFor ?? ending)}`;
  if (canary.spec.suspend === true || paused !== undefined) return 'it is held';
  if (actualWeight !== 0 || desiredWeight !== 0) return `the canary has ${actualWeight} % of the traffic`;
  if (!isOfTemplate(lastAppliedSpec, revisionOf(target.spec.template))) return 'its target is at another revision';
  if (phase !== 'Failed' && lastAppliedSpec !== lastPromotedSpec) return 'what was released was not promoted';
  if (target.spec.replicas !== 0) return `its target has ${target.spec.replicas} replicas`;
  const ready = primary.status?.readyReplicas ?? 0;
  if (ready !== primary.spec.replicas || ready === 0)
    return `its primary has ${ready} of ${primary.spec.replicas} pods`;
  const runs = primary.metadata.annotations?.[REVISION_ANNOTATION];
  return runs === lastPromotedSpec ? undefined : `its primary runs ${runs}`;
}
