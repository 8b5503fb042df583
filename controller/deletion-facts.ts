// What there is to know of a canary that is being deleted, beyond what is known of any.
import { NAMESPACES, SERVICES } from '../api/resources.ts';
import { KubeError } from '../kube/errors.ts';
import type { DeletionFacts } from './decide/observation.ts';
import { generatedManifest, isAsGenerated } from './generated-object.ts';
import { handedBackRoutes, handedBackService } from './hand-back.ts';
import { acceptanceFact } from './router/acceptance-fact.ts';
import { routedOf, type Subject } from './subject.ts';
import { objectionTo } from './take-over.ts';
import { UnusableSelector } from './workload/selector.ts';
import type { World } from './world.ts';

/** Of the route that is in the user's own layout nothing is handed back: it never led to pods that go. */
export async function deletionFacts(subject: Subject, world: World): Promise<DeletionFacts> {
  return {
    namespaceIsGoing: await namespaceIsGoing(subject, world),
    service: serviceFacts(subject, world),
    route: routeFacts(subject),
  };
}

async function namespaceIsGoing({ canary }: Subject, world: World): Promise<boolean> {
  try {
    const { namespace } = canary.metadata;
    const found = await world.read(NAMESPACES, namespace, namespace);
    return found?.metadata.deletionTimestamp !== undefined;
  } catch (error) {
    // Who may not look finds out by what is refused.
    if (error instanceof KubeError && error.status === 403) return false;
    throw error;
  }
}

function serviceFacts(subject: Subject, world: World): DeletionFacts['service'] {
  const { canary, names, target } = subject;
  const existing = world.services.get(`${canary.metadata.namespace}/${names.apexService}`);
  try {
    const wanted = handedBackService(subject);
    // Nothing is given back that was never taken.
    if (wanted === undefined || existing === undefined || objectionTo(subject, SERVICES, existing) !== undefined)
      return { isThere: false, isBack: false };
    return { isThere: true, isBack: isAsGenerated(existing, generatedManifest(canary, wanted, existing, target)) };
  } catch (error) {
    if (!(error instanceof UnusableSelector)) throw error;
    return { isThere: false, isBack: false };
  }
}

function routeFacts(subject: Subject): DeletionFacts['route'] {
  const { canary, router, routes, target } = subject;
  const wanted = handedBackRoutes(subject);
  const found = wanted.map(({ resource, manifest }) => {
    const existing = routes.get(resource)?.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    if (objectionTo(subject, resource, existing) !== undefined) return { isThere: false, isBack: true };
    const isBack = isAsGenerated(existing, generatedManifest(canary, manifest, existing, target));
    return { isThere: existing !== undefined, isBack };
  });
  const acceptance = router?.acceptance?.(routedOf(subject)) ?? ({ kind: 'accepted' } as const);
  const isThere = found.some((each) => each.isThere);
  return { isThere, isBack: isThere && found.every((each) => each.isBack), acceptance: acceptanceFact(acceptance) };
}
