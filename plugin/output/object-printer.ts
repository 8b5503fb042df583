import { readFile } from 'node:fs/promises';
import type { Resource } from '../../kube/resource.ts';
import { CommandError, usageError } from '../command-error.ts';
import { escapedAsInGo } from './jsonpath/go-text.ts';
import type { OutputFormat } from './output-format.ts';
import { visible } from './visible.ts';

/** How objects are printed that nobody made a table of. */
export type ObjectFormat = Exclude<OutputFormat, { readonly kind: 'table' }>;

export interface Printed {
  readonly metadata: { readonly name: string };
}

/** One object as it is, or several as a `List`, as kubectl does it. */
export type ObjectsToPrint = { readonly one: Printed } | { readonly many: readonly Printed[] };

type TemplateFormat = Exclude<ObjectFormat, { readonly kind: 'json' | 'yaml' | 'name' }>;

/** Items, and the document that has them all. */
interface Whole {
  readonly items: readonly Printed[];
  readonly document: object;
}

type Render = (objects: Whole) => string;

/**
 * The text of objects in a format for machines, with a newline at its end unless a template writes none; nothing that the API
 * server sent is left out but, in JSON and YAML, `managedFields`.
 *
 * @throws {CommandError} for a template that cannot be used, or not on these objects
 */
export async function printedObjects(
  format: ObjectFormat,
  resource: Resource,
  objects: ObjectsToPrint,
  { hasHeaders = true }: { readonly hasHeaders?: boolean } = {},
): Promise<string> {
  const whole = wholeOf(resource, objects);
  const plain = wholeOf(
    resource,
    'one' in objects ? { one: forPeople(objects.one) } : { many: objects.many.map(forPeople) },
  );
  switch (format.kind) {
    case 'json':
      return `${escapedAsInGo(JSON.stringify(plain.document, null, 4))}\n`;
    case 'yaml': {
      const { yamlOf } = await import('./yaml-text.ts');
      return yamlOf(plain.document);
    }
    case 'name':
      return whole.items.map(({ metadata }) => `${typeName(resource)}/${metadata.name}\n`).join('');
    case 'jsonpath':
    case 'jsonpath-file':
    case 'custom-columns':
    case 'custom-columns-file': {
      const render = await templateOf(format, hasHeaders);
      return render(whole);
    }
  }
}

/**
 * Reads the template of a format that has one, so that a wrong one is told before anything is asked of a cluster.
 *
 * @throws {CommandError} for a template that cannot be used
 */
export async function checkTemplate(format: OutputFormat): Promise<void> {
  if ('template' in format || 'file' in format) await templateOf(format, false);
}

async function templateOf(format: TemplateFormat, hasHeaders: boolean): Promise<Render> {
  const text = 'file' in format ? await contentOf(format) : format.template;
  // Few ask for a template: nobody else waits for its language to be loaded.
  const [{ jsonPathOf }, { JsonPathError }, columns] = await Promise.all([
    import('./jsonpath/json-path.ts'),
    import('./jsonpath/json-path-error.ts'),
    import('./jsonpath/custom-columns.ts'),
  ]);
  const read = (): Render => {
    if (format.kind === 'jsonpath' || format.kind === 'jsonpath-file') {
      const path = jsonPathOf(text);
      return ({ document }) => path.text(document);
    }
    const isFile = format.kind === 'custom-columns-file';
    const table = (isFile ? columns.customColumnsOfFile : columns.customColumnsOf)(text, hasHeaders);
    return ({ items }) =>
      table
        .lines(items)
        .map((line) => `${visible(line)}\n`)
        .join('');
  };
  const render = told(read, (why) => usageError(`-o ${format.kind} cannot be read: ${why}: ${JSON.stringify(text)}`));
  return (objects) =>
    told(
      () => render(objects),
      (why) => new CommandError(`-o ${format.kind} finds no answer: ${why}`),
    );

  function told<T>(work: () => T, wrong: (why: string) => CommandError): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof JsonPathError ? wrong(error.message) : error;
    }
  }
}

async function contentOf({ kind, file }: { readonly kind: string; readonly file: string }): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError(`-o ${kind} cannot be read: ${(cause as Error).message}`);
  }
}

/** `canary.flagger.app`, and `service` of a kind without a group. */
function typeName({ apiVersion, kind }: Resource): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
}

/** Items of a list have neither apiVersion nor kind. */
function wholeOf({ apiVersion, kind }: Resource, objects: ObjectsToPrint): Whole {
  const typed = (object: Printed): Printed => ({ ...{ apiVersion, kind }, ...object });
  if ('one' in objects) {
    const document = typed(objects.one);
    return { items: [document], document };
  }
  const items = objects.many.map(typed);
  return { items, document: { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } };
}

/** managedFields are nothing for people. */
function forPeople(object: Printed): Printed {
  const { managedFields: _, ...metadata } = object.metadata as Printed['metadata'] & {
    readonly managedFields?: unknown;
  };
  return { ...object, metadata };
}
