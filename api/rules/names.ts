// The names that are made by adding "-primary" and "-canary" have to be names of Services, which are labels of 63 characters.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { isKnative } from '../knative.ts';

const LONGEST = 63 - '-primary'.length;
const characters = (text: string) => Array.from(text).length;

export function* serviceNameLeavesRoom({ spec }: Canary): Iterable<Finding> {
  const name = spec.service?.name;
  if (name !== undefined && characters(name) > LONGEST) {
    const message = 'write a name of at most 55 characters, so that with "-primary" it fits the 63 of a Service';
    yield { path: 'spec.service.name', message };
  }
}

export function* targetNameMakesServiceNames({ spec }: Canary): Iterable<Finding> {
  const { targetRef, service } = spec;
  if (targetRef === undefined || service === undefined || service.name !== undefined || isKnative(targetRef)) return;
  if (characters(targetRef.name) > LONGEST || targetRef.name.includes('.')) {
    const message =
      'write service.name with at most 55 characters and no ".", as with "-primary" this one is no Service\'s name';
    yield { path: 'spec.targetRef.name', message };
  }
}
