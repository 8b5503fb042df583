// What the API server asks of the metadata of every object, which no definition of ours says.
import { closest } from '../../api/closest.ts';
import type { Finding } from '../../api/finding.ts';

const FIELDS = [
  ...['name', 'generateName', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences', 'uid'],
  ...['resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'],
  ...['managedFields', 'selfLink'],
];
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 253;

export function* metadataFindings(metadata: unknown): Iterable<Finding> {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    yield { path: 'metadata', message: 'write fields below it, the name at least' };
    return;
  }
  const fields = metadata as Readonly<Record<string, unknown>>;
  const { name, generateName } = fields;
  if (name === undefined && generateName === undefined)
    yield { path: 'metadata.name', message: 'write this field, which is required' };
  else if (name !== undefined && (typeof name !== 'string' || name.length > MAX_NAME || !NAME.test(name)))
    yield { path: 'metadata.name', message: 'write a name in lower case letters, digits, - and ., such as podinfo' };
  for (const field of Object.keys(fields).filter((each) => !FIELDS.includes(each))) {
    const meant = closest(field, FIELDS);
    const instead = meant === undefined ? 'remove it, as there is no such field' : undefined;
    yield { path: `metadata.${field}`, message: instead ?? `there is no such field, did you mean ${meant ?? ''}?` };
  }
  for (const map of ['labels', 'annotations'] as const) yield* textsFindings(`metadata.${map}`, fields[map]);
}

function* textsFindings(path: string, map: unknown): Iterable<Finding> {
  if (map === undefined || map === null) return;
  if (typeof map !== 'object' || Array.isArray(map)) {
    yield { path, message: 'write fields below it' };
    return;
  }
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string')
      yield { path: `${path}.${key}`, message: 'write a text (in quotes, where it looks like a number or a boolean)' };
  }
}
