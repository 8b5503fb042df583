import { stringify } from 'yaml';

/** YAML as kubectl writes it: keys in order, lists not indented, nothing folded, and quotes around what YAML 1.1 takes for a boolean. */
export function yamlOf(value: unknown): string {
  return stringify(value, {
    ...{ version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false },
  });
}
