// Options that several commands have, each made anew for its command.
import { Option } from 'commander';

export const allNamespaces = () => new Option('-A, --all-namespaces', 'in all namespaces').default(false);

export const selector = () =>
  new Option('-l, --selector <labels>', 'only those with these labels, such as app=podinfo');

export const outputFormat = () =>
  new Option(
    '-o, --output <format>',
    'wide, json, yaml, name, jsonpath=TEMPLATE, jsonpath-file=FILE, custom-columns=TITLE:PATH,... or custom-columns-file=FILE',
  );

/** Of an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
