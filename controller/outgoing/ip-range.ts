import { ipBytes, meanings } from './ip-bytes.ts';

/** Addresses that begin with the same bits. */
export interface IpRange {
  /** As it was written, such as `169.254.0.0/16`. */
  readonly text: string;
  readonly bytes: readonly number[];
  /** Bits that are the same. */
  readonly bits: number;
}

/** Reads `10.0.0.0/8`, `fe80::/10` or one address; `undefined` for anything else. An IPv4 range in IPv6 form is the IPv4 range. */
export function parseIpRange(text: string): IpRange | undefined {
  const [address = '', length, ...more] = text.split('/');
  const bytes = address.includes('%') ? undefined : ipBytes(address);
  if (bytes === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const bits = length === undefined ? bytes.length * 8 : Number(length);
  if (bits > bytes.length * 8) return undefined;
  const [itself, mapped] = meanings(bytes);
  const isMapped = bits >= 96 && mapped !== undefined && MAPPED.every((byte, index) => itself?.[index] === byte);
  return isMapped ? { text, bytes: mapped, bits: bits - 96 } : { text, bytes, bits };
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Ranges, each for an address or for an IPv4 address that is in it. */
export function rangesOf(address: string, ranges: readonly IpRange[]): readonly IpRange[] {
  const all = meanings(ipBytes(address) ?? []);
  return ranges.filter((range) => all.some((bytes) => isIn(bytes, range)));
}

function isIn(bytes: readonly number[], range: IpRange): boolean {
  if (bytes.length !== range.bytes.length) return false;
  const whole = range.bits >> 3;
  for (let index = 0; index < whole; index++) if (bytes[index] !== range.bytes[index]) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((bytes[whole] ?? 0) & mask) === ((range.bytes[whole] ?? 0) & mask);
}
