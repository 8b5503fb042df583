import { lookup } from 'node:dns/promises';
import { type Clock, pause } from '../../kube/clock.ts';
import type { Log } from '../../kube/log.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import type { OwnAddress } from './egress.ts';

export interface OwnAddressesOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** URL of the API server as we reach it. */
  readonly server: string;
  /** Address at which pods reach it, where we are in one. */
  readonly serviceHost: string | undefined;
  /** Where this program itself answers. */
  readonly itself: readonly OwnAddress[];
}

interface SliceList {
  readonly items: readonly {
    readonly endpoints?: readonly { readonly addresses?: readonly string[] }[] | null;
    readonly ports?: readonly { readonly port?: number }[] | null;
  }[];
}

type Place = Omit<OwnAddress, 'what'>;

/** API servers come and go with the machines of a control plane. */
const AGAIN_MS = 60_000;
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

/**
 * Follows at which addresses the API server and this program are. No hook may call these: to the API server, and to what
 * stands in front of it, requests from here come from inside.
 *
 * @returns the addresses as they are known now
 */
export async function followOwnAddresses(options: OwnAddressesOptions): Promise<() => readonly OwnAddress[]> {
  const { transport, clock, log, signal, serviceHost = '', itself } = options;
  const server = new URL(options.server);
  const sources: readonly (() => Promise<readonly Place[]>)[] = [
    () => resolved(server.hostname, server.port === '' ? 443 : Number(server.port)),
    // The Service has no other port, and no other purpose.
    () => resolved(serviceHost, undefined),
    endpoints,
  ];
  const known: (readonly Place[])[] = sources.map(() => []);

  async function look(): Promise<void> {
    const looked = sources.map(async (find, index) => {
      try {
        known[index] = await find();
      } catch (error) {
        // What was known stays denied.
        if (!signal.aborted) log.debug({ err: error }, 'not all addresses of the API server are known');
      }
    });
    await Promise.all(looked);
  }

  async function endpoints(): Promise<readonly Place[]> {
    const query = { labelSelector: 'kubernetes.io/service-name=kubernetes' };
    const { items } = await transport.request<SliceList>({ path: SLICES, query, signal, deadlineMs: 5000 });
    return items.flatMap(({ endpoints: list, ports }) => {
      const addresses = (list ?? []).flatMap((each) => each.addresses ?? []);
      return (ports ?? []).flatMap(({ port }) => addresses.map((address) => ({ address, port })));
    });
  }

  async function repeat(): Promise<void> {
    while (!signal.aborted) {
      await pause(clock, AGAIN_MS, signal);
      if (!signal.aborted) await look();
    }
  }

  await look();
  void repeat();
  return () => [...known.flat().map((place) => ({ ...place, what: 'an address of the API server' })), ...itself];
}

async function resolved(hostname: string, port: number | undefined): Promise<readonly Place[]> {
  if (hostname === '') return [];
  const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
  return found.map(({ address }) => ({ address, port }));
}
