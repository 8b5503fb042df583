import { resolve } from 'node:path';
import { type Fields, optional } from './fields.ts';
import type { KubeConfigEntries } from './sources.ts';

/** What goes before the kubeconfig: kubectl's global flags. An empty text is none; paths start from the working directory. */
export interface Overrides {
  /** Entries of the kubeconfig in place of those that the context names. */
  readonly cluster?: string;
  readonly user?: string;
  /** With it, no kubeconfig has to be there. */
  readonly server?: string;
  readonly tlsServerName?: string;
  readonly certificateAuthority?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
}

/** Nothing in there is from a file. */
const WHERE = 'the command line';

/** What a target is made from where there is no kubeconfig at all, and a server is given. */
export const NO_ENTRIES: KubeConfigEntries = {
  where: WHERE,
  currentContext: undefined,
  contexts: new Map(),
  clusters: new Map(),
  users: new Map(),
};

/** A cluster or user that no kubeconfig has. */
export function noFields(): Fields {
  return { where: WHERE, folder: '', values: {} };
}

/**
 * The cluster as client-go has it: another authority takes the place of the kubeconfig's, whether that is a file, data or the wish
 * to check nothing. A server is checked by its own name, unless another name for it is given, too.
 */
export function clusterWith(cluster: Fields, overrides: Overrides): Fields {
  const server = given(overrides.server);
  const tlsServerName = given(overrides.tlsServerName);
  const authority = fileOf(overrides.certificateAuthority);
  const insecure = overrides.insecureSkipTlsVerify === true;
  return {
    ...cluster,
    values: {
      ...cluster.values,
      ...optional('server', server),
      ...((server ?? tlsServerName) !== undefined && { 'tls-server-name': tlsServerName }),
      ...((authority !== undefined || insecure) && {
        'certificate-authority': authority,
        'certificate-authority-data': undefined,
        'insecure-skip-tls-verify': insecure,
      }),
    },
  };
}

/** All by which a user says who it is. */
const NOBODY = {
  ...{ token: undefined, tokenFile: undefined, username: undefined, password: undefined },
  ...{ 'client-certificate': undefined, 'client-certificate-data': undefined },
  ...{ 'client-key': undefined, 'client-key-data': undefined },
  ...{ exec: undefined, 'auth-provider': undefined },
};

/**
 * The user, who is somebody else with a token, a name or a certificate. Sent beside the token, the kubeconfig's certificate
 * would be what the API server goes by.
 */
export function userWith(user: Fields, overrides: Overrides): Fields {
  const [token, username, password] = [overrides.token, overrides.username, overrides.password].map(given);
  const [certificate, key] = [fileOf(overrides.clientCertificate), fileOf(overrides.clientKey)];
  const isSomebodyElse = (token ?? username ?? certificate) !== undefined;
  const { asGroups = [], asUserExtra = {} } = overrides;
  return {
    ...user,
    values: {
      ...user.values,
      ...(isSomebodyElse && NOBODY),
      ...optional('token', token),
      ...optional('username', username),
      ...optional('password', password),
      ...(certificate !== undefined && { 'client-certificate': certificate, 'client-certificate-data': undefined }),
      ...(key !== undefined && { 'client-key': key, 'client-key-data': undefined }),
      ...optional('as', given(overrides.as)),
      ...optional('as-uid', given(overrides.asUid)),
      ...(asGroups.length > 0 && { 'as-groups': asGroups }),
      ...(Object.keys(asUserExtra).length > 0 && { 'as-user-extra': asUserExtra }),
    },
  };
}

export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function fileOf(path: string | undefined): string | undefined {
  return path === undefined || path === '' ? undefined : resolve(path);
}
