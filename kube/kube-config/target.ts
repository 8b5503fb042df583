import type { Cluster, User } from '@kubernetes/client-node';
import { withoutTrailing } from '../../api/without-trailing.ts';
import { type ExecPlugin, execPluginOf } from './exec-plugin.ts';
import { type Fields, fieldsOf, flag, list, optional, path, required, text, within } from './fields.ts';
import { impersonationHeaders } from './impersonation.ts';
import { KubeConfigError } from './kube-config-error.ts';
import { clusterWith, given, noFields, type Overrides, userWith } from './overrides.ts';
import type { KubeConfigEntries } from './sources.ts';

/** What a context amounts to: where to go and as whom, without any credential that has to be fetched. */
export interface KubeConfigTarget {
  /** Empty where there is none: the server is given. */
  readonly context: string;
  readonly namespace: string | undefined;
  /** For errors: which user. */
  readonly where: string;
  readonly cluster: Cluster;
  readonly user: User;
  readonly tokenFile: string | undefined;
  readonly exec: ExecPlugin | undefined;
  /** What a plugin is to know of the cluster beside what stands in `cluster`. */
  readonly execConfig: unknown;
  readonly impersonation: Readonly<Record<string, string | string[]>>;
}

/**
 * @param overrides what goes before the context's cluster and user
 * @throws {KubeConfigError} when the context, its cluster or its user is not there, or cannot be used
 */
export function targetOf(
  entries: KubeConfigEntries,
  wanted: string | undefined,
  overrides: Overrides = {},
): KubeConfigTarget {
  const name = given(wanted) ?? entries.currentContext;
  const [otherCluster, otherUser] = [given(overrides.cluster), given(overrides.user)];
  if (name === undefined && (otherCluster ?? given(overrides.server)) === undefined) {
    throw new KubeConfigError(`${entries.where} has no current-context: choose one of ${namesOf(entries.contexts)}`);
  }
  const context = name === undefined ? noFields() : pick(entries, 'contexts', name);
  const named = `${context.where} names `;
  const clusterName = otherCluster ?? (name === undefined ? '' : required(context, 'cluster'));
  const listed = clusterName === '' ? noFields() : pick(entries, 'clusters', clusterName, otherCluster ? '' : named);
  const cluster = clusterWith(listed, overrides);
  const userName = otherUser ?? text(context, 'user');
  // client-node leaves the certificate authority away where there is no user.
  const nobody: Fields = { ...context, where: `${context.where}, which has no user,`, values: {} };
  const somebody = userName === undefined ? nobody : pick(entries, 'users', userName, otherUser ? '' : named);
  const user = userWith(somebody, overrides);
  const server = serverOf(cluster);
  return {
    context: name ?? '',
    namespace: text(context, 'namespace'),
    where: user.where,
    cluster: { name: clusterName || '--server', server, ...authorityOf(cluster, server), ...proxyOf(cluster) },
    impersonation: impersonationHeaders(user),
    execConfig: execConfigOf(cluster),
    ...identityOf(user, userName ?? '', server.startsWith('http:')),
  };
}

function pick(
  entries: KubeConfigEntries,
  section: 'contexts' | 'clusters' | 'users',
  name: string,
  whose = '',
): Fields {
  const found = entries[section].get(name);
  if (found !== undefined) return found;
  const kind = section.slice(0, -1);
  const missing = whose === '' ? `there is no ${kind} "${name}"` : `${whose}the ${kind} "${name}", which is not there`;
  throw new KubeConfigError(`${missing}: ${entries.where} has ${namesOf(entries[section])}`);
}

function namesOf(section: ReadonlyMap<string, Fields>): string {
  return section.size === 0 ? 'none' : [...section.keys()].join(', ');
}

/** Without the slash at its end. What is refused is not quoted: there may be a password in it. */
function serverOf(cluster: Fields): string {
  const server = required(cluster, 'server');
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new KubeConfigError(`${cluster.where}: server must be a URL such as https://10.0.0.1:6443`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new KubeConfigError(`${cluster.where}: server has a name or a password in it: they belong to the user`);
  }
  return withoutTrailing(url.origin + url.pathname, '/');
}

function authorityOf(cluster: Fields, server: string): Omit<Cluster, 'name' | 'server'> {
  const skip = flag(cluster, 'insecure-skip-tls-verify');
  const caData = text(cluster, 'certificate-authority-data');
  return {
    // Where there is no TLS, client-node wants to be told not to verify it.
    skipTLSVerify: skip || server.startsWith('http:'),
    ...optional('caData', skip ? undefined : caData),
    ...optional('caFile', skip ? undefined : fileUnless(caData, cluster, 'certificate-authority')),
    ...optional('tlsServerName', text(cluster, 'tls-server-name')),
  };
}

function proxyOf(cluster: Fields): Pick<Cluster, 'proxyUrl'> {
  const proxyUrl = text(cluster, 'proxy-url');
  if (proxyUrl === undefined) return {};
  const protocol = URL.canParse(proxyUrl) ? new URL(proxyUrl).protocol : '';
  if (!['http:', 'https:', 'socks5:', 'socks5h:'].includes(protocol)) {
    throw new KubeConfigError(
      `${cluster.where}: proxy-url must be a URL that begins with http://, https:// or socks5://`,
    );
  }
  // For kubectl socks5 lets the proxy look up the name; to client-node that is socks5h.
  return { proxyUrl: proxyUrl.replace(/^socks5:/i, 'socks5h:') };
}

/** What stands in the kubeconfig itself goes before a file; client-node has it the other way round. */
function fileUnless(data: string | undefined, fields: Fields, key: string): string | undefined {
  return data === undefined ? path(fields, key) : undefined;
}

/** As for kubectl: nothing secret goes over plain HTTP, and a plugin is run only where nothing else says who we are. */
function identityOf(user: Fields, name: string, plain: boolean): Pick<KubeConfigTarget, 'user' | 'tokenFile' | 'exec'> {
  if (plain) return { user: { name }, tokenFile: undefined, exec: undefined };
  const { token, tokenFile, username } = methodsOf(user);
  const certificate = certificateOf(user);
  const exec = within(user, 'exec');
  const authProvider = within(user, 'auth-provider');
  if (exec !== undefined && authProvider !== undefined) {
    throw new KubeConfigError(`${user.where} has both exec and auth-provider: remove one of them`);
  }
  const named = token !== undefined || tokenFile !== undefined || username !== undefined;
  return {
    user: {
      name,
      ...certificate,
      ...optional('token', token?.trim()),
      ...(username === undefined ? {} : { username, password: text(user, 'password') ?? '' }),
      ...optional('authProvider', named ? undefined : authProvider?.values),
    },
    tokenFile,
    exec: exec === undefined || named || certificate !== undefined ? undefined : execPluginOf(exec),
  };
}

function methodsOf(user: Fields) {
  const [token, tokenFile, username] = [text(user, 'token'), path(user, 'tokenFile'), text(user, 'username')];
  if ((token ?? tokenFile) !== undefined && username !== undefined) {
    throw new KubeConfigError(`${user.where} has both a token and a username: remove one of them`);
  }
  return { token, tokenFile, username };
}

function certificateOf(user: Fields): Pick<User, 'certData' | 'certFile' | 'keyData' | 'keyFile'> | undefined {
  const [certData, keyData] = [text(user, 'client-certificate-data'), text(user, 'client-key-data')];
  const certFile = fileUnless(certData, user, 'client-certificate');
  const keyFile = fileUnless(keyData, user, 'client-key');
  if ((certData ?? certFile) === undefined) return undefined;
  if ((keyData ?? keyFile) === undefined) {
    throw new KubeConfigError(`${user.where} has a client-certificate, but no client-key`);
  }
  return {
    ...optional('certData', certData),
    ...optional('certFile', certFile),
    ...optional('keyData', keyData),
    ...optional('keyFile', keyFile),
  };
}

function execConfigOf(cluster: Fields): unknown {
  const extensions = list(cluster, 'extensions').map((value) =>
    fieldsOf(value, `${cluster.where}: extensions`, cluster.folder),
  );
  return extensions.find(({ values }) => values['name'] === 'client.authentication.k8s.io/exec')?.values['extension'];
}
