import { type IpRange, parseIpRange, rangesOf } from './ip-range.ts';

/** Where hooks, metric servers, alert receivers and their proxies may be that canaries, templates and AlertProviders name. */
export interface Egress {
  /** Why an address may not be called at a port: `127.0.0.1 is loopback`; `undefined` where it may be. */
  refusal(address: string, port: number): string | undefined;
}

export interface EgressOptions {
  /** Called although `deny` names them; and although they are denied always, where a range is no wider than what is denied. */
  readonly allow: readonly IpRange[];
  /** Not called, beside what is denied always. */
  readonly deny: readonly IpRange[];
  /** Where the API server and this program are, as is known now: denied always. */
  readonly own: () => readonly OwnAddress[];
}

export interface OwnAddress {
  readonly address: string;
  /** Others of it may be anybody's, as those of a node are. @default all */
  readonly port?: number | undefined;
  /** `an address of the API server` */
  readonly what: string;
}

interface Denied {
  readonly what: string;
  readonly ranges: readonly IpRange[];
}

/** No hook, metric server or alert receiver of a tenant is here. */
const ALWAYS: readonly Denied[] = [
  denied('unspecified', '0.0.0.0/8', '::/128'),
  denied('loopback', '127.0.0.0/8', '::1/128'),
  denied('link-local, where cloud providers hand out credentials', '169.254.0.0/16', 'fe80::/10'),
  denied('the metadata server of a cloud provider', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '192.0.0.192'),
  denied('multicast', '224.0.0.0/4', 'ff00::/8'),
  denied('reserved', '240.0.0.0/4'),
];

export function createEgress({ allow, deny, own }: EgressOptions): Egress {
  return {
    refusal(address, port) {
      const allowed = rangesOf(address, allow);
      const ours = own()
        .filter((each) => (each.port ?? port) === port)
        .map(({ address: each, what }) => ({ what, ranges: rangesIn(each) }));
      for (const { what, ranges } of [...ALWAYS, ...ours]) {
        const [range] = rangesOf(address, ranges);
        // 10.0.0.0/8 for a Prometheus opens no API server that is in it.
        if (range !== undefined && !allowed.some((each) => isNoWider(each, range))) return `${address} is ${what}`;
      }
      if (allowed.length > 0) return undefined;
      const [named] = rangesOf(address, deny);
      return named && `${address} is in ${named.text}, which --egress-deny names`;
    },
  };
}

function isNoWider(one: IpRange, other: IpRange): boolean {
  return one.bytes.length === other.bytes.length && one.bits >= other.bits;
}

function rangesIn(address: string): readonly IpRange[] {
  const range = parseIpRange(address.split('%', 1)[0] ?? '');
  return range === undefined ? [] : [range];
}

function denied(what: string, ...texts: readonly string[]): Denied {
  return { what, ranges: texts.flatMap(rangesIn) };
}
