import { X509Certificate } from 'node:crypto';
import type { KeyPair } from './key-pair.ts';

/** The certificates of the webhook, as its replicas share them. */
export interface Certificates {
  /** Signs what is served. */
  readonly authority: KeyPair;
  /** Signs it from the next switch on; trusted already. */
  readonly next?: KeyPair;
  /** The authority before, trusted for as long as something signed by it may still be served; PEM. */
  readonly retired?: string;
  readonly serving: KeyPair;
}

export interface RotationPolicy {
  /** The names that the API server calls the webhook by. */
  readonly serves: readonly string[];
  readonly authorityLifeMs: number;
  readonly servingLifeMs: number;
  /** How long a change takes at most to reach every API server and every replica. */
  readonly spreadMs: number;
}

/**
 * What is to be done next. An authority is replaced in three steps, each of which leaves everybody able to verify everybody:
 * the new one is trusted beside the old; then what is served is signed by it; then the old one is dropped.
 */
export type RotationStep =
  | { readonly kind: 'begin'; readonly why: string }
  | { readonly kind: 'renew'; readonly why: string }
  | { readonly kind: 'introduce' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'retire' }
  | { readonly kind: 'wait'; readonly until: Date };

/** Certificates are valid from so long before they were issued, for a verifier whose clock is behind. */
export const BACKDATE_MS = 3_600_000;
/** A certificate is replaced when this part of its life is left, or of the life that one made now would have. */
const LEFT = 1 / 3;

/** @param certificates `undefined` when there are none, or none that can be read */
export function nextStep(certificates: Certificates | undefined, policy: RotationPolicy, now: Date): RotationStep {
  if (certificates === undefined) return { kind: 'begin', why: 'there are no certificates' };
  const { authority, next, retired, serving } = certificates;
  const [signer, served] = [new X509Certificate(authority.cert), new X509Certificate(serving.cert)];
  if (endOf(signer) <= now) return { kind: 'begin', why: 'the authority has expired' };

  if (next !== undefined) {
    const spread = after(issuedAt(new X509Certificate(next.cert)), policy.spreadMs);
    return spread <= now ? { kind: 'switch' } : { kind: 'wait', until: spread };
  }
  if (!served.checkIssued(signer)) return { kind: 'renew', why: 'it is signed by another authority' };
  const missing = policy.serves.filter((name) => served.checkHost(name) === undefined);
  if (missing.length > 0) return { kind: 'renew', why: `it is not for ${missing.join(', ')}` };
  const renewal = dueAt(served, policy.servingLifeMs);
  if (renewal <= now) return { kind: 'renew', why: 'it is about to expire' };
  if (retired !== undefined) {
    const spread = after(issuedAt(served), policy.spreadMs);
    return spread <= now ? { kind: 'retire' } : { kind: 'wait', until: spread };
  }
  const succession = dueAt(signer, policy.authorityLifeMs);
  if (succession <= now) return { kind: 'introduce' };
  return { kind: 'wait', until: renewal < succession ? renewal : succession };
}

/** What the API server has to trust, PEM, the newest first. */
export function caBundle({ authority, next, retired }: Certificates): string {
  return [next?.cert, authority.cert, retired].filter((cert) => cert !== undefined).join('\n');
}

function dueAt(certificate: X509Certificate, lifeMs: number): Date {
  const [beforeItsEnd, afterItsIssue] = [
    after(endOf(certificate), -lifeMs * LEFT),
    after(issuedAt(certificate), lifeMs * (1 - LEFT)),
  ];
  return beforeItsEnd < afterItsIssue ? beforeItsEnd : afterItsIssue;
}

function issuedAt({ validFrom }: X509Certificate): Date {
  return after(new Date(validFrom), BACKDATE_MS);
}

function endOf({ validTo }: X509Certificate): Date {
  return new Date(validTo);
}

function after(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}
