import type { Destination } from './notifier.ts';

/** The token of a destination as a header, where it has one. */
export function bearer({ token = '' }: Destination): Readonly<Record<string, string>> {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}
