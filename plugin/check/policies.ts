import { type Answer, ask, notAsked } from './ask.ts';
import { type CheckLine, fail, ok } from './check-line.ts';
import { firstNamed } from './first-named.ts';
import type { Site } from './site.ts';

const PATH = '/apis/admissionregistration.k8s.io/v1';
const NAME = 'admission policies';
const FIX = 'kubectl apply -k manifests/policies';

/** Those without which a canary does what its author may not. A unit test holds this list against the manifests. */
export const AUTHOR_POLICIES = [
  'canaries.flagger.app',
  'installed-defaults.canaries.flagger.app',
  'secrets.canaries.flagger.app',
  'metrictemplates.canaries.flagger.app',
  'alertproviders.canaries.flagger.app',
  'credentials.flagger.app',
] as const;

interface Policies {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

interface Bindings {
  readonly items: readonly {
    readonly spec?: { readonly policyName?: string; readonly validationActions?: readonly string[] };
  }[];
}

/** Whether the API server holds authors of canaries to what they may do themselves. */
export async function checkPolicies({ transport, signal }: Site): Promise<readonly CheckLine[]> {
  const [policies, bindings] = await Promise.all([
    ask<Policies>(transport, { path: `${PATH}/validatingadmissionpolicies`, signal }),
    ask<Bindings>(transport, { path: `${PATH}/validatingadmissionpolicybindings`, signal }),
  ]);
  return [judgePolicies(policies, bindings)];
}

export function judgePolicies(policies: Answer<Policies>, bindings: Answer<Bindings>): CheckLine {
  if (policies.kind === 'forbidden' || bindings.kind === 'forbidden')
    return notAsked(NAME, 'read ValidatingAdmissionPolicies');
  if (policies.kind === 'missing' || bindings.kind === 'missing')
    return fail(NAME, 'the API server has none: it is older than Kubernetes 1.30');
  const there = new Set(policies.value.items.map(({ metadata }) => metadata.name));
  const missing = AUTHOR_POLICIES.filter((name) => !there.has(name));
  if (missing.length > 0) return fail(NAME, `not installed: ${firstNamed(missing)}`, FIX);
  const denying = bindings.value.items.filter(({ spec }) => spec?.validationActions?.includes('Deny') === true);
  const bound = new Set(denying.map(({ spec }) => spec?.policyName));
  const loose = AUTHOR_POLICIES.filter((name) => !bound.has(name));
  if (loose.length > 0) return fail(NAME, `no binding with Deny: ${firstNamed(loose)}`, FIX);
  return ok(NAME, 'canaries do only what their authors may do');
}
