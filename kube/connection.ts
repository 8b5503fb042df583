/** Where an API server is and how to prove who we are: a client certificate or a bearer token. All texts are PEM. */
export interface Connection {
  /** `https://host:port`, without a path. */
  readonly server: string;
  /** The certificate authority that the server's certificate must chain to; without it, the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}
