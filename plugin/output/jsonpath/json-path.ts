import { findResults } from './evaluate.ts';
import { goJson, goText } from './go-text.ts';
import { parseTemplate } from './parse.ts';

/** A template of kubectl's `-o jsonpath`: it reads, and has nothing to compute with but comparisons. */
export interface JsonPath {
  /**
   * What each text and each pair of braces gives.
   *
   * @throws {JsonPathError} such as for an index out of bounds; a key that is missing is none
   */
  find(object: unknown): readonly (readonly unknown[])[];
  /** The same as kubectl prints it: values of one pair of braces with a blank between them, objects as JSON. */
  text(object: unknown): string;
}

/** @throws {JsonPathError} for what is no template */
export function jsonPathOf(template: string): JsonPath {
  const nodes = parseTemplate(template);
  const find = (object: unknown) => findResults(nodes, object);
  return {
    find,
    text: (object) =>
      find(object)
        .map((values) => values.map(printed).join(' '))
        .join(''),
  };
}

function printed(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? goJson(value) : goText(value);
}
