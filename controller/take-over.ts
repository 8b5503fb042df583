// Whether a Service or a route that was there before a canary, and that somebody else owns, may become what the canary splits its
// traffic with. Whoever may write canaries and labels could have the traffic of others otherwise: what decides is what it leads to.
import { SERVICES } from '../api/resources.ts';
import { KubeError } from '../kube/errors.ts';
import type { Resource } from '../kube/resource.ts';
import { isMadeFor } from './owners.ts';
import type { Subject } from './subject.ts';
import { podSelector } from './workload/selector.ts';
import type { GeneratedObject, World } from './world.ts';

type Labels = Readonly<Record<string, string>>;

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Labels | null;
}

/**
 * Returns why an object may not be taken over, and what to do; `undefined` where it may. Only a route that leads to Services by
 * other names cannot be told by itself.
 */
export function objectionTo(
  subject: Subject,
  resource: Resource,
  existing: GeneratedObject | undefined,
): string | undefined {
  if (existing === undefined || subject.names.adopted) return undefined;
  if (isMadeFor(existing, subject.canary, subject.target)) return undefined;
  if (resource === SERVICES) return objectionToService(subject, existing);
  const others = otherBackends(subject, resource, existing);
  return others.length === 0 ? undefined : leadsElsewhere(subject, resource, existing, others);
}

/**
 * Looks at the Services that a route leads to as well: one of any name that selects the target's pods is right.
 *
 * @throws {KubeError} a 422, as one of the API server's own that somebody has to mend
 */
export async function assertMayTakeOver(
  subject: Subject,
  resource: Resource,
  existing: GeneratedObject | undefined,
  world: Pick<World, 'read'>,
): Promise<void> {
  const message = objectionTo(subject, resource, existing);
  if (message === undefined || existing === undefined) return;
  const others = resource === SERVICES ? [] : otherBackends(subject, resource, existing);
  if (others.length > 0 && others.every(isServiceName)) {
    const { namespace } = subject.canary.metadata;
    const found = await Promise.all(others.map((name) => world.read(SERVICES, namespace, name)));
    const isRight = (service: GeneratedObject | undefined) =>
      service !== undefined && selectsOurPods(subject, service.spec as ServiceSpec | undefined);
    if (found.every(isRight)) return;
  }
  throw new KubeError({ status: 422, reason: 'Invalid', message });
}

function objectionToService(subject: Subject, { metadata, spec }: GeneratedObject): string | undefined {
  const service = spec as ServiceSpec | undefined;
  if (selectsOurPods(subject, service)) return undefined;
  const pairs = Object.entries(service?.selector ?? {}).map(([label, value]) => `${label}=${value}`);
  const does =
    service?.type === 'ExternalName'
      ? 'leads out of the cluster'
      : pairs.length === 0
        ? 'has no selector'
        : `selects ${pairs.join(',')}`;
  return `Service ${metadata.name} is there already and ${does}, not ${podsOf(subject)}: write another spec.service.name, or delete that Service if nobody needs it`;
}

/** The pods of the target, or those of its primary, by which an earlier controller or Flagger had the Service lead to them. */
function selectsOurPods(subject: Subject, spec: ServiceSpec | undefined): boolean {
  if (spec?.type === 'ExternalName') return false;
  const selector = Object.entries(spec?.selector ?? {});
  if (selector.length === 0) return false;
  return podLabels(subject).some((labels) => selector.every(([label, value]) => labels[label] === value));
}

function podLabels({ target, primary, release }: Subject): readonly Labels[] {
  const ofTarget = { ...target?.spec.selector.matchLabels, ...target?.spec.template.metadata?.labels };
  const ofPrimary = primary?.spec.template.metadata?.labels;
  const { label, primaryValue } = release === undefined ? NO_SELECTOR : podSelector(release);
  return [
    ofTarget,
    ...(label === '' ? [] : [{ ...ofTarget, [label]: primaryValue }]),
    ...(ofPrimary ? [ofPrimary] : []),
  ];
}

const NO_SELECTOR = { label: '', primaryValue: '' };

/** What a route leads to beside the Services of the canary. */
function otherBackends(
  { names, canary, router }: Subject,
  resource: Resource,
  existing: GeneratedObject,
): readonly string[] {
  if (router === undefined) return [];
  const leadsTo = router.leadsTo(existing, resource, { canary, names });
  if (leadsTo.length === 0) return [NOWHERE];
  const ours = new Set([names.apexService, names.primaryService, names.canaryService]);
  return [...new Set(leadsTo)].filter((name) => !ours.has(name));
}

const NOWHERE = 'no Service';

function isServiceName(text: string): boolean {
  return /^[-a-z0-9]+$/.test(text);
}

function leadsElsewhere(
  subject: Subject,
  { kind }: Resource,
  { metadata }: GeneratedObject,
  others: readonly string[],
): string {
  return `${kind} ${metadata.name} is there already and leads to ${others.slice(0, 3).join(', ')}, not only to ${podsOf(subject)}: write another spec.service.name, or take that out of it`;
}

function podsOf({ names }: Subject): string {
  return `the pods of ${names.target.kind} ${names.target.name}`;
}
