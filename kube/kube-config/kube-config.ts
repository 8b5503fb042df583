import type { Clock } from '../clock.ts';
import type { Connection, Credentials } from '../transport/connection.ts';
import { credentialSource, type LookedUp } from './credentials.ts';
import { KubeConfigError } from './kube-config-error.ts';
import { given, NO_ENTRIES, type Overrides } from './overrides.ts';
import { proxyAgentOf } from './proxy.ts';
import { type KubeConfigEntries, type KubeConfigSources, readKubeConfig } from './sources.ts';
import { targetOf } from './target.ts';

export interface KubeConfigOptions extends KubeConfigSources {
  readonly clock: Clock;
  /** In place of the current context. */
  readonly context?: string;
  /** What goes before what the files say. */
  readonly overrides?: Overrides;
}

/** A connection with what the kubeconfig says beside it. */
export interface KubeConfigConnection extends Connection {
  /** Empty where there is none: the server is given. */
  readonly context: string;
  /** The namespace of the context. @default 'default' */
  readonly namespace: string;
}

/** One look at the files, or one run of the plugin, that all who ask meanwhile share. */
interface Lookup {
  readonly credentials: Promise<Credentials>;
  /** By the clock's `now`. */
  freshUntil: number;
}

/** Requests that were under way together are refused one by one: what comes this soon is about the old credentials. */
const LATE_REFUSAL_MS = 1000;

/**
 * The API server and credentials of a kubeconfig, or of the pod that we run in. What client-node's `KubeConfig` would pass
 * over in silence is done here, or refused.
 *
 * Once the server refuses the credentials, the files are read again. The server stays what it was: where the context has
 * meanwhile been turned to another one, that one's credentials are not sent here.
 *
 * @throws {KubeConfigError} when there is none, it is broken, or its context, cluster or user is not there
 */
export async function connectionFromKubeConfig(options: KubeConfigOptions): Promise<KubeConfigConnection> {
  const { clock, env, context, overrides } = options;
  const target = targetOf(await readEntries(options), context, overrides);
  const agent = await proxyAgentOf(target.cluster);
  let source = credentialSource(target, env, clock);
  let lookup: Lookup | undefined;
  let refused = false;
  let renewedAt = Number.NEGATIVE_INFINITY;

  async function lookUp(): Promise<LookedUp> {
    if (!refused) return source();
    const now = targetOf(await readEntries(options), target.context, overrides);
    if (now.cluster.server !== target.cluster.server || now.cluster.proxyUrl !== target.cluster.proxyUrl) {
      throw new KubeConfigError(`context "${target.context}" now leads to another server: start again to go there`);
    }
    // Whatever KubeConfig, auth providers and plugins remember goes with the old one.
    source = credentialSource(now, env, clock);
    const fresh = await source();
    refused = false;
    renewedAt = clock.now();
    return fresh;
  }

  function begin(): Lookup {
    const found = lookUp();
    const begun: Lookup = {
      credentials: found.then(({ credentials }) => credentials),
      freshUntil: Number.POSITIVE_INFINITY,
    };
    found.then(
      ({ validMs }) => {
        begun.freshUntil = clock.now() + validMs;
      },
      () => {
        // The next to ask tries again; after a refusal with the files as they are then.
        if (lookup === begun) lookup = undefined;
      },
    );
    return begun;
  }

  return {
    server: target.cluster.server,
    context: target.context,
    namespace: target.namespace ?? 'default',
    ...(agent === undefined ? {} : { agent }),
    credentials() {
      if (lookup === undefined || clock.now() >= lookup.freshUntil) lookup = begin();
      return lookup.credentials;
    },
    renew() {
      if (refused || clock.now() - renewedAt < LATE_REFUSAL_MS) return;
      refused = true;
      lookup = undefined;
    },
  };
}

/** What is given on the command line is enough where there is no kubeconfig; one that is named has to be there. */
async function readEntries(options: KubeConfigOptions): Promise<KubeConfigEntries> {
  const isServerGiven = given(options.overrides?.server) !== undefined;
  return readKubeConfig({ ...options, ...(isServerGiven && { otherwise: NO_ENTRIES }) });
}
