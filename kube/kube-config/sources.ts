import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Fields, fieldsOf, list, required, text, within } from './fields.ts';
import { KubeConfigError } from './kube-config-error.ts';

export interface KubeConfigSources {
  /** What KUBECONFIG, HOME and the pod's service environment say: `process.env` of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One file, in place of KUBECONFIG and `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** Where a pod has its token. @default '/var/run/secrets/kubernetes.io/serviceaccount' */
  readonly serviceAccountFolder?: string;
  /** In place of an error, and of the pod's ServiceAccount, where there is no kubeconfig. One that is named must be there. */
  readonly otherwise?: KubeConfigEntries;
}

/** All files together: the first that has a name is right. */
export interface KubeConfigEntries {
  /** For errors: what was read. */
  readonly where: string;
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Fields>;
  readonly clusters: ReadonlyMap<string, Fields>;
  readonly users: ReadonlyMap<string, Fields>;
}

const IN_CLUSTER = 'in-cluster';

/**
 * The file that is named, else those of KUBECONFIG, else `~/.kube/config`, else the pod's ServiceAccount. Of the files in
 * KUBECONFIG some may be missing, as for kubectl; if all are, that is an error and not a reason to look elsewhere.
 */
export async function readKubeConfig(sources: KubeConfigSources): Promise<KubeConfigEntries> {
  const { env, kubeconfig = '', otherwise } = sources;
  if (kubeconfig !== '') {
    const file = await readEntries(kubeconfig);
    if (file === undefined) throw new KubeConfigError(`there is no kubeconfig ${kubeconfig}`);
    return file;
  }
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((name) => name !== '');
  if (listed.length > 0) {
    const files = await readAll(listed);
    if (files.length === 0 && otherwise !== undefined) return otherwise;
    if (files.length === 0) throw new KubeConfigError(`KUBECONFIG names no file that is there: ${listed.join(', ')}`);
    return firstOfEach(files);
  }
  // On Windows HOME is USERPROFILE, unless somebody has set both.
  const homes = [env['HOME'] ?? '', env['USERPROFILE'] ?? ''].filter((home) => home !== '');
  const [file] = await readAll(homes.map((home) => join(home, '.kube', 'config')));
  const found = file ?? otherwise ?? (await serviceAccount(sources));
  if (found === undefined) {
    throw new KubeConfigError(
      'there is no kubeconfig: set KUBECONFIG or write ~/.kube/config (in a pod: let its ServiceAccount token be mounted)',
    );
  }
  return found;
}

async function readAll(files: readonly string[]): Promise<readonly KubeConfigEntries[]> {
  const all = await Promise.all(files.map(readEntries));
  return all.filter((entries) => entries !== undefined);
}

/** `undefined` where there is no such file. */
async function readEntries(file: string): Promise<KubeConfigEntries | undefined> {
  const content = await textOfFile(file, 'the kubeconfig');
  if (content === undefined) return undefined;
  // A pod with a ServiceAccount has no kubeconfig, and need not load the parser.
  const { parseYaml } = await import('./parse-yaml.ts');
  const config = fieldsOf(parseYaml(file, content) ?? {}, file, dirname(resolve(file)));
  return {
    where: file,
    currentContext: text(config, 'current-context'),
    contexts: named(config, 'contexts', 'context'),
    clusters: named(config, 'clusters', 'cluster'),
    users: named(config, 'users', 'user'),
  };
}

/** `[{ name: jane, user: {...} }]` by name. */
function named(config: Fields, section: string, key: string): ReadonlyMap<string, Fields> {
  const entries = new Map<string, Fields>();
  for (const [index, value] of list(config, section).entries()) {
    const entry = fieldsOf(value, `${config.where}: ${section}[${index}]`, config.folder);
    const name = required(entry, 'name');
    const fields = within(entry, key) ?? { ...entry, values: {} };
    if (!entries.has(name)) entries.set(name, { ...fields, where: `${key} "${name}" of ${config.where}` });
  }
  return entries;
}

function firstOfEach(files: readonly KubeConfigEntries[]): KubeConfigEntries {
  const first = (section: 'contexts' | 'clusters' | 'users'): ReadonlyMap<string, Fields> =>
    new Map(files.toReversed().flatMap((file) => [...file[section]]));
  return {
    where: files.map(({ where }) => where).join(', '),
    currentContext: files.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    contexts: first('contexts'),
    clusters: first('clusters'),
    users: first('users'),
  };
}

/** What a pod is given, written as the kubeconfig that it amounts to. */
async function serviceAccount({
  env,
  serviceAccountFolder,
}: KubeConfigSources): Promise<KubeConfigEntries | undefined> {
  const folder = serviceAccountFolder ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const token = host === '' ? undefined : await textOfFile(join(folder, 'token'), 'the ServiceAccount token');
  if (token === undefined) return undefined;
  const namespace = await textOfFile(join(folder, 'namespace'), 'the namespace of the ServiceAccount');
  const entry = (values: Fields['values']): ReadonlyMap<string, Fields> =>
    new Map([[IN_CLUSTER, { where: 'the ServiceAccount of this pod', folder, values }]]);
  return {
    where: 'this pod',
    currentContext: IN_CLUSTER,
    contexts: entry({ cluster: IN_CLUSTER, user: IN_CLUSTER, namespace: namespace?.trim() }),
    clusters: entry({
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`,
      'certificate-authority': 'ca.crt',
    }),
    users: entry({ tokenFile: 'token' }),
  };
}

/** `undefined` where there is no such file. */
async function textOfFile(file: string, what: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KubeConfigError(`${what} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
