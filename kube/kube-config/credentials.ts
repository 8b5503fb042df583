import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../transport/connection.ts';
import { type ExecCredential, runExecPlugin } from './exec-plugin.ts';
import { optional } from './fields.ts';
import { KubeConfigError } from './kube-config-error.ts';
import type { KubeConfigTarget } from './target.ts';

/** Credentials, and how long they may be used without looking them up again. */
export interface LookedUp {
  readonly credentials: Credentials;
  readonly validMs: number;
}

/** How long files are taken to be as they were: tokens in there are renewed long before they end. */
const VALID_MS = 60_000;

/**
 * Looks up who the target's user is: each call reads the files anew, and runs the plugin once what it gave has expired.
 * client-node reads certificates and asks the auth providers; tokens and plugins are ours, see `runExecPlugin`.
 */
export async function credentialSource(
  target: KubeConfigTarget,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<() => Promise<LookedUp>> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const { cluster, user, exec } = target;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, user);
  let fromPlugin: ExecCredential | undefined;

  const validMs = (): number => (fromPlugin?.expires?.getTime() ?? Number.POSITIVE_INFINITY) - clock.date().getTime();

  return async () => {
    const options = await applied(config, target);
    const ca = pem(options.ca, target, 'certificate-authority');
    if (exec !== undefined && (fromPlugin === undefined || validMs() <= 0)) {
      fromPlugin = await runExecPlugin(exec, execCluster(target, ca), env, clock);
    }
    const token = (await tokenIn(target)) ?? fromPlugin?.token;
    const authorization = token === undefined ? authorizationIn(options, target) : `Bearer ${token}`;
    return {
      credentials: {
        ...optional('ca', ca),
        ...optional('cert', fromPlugin?.cert ?? pem(options.cert, target, 'client-certificate')),
        ...optional('key', fromPlugin?.key ?? pem(options.key, target, 'client-key')),
        ...optional('serverName', cluster.tlsServerName),
        ...(cluster.skipTLSVerify ? { insecureSkipTlsVerify: true } : {}),
        headers: { ...optional('Authorization', authorization), ...target.impersonation },
      },
      validMs: Math.max(0, Math.min(VALID_MS, validMs())),
    };
  };
}

/** What client-node makes of cluster and user. */
async function applied(
  config: { applyToHTTPSOptions(options: RequestOptions): Promise<void> },
  { where }: KubeConfigTarget,
): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (error) {
    // JSON.parse quotes what it cannot parse, which may be a token.
    const why = error instanceof SyntaxError ? 'what it gave is not JSON' : (error as Error).message;
    throw new KubeConfigError(`${where}: the credentials cannot be had: ${why}`);
  }
}

/** `tokenFile` goes before `token`, which stands in for a file that cannot be read; as for kubectl. */
async function tokenIn({ tokenFile, user, where }: KubeConfigTarget): Promise<string | undefined> {
  if (tokenFile === undefined) return user.token;
  try {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    if (token !== '') return token;
  } catch (cause) {
    if (user.token !== undefined) return user.token;
    throw new KubeConfigError(`${where}: tokenFile cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new KubeConfigError(`${where}: tokenFile is empty: ${tokenFile}`);
}

function authorizationIn({ auth, headers }: RequestOptions, { user, where }: KubeConfigTarget): string | undefined {
  if (typeof auth === 'string') return `Basic ${Buffer.from(auth).toString('base64')}`;
  const { Authorization } = headers as { readonly Authorization?: string };
  if (Authorization === undefined && user.authProvider !== undefined) {
    // client-node would go on as nobody.
    const name = String((user.authProvider as { readonly name?: unknown }).name);
    throw new KubeConfigError(
      `${where}: the auth-provider ${name} has no valid token: log in again, or use an exec plugin`,
    );
  }
  return Authorization;
}

/** What is no certificate, TLS passes over without a word, and then trusts nobody or is nobody. */
function pem(value: unknown, { where, cluster }: KubeConfigTarget, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const content = (value as string | Buffer).toString();
  if (content.includes('-----BEGIN ')) return content;
  const whose = field === 'certificate-authority' ? `cluster "${cluster.name}"` : where;
  throw new KubeConfigError(`${whose}: ${field} is not PEM (in a -data field: not PEM in base64)`);
}

/** `spec.cluster` of what a plugin is told. */
function execCluster({ cluster, execConfig }: KubeConfigTarget, ca: string | undefined): object {
  return {
    server: cluster.server,
    ...optional('tls-server-name', cluster.tlsServerName),
    ...(cluster.skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...optional('certificate-authority-data', ca === undefined ? undefined : Buffer.from(ca).toString('base64')),
    ...optional('proxy-url', cluster.proxyUrl),
    ...optional('config', execConfig),
  };
}
