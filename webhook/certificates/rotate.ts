import type { KeyPair } from './key-pair.ts';
import { BACKDATE_MS, type Certificates, type RotationPolicy, type RotationStep } from './rotation.ts';

/** The certificates after a step; `undefined` when it is to wait. */
export async function rotate(
  step: RotationStep,
  before: Certificates | undefined,
  policy: RotationPolicy,
  now: Date,
): Promise<Certificates | undefined> {
  if (step.kind === 'wait') return undefined;
  if (step.kind === 'begin' || before === undefined) {
    const authority = await newAuthority(policy, now);
    return { authority, serving: await newServing(authority, policy, now) };
  }
  const { authority, next, serving } = before;
  switch (step.kind) {
    case 'renew':
      return { ...before, serving: await newServing(authority, policy, now) };
    case 'introduce':
      return { ...before, next: await newAuthority(policy, now) };
    case 'switch':
      if (next === undefined) return before;
      return { authority: next, retired: authority.cert, serving: await newServing(next, policy, now) };
    case 'retire':
      return { authority, serving };
  }
}

/** A tenth of a second and some megabytes, which only the replica pays that issues. */
function issuing() {
  return import('./issue.ts');
}

async function newAuthority({ authorityLifeMs }: RotationPolicy, now: Date): Promise<KeyPair> {
  const { issueAuthority } = await issuing();
  // The day tells the old from the new in `openssl x509 -text`.
  return issueAuthority(`kubectl-canary webhook ${now.toISOString().slice(0, 10)}`, validity(now, authorityLifeMs));
}

async function newServing(authority: KeyPair, { serves, servingLifeMs }: RotationPolicy, now: Date): Promise<KeyPair> {
  const { issueCertificate } = await issuing();
  return issueCertificate(authority, { commonName: serves[0] ?? '', serves }, validity(now, servingLifeMs));
}

function validity(now: Date, lifeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - BACKDATE_MS), notAfter: new Date(now.getTime() + lifeMs) };
}
