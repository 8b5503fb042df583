import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../api/cluster/cluster.ts';
import { validateInCluster } from '../api/cluster/validate-in-cluster.ts';
import type { Finding } from '../api/finding.ts';
import { type Kind, schemas } from '../api/generated/schemas.ts';
import { type AdmissionRequest, type Cause, sentence, type Verdict } from './admission-review.ts';

/** What a request asks to be checked: an object of ours whose spec is new. */
export interface Subject {
  readonly kind: Kind;
  readonly namespace: string;
  readonly object: unknown;
  /** As it was, where there was one. */
  readonly before: unknown;
}

/**
 * What is to be checked of a request; `undefined` where there is nothing to say. What is being deleted has to get rid of its
 * finalizers, and what was written under older rules may still be labelled.
 */
export function subjectOf(request: AdmissionRequest): Subject | undefined {
  const { kind, namespace, operation, subResource, object, oldObject } = request;
  if (kind.group !== 'flagger.app' || !Object.hasOwn(schemas, kind.kind) || subResource !== '') return undefined;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
  if (field(field(object, 'metadata'), 'deletionTimestamp') !== undefined) return undefined;
  const before = operation === 'UPDATE' ? oldObject : undefined;
  if (before !== undefined && isDeepStrictEqual(field(before, 'spec'), field(object, 'spec'))) return undefined;
  return { kind: kind.kind as Kind, namespace, object, before };
}

/**
 * Refuses an object with errors, each with its field. What was wrong before already, and is not made worse by this change,
 * is only warned of: otherwise nobody could mend one of two things.
 */
export function validateSubject({ kind, object, before }: Subject, cluster: Cluster): Verdict {
  const { errors, warnings } = validateInCluster(kind, object, cluster);
  const old = errors.length === 0 || before === undefined ? [] : validateInCluster(kind, before, cluster).errors;
  const isOld = (finding: Finding): boolean => old.some((each) => isDeepStrictEqual(each, finding));
  const shown = [...errors.filter(isOld), ...warnings].map(causeOf).map(sentence);
  const causes = errors.filter((error) => !isOld(error)).map(causeOf);
  return causes.length === 0 ? { kind: 'allowed', warnings: shown } : { kind: 'denied', causes, warnings: shown };
}

function causeOf({ path, message }: Finding): Cause {
  return { field: path, message };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
