import { createHash } from 'node:crypto';

/**
 * The identity of a pod template: SHA-256, in hex, of its canonical JSON. The order of fields makes no difference, nor do
 * fields that are null, which API servers of some versions write and others leave out. It must be given the template as the
 * API server returns it, with defaults and with the fields that this program does not know.
 */
export function revisionOf(podTemplate: unknown): string {
  return createHash('sha256').update(canonicalJson(podTemplate)).digest('hex');
}

/** Half of a revision: 128 bits tell one template, or one state of configuration, from all others. */
const HALF = 32;

/**
 * The identity of a pod template with what it is configured by. It ends with the beginning of the template's own identity, so
 * that whoever knows the template alone can tell whether it is of that one; without configuration it is the template's own.
 *
 * @param configs digests of ConfigMaps and Secrets, by `configmap/NAME` or `secret/NAME`
 */
export function configuredRevision(templateRevision: string, configs: Readonly<Record<string, string>>): string {
  if (Object.keys(configs).length === 0) return templateRevision;
  const template = templateRevision.slice(0, HALF);
  return `${revisionOf({ template, configs }).slice(0, HALF)}${template}`;
}

/** Whether a revision is of this pod template, whatever it is configured by. */
export function isOfTemplate(revision: string, templateRevision: string): boolean {
  return revision === templateRevision || revision.slice(HALF) === templateRevision.slice(0, HALF);
}

/** Fewer characters of a revision name nothing for certain: somebody may have searched for two that begin alike. */
export const NAMING_LENGTH = HALF;

/** Whether a text is this revision, in full or by so much of it that no other begins alike. */
export function namesRevision(text: string, revision: string): boolean {
  return text === revision || (text.length >= NAMING_LENGTH && revision.startsWith(text));
}

/** For people to read, and never to decide by: it takes seconds to make two revisions that begin alike. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 10);
}

/** Whether it is one of `revisionOf`, and not one that Flagger wrote, which is a 32-bit number. */
export function isRevision(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const object = value as Readonly<Record<string, unknown>>;
  let fields = '';
  // In the order that JavaScript has for strings: to compare them by a function would take a quarter longer in all.
  for (const name of Object.keys(object).toSorted()) {
    const field = object[name];
    if (field === undefined || field === null) continue;
    fields += `${fields === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(field)}`;
  }
  return `{${fields}}`;
}
