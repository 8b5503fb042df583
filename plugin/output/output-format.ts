import { usageError } from '../command-error.ts';

/** What `-o` asks for. */
export type OutputFormat =
  | { readonly kind: 'table'; readonly isWide: boolean }
  | { readonly kind: 'json' | 'yaml' | 'name' }
  | { readonly kind: 'jsonpath' | 'custom-columns'; readonly template: string }
  | { readonly kind: 'jsonpath-file' | 'custom-columns-file'; readonly file: string };

const KNOWN = 'wide, json, yaml, name, jsonpath=, jsonpath-file=, custom-columns= and custom-columns-file=';

/**
 * Reads the value of `-o`; the table for none.
 *
 * @throws {CommandError} for what there is not
 */
export function outputFormatOf(text: string | undefined): OutputFormat {
  if (text === undefined || text === '') return { kind: 'table', isWide: false };
  if (text === 'wide') return { kind: 'table', isWide: true };
  if (text === 'json' || text === 'yaml' || text === 'name') return { kind: text };
  const at = text.indexOf('=');
  const [kind, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  switch (kind) {
    case 'jsonpath':
    case 'custom-columns':
      if (value === '') throw usageError(`-o ${kind} needs a template: -o ${kind}=TEMPLATE`);
      return { kind, template: value };
    case 'jsonpath-file':
    case 'custom-columns-file':
      if (value === '') throw usageError(`-o ${kind} needs a file: -o ${kind}=FILE`);
      return { kind, file: value };
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile':
      throw usageError(
        `-o ${kind} is a language of Go programs: use jsonpath= or custom-columns=, or kubectl get canaries`,
      );
    default:
      throw usageError(`there is no output format ${JSON.stringify(text)}: there are ${KNOWN}`);
  }
}
