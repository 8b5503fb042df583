import { isAbsolute, join } from 'node:path';
import { KubeConfigError } from './kube-config-error.ts';

/** One mapping of a kubeconfig. Its values are looked at when they are used: what is wrong elsewhere harms nobody. */
export interface Fields {
  /** For errors: `user "jane" of /home/jane/.kube/config`. */
  readonly where: string;
  /** What its relative paths start from. */
  readonly folder: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** @throws {KubeConfigError} where the value is something else than a mapping */
export function fieldsOf(value: unknown, where: string, folder: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { where, folder, values: value as Record<string, unknown> };
  }
  throw new KubeConfigError(`${where} must be a mapping`);
}

/** An empty text is none, as for kubectl. The value itself is never in the error: it may be a password. */
export function text({ values, where }: Fields, key: string): string | undefined {
  const value = values[key] ?? '';
  if (typeof value === 'string') return value === '' ? undefined : value;
  // `password: 1234`; of other numbers nobody can tell how they were written.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new KubeConfigError(`${where}: ${key} must be a text, put it in quotes`);
}

/** A text that has to be there. */
export function required(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (value === undefined) throw new KubeConfigError(`${fields.where}: ${key} is missing`);
  return value;
}

export function flag({ values, where }: Fields, key: string): boolean {
  const value = values[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw new KubeConfigError(`${where}: ${key} must be true or false`);
}

/** A path of a file, absolute where its folder is. */
export function path(fields: Fields, key: string): string | undefined {
  const value = text(fields, key);
  return value === undefined || isAbsolute(value) ? value : join(fields.folder, value);
}

export function list({ values, where }: Fields, key: string): readonly unknown[] {
  const value = values[key] ?? [];
  if (Array.isArray(value)) return value;
  throw new KubeConfigError(`${where}: ${key} must be a list`);
}

export function texts(fields: Fields, key: string): readonly string[] {
  const values = Object.fromEntries(list(fields, key).entries());
  const items: Fields = { ...fields, where: `${fields.where}: ${key}`, values };
  return Object.keys(values).map((index) => text(items, index) ?? '');
}

/** A mapping within, if it is there. */
export function within({ values, where, folder }: Fields, key: string): Fields | undefined {
  return values[key] === undefined || values[key] === null
    ? undefined
    : fieldsOf(values[key], `${where}: ${key}`, folder);
}

/** A property that is left away where it has no value. */
export function optional<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: V });
}
