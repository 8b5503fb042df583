import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../transport/connection.ts';
import { authProviderSource } from './auth-provider.ts';
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

/** Looks up who the target's user is: each call reads the files anew, and runs the plugin once what it gave has expired. */
export function credentialSource(
  target: KubeConfigTarget,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): () => Promise<LookedUp> {
  const { cluster, user, exec } = target;
  const fromProvider = user.authProvider === undefined ? undefined : authProviderSource(target);
  let fromPlugin: ExecCredential | undefined;

  const validMs = (): number => (fromPlugin?.expires?.getTime() ?? Number.POSITIVE_INFINITY) - clock.date().getTime();

  return async () => {
    const ca = await pem(target, 'certificate-authority', cluster.caData, cluster.caFile);
    const cert = await pem(target, 'client-certificate', user.certData, user.certFile);
    const key = await pem(target, 'client-key', user.keyData, user.keyFile);
    if (exec !== undefined && (fromPlugin === undefined || validMs() <= 0)) {
      fromPlugin = await runExecPlugin(exec, execCluster(target, ca), env, clock);
    }
    const token = (await tokenIn(target)) ?? fromPlugin?.token;
    const authorization = token === undefined ? (basic(target) ?? (await fromProvider?.())) : `Bearer ${token}`;
    return {
      credentials: {
        ...optional('ca', ca),
        ...optional('cert', fromPlugin?.cert ?? cert),
        ...optional('key', fromPlugin?.key ?? key),
        ...optional('serverName', cluster.tlsServerName),
        ...(cluster.skipTLSVerify ? { insecureSkipTlsVerify: true } : {}),
        headers: { ...optional('Authorization', authorization), ...target.impersonation },
      },
      validMs: Math.max(0, Math.min(VALID_MS, validMs())),
    };
  };
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

function basic({ user: { username, password = '' } }: KubeConfigTarget): string | undefined {
  return username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What is no certificate, TLS passes over without a word, and then trusts nobody or is nobody. */
async function pem(
  { where, cluster }: KubeConfigTarget,
  field: 'certificate-authority' | 'client-certificate' | 'client-key',
  data: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  const whose = field === 'certificate-authority' ? `cluster "${cluster.name}"` : where;
  const content =
    data === undefined ? await contentOf(file, `${whose}: ${field}`) : Buffer.from(data, 'base64').toString();
  if (content === undefined || content.includes('-----BEGIN ')) return content;
  throw new KubeConfigError(`${whose}: ${field} is not PEM (in a -data field: not PEM in base64)`);
}

async function contentOf(file: string | undefined, what: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new KubeConfigError(`${what} cannot be read: ${(cause as Error).message}`, { cause });
  }
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
