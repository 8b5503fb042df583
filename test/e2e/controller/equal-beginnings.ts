import { createHash } from 'node:crypto';
import { revisionOf } from '../../../api/revision.ts';

interface Template {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

const NONCE = 'kubectl-canary-nonce';

/**
 * Two values of an annotation with which a pod template has revisions that begin with the same 40 bits: some two million
 * hashes, which takes seconds.
 *
 * @param template as the API server returns it
 */
export function equalBeginnings(template: Template, annotation: string): readonly [string, string] {
  const [before = '', after = ''] = canonical(withAnnotation(template, annotation, NONCE)).split(NONCE);
  const begun = createHash('sha256').update(before);
  const seen = new Map<string, number>();
  for (let nonce = 0; ; nonce++) {
    const beginning = begun.copy().update(`${nonce}${after}`).digest('hex').slice(0, 10);
    const other = seen.get(beginning);
    if (other === undefined) seen.set(beginning, nonce);
    else {
      const pair = [String(other), String(nonce)] as const;
      const [one, two] = pair.map((value) => revisionOf(withAnnotation(template, annotation, value)).slice(0, 10));
      if (one !== two) throw new Error('this is not how revisions are made any more');
      return pair;
    }
  }
}

export function withAnnotation<T extends Template>(template: T, annotation: string, value: string): T {
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotation]: value } } };
}

/** As `revisionOf` has it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  const sorted = fields.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
