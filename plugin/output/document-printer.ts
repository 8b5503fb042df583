import { usageError } from '../command-error.ts';
import type { OutputFormat } from './output-format.ts';

/** Formats of what is no object of the API. */
type DocumentFormat = 'json' | 'yaml';

/** Which of them is asked for; `undefined` for none. @throws {CommandError} for all others */
export function documentFormatOf({ kind }: OutputFormat, asked: string | undefined): DocumentFormat | undefined {
  if (kind === 'json' || kind === 'yaml') return kind;
  if (asked === undefined || asked === '') return undefined;
  throw usageError(`-o ${asked} is not for this command: there are json and yaml`);
}

/** The text of a document, with a newline at its end. */
export async function printedDocument(format: DocumentFormat, document: unknown): Promise<string> {
  if (format === 'json') return `${JSON.stringify(document, null, 4)}\n`;
  const { yamlOf } = await import('./yaml-text.ts');
  return yamlOf(document);
}
