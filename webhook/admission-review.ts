import type { Operation } from 'fast-json-patch';
import { findingText } from '../api/finding.ts';

/** What an `admission.k8s.io/v1` AdmissionReview asks, as far as anything here looks at it. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly name: string;
  readonly namespace: string;
  /** Set for subresources: `status`, `scale`. */
  readonly subResource: string;
  readonly userInfo: { readonly username: string };
  /** As it was sent, after defaults; `undefined` when it is deleted. */
  readonly object: unknown;
  /** As it was; `undefined` when it is made. */
  readonly oldObject: unknown;
}

/** Something wrong with one field. */
export interface Cause {
  readonly field: string;
  readonly message: string;
}

export type Verdict =
  | { readonly kind: 'allowed'; readonly warnings?: readonly string[]; readonly patch?: readonly Operation[] }
  | { readonly kind: 'denied'; readonly causes: readonly Cause[]; readonly warnings?: readonly string[] };

/** For a body that is no AdmissionReview that we understand; the message says what is missing. */
export class BadReview extends Error {
  override readonly name = 'BadReview';
}

const OPERATIONS: ReadonlySet<unknown> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/** @throws {BadReview} for anything that the API server would not send */
export function readAdmissionReview(body: unknown): AdmissionRequest {
  const review = record(body, 'the body');
  if (review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') {
    throw new BadReview('the body is not an AdmissionReview of admission.k8s.io/v1');
  }
  const request = record(review['request'], 'request');
  const kind = record(request['kind'], 'request.kind');
  const userInfo = record(request['userInfo'] ?? {}, 'request.userInfo');
  const { operation } = request;
  if (!OPERATIONS.has(operation)) throw new BadReview('request.operation is not one of those that there are');
  const uid = text(request['uid'], 'request.uid');
  if (uid === '') throw new BadReview('request.uid is empty');
  return {
    uid,
    kind: {
      group: text(kind['group'], 'request.kind.group'),
      version: text(kind['version'], 'request.kind.version'),
      kind: text(kind['kind'], 'request.kind.kind'),
    },
    operation: operation as AdmissionRequest['operation'],
    name: text(request['name'], 'request.name'),
    namespace: text(request['namespace'], 'request.namespace'),
    subResource: text(request['subResource'], 'request.subResource'),
    userInfo: { username: text(userInfo['username'], 'request.userInfo.username') },
    object: request['object'] ?? undefined,
    oldObject: request['oldObject'] ?? undefined,
  };
}

/** The AdmissionReview that answers a request. */
export function reviewOf(request: AdmissionRequest, verdict: Verdict): object {
  const response = { uid: request.uid, ...responseOf(request, verdict) };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function responseOf({ kind: { group, kind }, name }: AdmissionRequest, verdict: Verdict): object {
  const warnings =
    verdict.warnings === undefined || verdict.warnings.length === 0 ? {} : { warnings: shortened(verdict.warnings) };
  switch (verdict.kind) {
    case 'allowed': {
      const { patch = [] } = verdict;
      if (patch.length === 0) return { allowed: true, ...warnings };
      const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
      return { allowed: true, patchType: 'JSONPatch', patch: encoded, ...warnings };
    }
    case 'denied': {
      const { causes } = verdict;
      const message = causes.map(sentence).join('; ');
      const details = { group, kind, name, causes: causes.map((cause) => ({ reason: 'FieldValueInvalid', ...cause })) };
      const status = {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        code: 422,
        reason: 'Invalid',
        message,
        details,
      };
      return { allowed: false, status, ...warnings };
    }
  }
}

export function sentence({ field, message }: Cause): string {
  return findingText({ path: field, message });
}

/** The API server cuts warnings off after 256 characters each and 4096 in all. */
function shortened(warnings: readonly string[]): readonly string[] {
  return warnings.slice(0, 16).map((warning) => (warning.length > 250 ? `${warning.slice(0, 249)}…` : warning));
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadReview(`${name} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new BadReview(`${name} is not a text`);
  return value;
}
