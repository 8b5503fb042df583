import type { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';

/** How a request proves who sends it, and what the server is held to. All texts are PEM. */
export interface Credentials {
  /** The certificate authority that the server's certificate must chain to; without it, the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must have, where it is not the host's. */
  readonly serverName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** Authorization and impersonation. A list is a header that is sent once for each of its values. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Where an API server is, and how to prove who we are. */
export interface Connection {
  /** `https://host:port`, with a path in front of the API's own where the server stands behind a gateway. */
  readonly server: string;
  /** Opens the connections where a proxy stands on the way; without it, the transport keeps a pool of its own. */
  readonly agent?: Agent;
  /** Finds the addresses of the server's name; without it, the system does. Not asked where the server is an address. */
  readonly lookup?: LookupFunction;
  /** Asked before each request, so that a token that was rotated is used from the next one on: quick when nothing changed. */
  credentials(): Promise<Credentials>;
  /** Called when the server has refused the credentials (401): the next that are asked for must be fresh ones. */
  renew(): void;
}

/** A connection whose credentials never change: a client certificate, or a token that outlives the program. */
export function fixedConnection(server: string, credentials: Credentials): Connection {
  return { server, credentials: () => Promise.resolve(credentials), renew: () => undefined };
}
