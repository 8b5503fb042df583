import { type Fields, text, texts, within } from './fields.ts';
import { KubeConfigError } from './kube-config-error.ts';

/** The headers that ask the server to act as somebody else: `as`, `as-uid`, `as-groups` and `as-user-extra` of a user. */
export function impersonationHeaders(user: Fields): Readonly<Record<string, string | string[]>> {
  const as = text(user, 'as');
  const uid = text(user, 'as-uid');
  const groups = texts(user, 'as-groups');
  const extra = within(user, 'as-user-extra');
  if (as === undefined) {
    if (uid === undefined && groups.length === 0 && extra === undefined) return {};
    throw new KubeConfigError(`${user.where}: as-uid, as-groups and as-user-extra need an "as", who it is to be`);
  }
  return {
    'Impersonate-User': onTheWire(as),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': onTheWire(uid) }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups.map(onTheWire) }),
    ...(extra === undefined ? {} : extraHeaders(extra)),
  };
}

function extraHeaders(extra: Fields): Record<string, string[]> {
  const keys = Object.keys(extra.values);
  return Object.fromEntries(keys.map((key) => [`Impersonate-Extra-${escaped(key)}`, texts(extra, key).map(onTheWire)]));
}

/** `example.org/team` to `example.org%2fteam`: a header's name has few characters. The server reads it in lower case. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => [byte, String.fromCharCode(byte)] as const)
    .map(([byte, character]) =>
      /[\w!#$&'*+.^`|~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

/** Go's servers read headers as UTF-8, Node writes each character as one byte. */
function onTheWire(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}
