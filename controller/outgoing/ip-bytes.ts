import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as 4 bytes, an IPv6 address as 16; `undefined` for a text that is neither. A zone (`fe80::1%eth0`) is left out. */
export function ipBytes(address: string): readonly number[] | undefined {
  const [text = ''] = address.split('%', 1);
  if (isIPv4(text)) return text.split('.').map(Number);
  return isIPv6(text) ? ofIPv6(text) : undefined;
}

/** `64:ff9b::127.0.0.1` has its last four bytes in decimals. */
function ofIPv6(text: string): readonly number[] {
  const [head = '', tail] = text.split('::', 2);
  const left = bytesOfGroups(head);
  if (tail === undefined) return left;
  const right = bytesOfGroups(tail);
  return [...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right];
}

function bytesOfGroups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Prefix of an IPv6 address that carries an IPv4 address, and the byte at which that begins. */
const CARRIERS: readonly { readonly prefix: readonly number[]; readonly at: number; readonly isInverted?: true }[] = [
  // ::ffff:127.0.0.1, which every socket takes for 127.0.0.1, and its translated form ::ffff:0:127.0.0.1.
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], at: 12 },
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], at: 12 },
  // ::127.0.0.1, out of use since 2006.
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 },
  // NAT64: the well-known prefix, and the one for local use at each place that RFC 6052 has for an address.
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 },
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: 12 },
  // 6to4.
  { prefix: [0x20, 0x02], at: 2 },
  // Teredo, whose client's address has every bit turned round.
  { prefix: [0x20, 0x01, 0, 0], at: 12, isInverted: true },
];

/**
 * All that an address may stand for: itself, and the IPv4 address that is in it where it is one of those that carry one.
 * `::ffff:127.0.0.1` is 127.0.0.1 to every socket, and `64:ff9b::7f00:1` is to a NAT64 gateway.
 */
export function meanings(bytes: readonly number[]): readonly (readonly number[])[] {
  if (bytes.length === 4) return [bytes];
  const carried = CARRIERS.filter(({ prefix }) => prefix.every((byte, index) => bytes[index] === byte)).map(
    ({ at, isInverted }) => bytes.slice(at, at + 4).map((byte) => (isInverted === true ? byte ^ 0xff : byte)),
  );
  // :: and ::1 are no 0.0.0.0 and 0.0.0.1.
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0);
  return isCompatible && bytes[12] === 0 ? [bytes] : [bytes, ...carried];
}
