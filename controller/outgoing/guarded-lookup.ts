import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Egress } from './egress.ts';

/** An address that may not be called. The message says which it is, why, and what lets it through. */
export class AddressDenied extends Error {
  override readonly name = 'AddressDenied';

  constructor(why: string) {
    super(`${why}: the controller calls it only where its --egress-allow names it`);
  }
}

/** Sees to it that one call connects to no address that it may not. */
export interface AddressGuard {
  /** @throws {AddressDenied} for a URL whose host is an address, which no lookup is made for */
  checkUrl(url: URL): void;
  /** What a socket asks: it connects to the very addresses that were judged, so that a name cannot lead elsewhere meanwhile. */
  readonly lookup: LookupFunction;
  /** Why the call was not made, where that was it: agents of proxies put what went wrong into errors of their own. */
  readonly denied: AddressDenied | undefined;
  /**
   * Resolves when no lookup is under way. One goes on after its call has ended, and holds one of the few threads that all
   * lookups of the process share.
   */
  settled(): Promise<unknown>;
}

/** @param port the server's, or that of the proxy that is connected to */
export function guardAddresses(egress: Egress, port: number): AddressGuard {
  const lookups: Promise<void>[] = [];
  let denied: AddressDenied | undefined;

  return {
    get denied() {
      return denied;
    },
    checkUrl({ hostname }) {
      const host = hostname.replace(/^\[|\]$/g, '');
      const why = isIP(host) === 0 ? undefined : egress.refusal(host, port);
      if (why !== undefined) throw new AddressDenied(why);
    },
    lookup(hostname, options, callback) {
      lookups.push(
        new Promise((resolve) => {
          const all: LookupOptions & { readonly all: true } = { ...options, all: true };
          dnsLookup(hostname, all, (error, addresses) => {
            resolve();
            answer(error, addresses, options, callback);
          });
        }),
      );
    },
    settled: () => Promise.all(lookups),
  };

  /** One address that is denied denies all of them: which one is taken is chance, and a second try takes another. */
  function answer(
    error: NodeJS.ErrnoException | null,
    addresses: readonly LookupAddress[],
    options: LookupOptions,
    callback: Parameters<LookupFunction>[2],
  ): void {
    if (error !== null) {
      callback(error, '', 0);
      return;
    }
    const [why] = addresses.flatMap(({ address }) => egress.refusal(address, port) ?? []);
    const [first] = addresses;
    if (why !== undefined) {
      denied = new AddressDenied(why);
      callback(denied, '', 0);
    } else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  }
}
