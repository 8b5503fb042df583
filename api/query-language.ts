import { promQl } from './prom-ql-values.ts';

/**
 * How the values of variables stand in a query of one language, so that a value stays a value: whoever may choose it cannot
 * change what the query asks. A call starts at the beginning of a query.
 */
export type QueryLanguage = () => QueryReader;

/** Follows the text of a template from its beginning, and so knows what a value at the place reached would be part of. */
export interface QueryReader {
  passText(text: string): void;
  /** The value as it is written here, or what to write in its place. A value does not move the place. */
  valueHere(value: string): FilledIn;
}

export type FilledIn =
  | { readonly text: string }
  /** Why the language cannot take it here, and what would do; begins with a small letter. */
  | { readonly refused: string };

/** By the type of a MetricTemplate's provider. */
const LANGUAGES: Readonly<Record<string, QueryLanguage>> = { prometheus: promQl };

/** The language of a type of provider; a strict one for those whose language is not known. */
export function queryLanguageOf(providerType: string): QueryLanguage {
  return LANGUAGES[providerType] ?? wordsOnly;
}

const WORDS = /^[A-Za-z0-9_.-]*$/;

/** No language has a meaning for these characters that would end a text or begin an expression. */
const wordsOnly: QueryLanguage = () => ({
  passText: () => undefined,
  valueHere: (text) =>
    WORDS.test(text)
      ? { text }
      : { refused: 'write letters, digits, "_", "-" and "." only, as the provider has no way to quote' },
});
