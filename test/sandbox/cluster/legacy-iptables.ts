import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findOnPath } from '../on-path.ts';

const PROTOCOLS = ['iptables', 'ip6tables'];
const TABLES = ['nat', 'filter', 'mangle'];

/**
 * Makes `iptables` and its like in `folder`, which is to be first on PATH, those of iptables-legacy, where the machine has
 * them and its kernel has what they need.
 *
 * The newer ones hand all of a change to the kernel in one message, which in a user namespace cannot be longer than a
 * socket's default: kube-proxy could write no rules any more (`sendmsg() failed: Message too long`) once a change, or its
 * own start, was of some three hundred lines, which forty Services with pods are. `nft` of Debian 12 has the same limit; the
 * older ones have none.
 *
 * Must run inside the sandbox's namespaces.
 *
 * @returns why they are not used, or undefined when they are
 */
export async function useLegacyIptables(folder: string): Promise<string | undefined> {
  const links: [file: string, link: string][] = [];
  for (const protocol of PROTOCOLS) {
    for (const action of ['', '-restore', '-save']) {
      const file = findOnPath(`${protocol}-legacy${action}`, process.env);
      if (file === undefined) return `this machine has no ${protocol}-legacy${action}`;
      links.push([file, join(folder, `${protocol}${action}`)]);
    }
  }
  try {
    for (const protocol of PROTOCOLS) {
      for (const table of TABLES) await execa(`${protocol}-legacy`, ['-w', '-t', table, '-S']);
    }
  } catch (error) {
    return (error as Error).message;
  }
  for (const [file, link] of links) symlinkSync(file, link);
  return undefined;
}
