import type { RequestOptions } from 'node:https';
import { KubeConfigError } from './kube-config-error.ts';
import type { KubeConfigTarget } from './target.ts';

/**
 * Asks client-node's auth providers (Azure, GCP, OpenID Connect) for the Authorization header. Only here and for proxies is
 * client-node loaded at all: its generated models take 80 to 90 MB and a third of a second.
 */
export function authProviderSource({ cluster, user, where }: KubeConfigTarget): () => Promise<string> {
  let config: { applyToHTTPSOptions(options: RequestOptions): Promise<void> } | undefined;
  return async () => {
    if (config === undefined) {
      const { KubeConfig } = await import('@kubernetes/client-node');
      const loaded = new KubeConfig();
      loaded.loadFromClusterAndUser(cluster, user);
      config = loaded;
    }
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      // JSON.parse quotes what it cannot parse, which may be a token.
      const why = error instanceof SyntaxError ? 'what it gave is not JSON' : (error as Error).message;
      throw new KubeConfigError(`${where}: the credentials cannot be had: ${why}`);
    }
    const { Authorization } = (options.headers ?? {}) as { readonly Authorization?: string };
    if (Authorization !== undefined) return Authorization;
    // client-node would go on as nobody.
    const name = String((user.authProvider as { readonly name?: unknown }).name);
    throw new KubeConfigError(
      `${where}: the auth-provider ${name} has no valid token: log in again, or use an exec plugin`,
    );
  };
}
