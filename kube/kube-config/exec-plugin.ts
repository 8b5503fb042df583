import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { Clock } from '../clock.ts';
import { type Fields, fieldsOf, flag, list, path, required, text, texts } from './fields.ts';
import { KubeConfigError } from './kube-config-error.ts';

/** A program that prints credentials, such as `aws eks get-token` or `gke-gcloud-auth-plugin`. */
export interface ExecPlugin {
  /** For errors: whose plugin. */
  readonly where: string;
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
}

export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Without it, they are good until the server refuses them. */
  readonly expires?: Date;
}

/** Time enough for a login in the browser; a plugin that hangs must not hold up a controller for ever. */
const LONGEST_RUN_MS = 5 * 60_000;
const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** The plugin as `exec` of a user describes it. */
export function execPluginOf(exec: Fields): ExecPlugin {
  const apiVersion = required(exec, 'apiVersion');
  if (!API_VERSIONS.includes(apiVersion)) {
    const known = API_VERSIONS.join(' or ');
    throw new KubeConfigError(`${exec.where}: apiVersion must be ${known}: update the plugin and its kubeconfig entry`);
  }
  const interactive = text(exec, 'interactiveMode') ?? 'IfAvailable';
  if (interactive === 'Always') {
    const why = 'interactiveMode is Always, but standard input is not handed on to plugins';
    throw new KubeConfigError(`${exec.where}: ${why}: log in with kubectl, and use a plugin that needs no input`);
  }
  if (interactive !== 'Never' && interactive !== 'IfAvailable') {
    throw new KubeConfigError(`${exec.where}: interactiveMode must be Never, IfAvailable or Always`);
  }
  const command = required(exec, 'command');
  const env = list(exec, 'env').map((entry, index) => fieldsOf(entry, `${exec.where}: env[${index}]`, exec.folder));
  return {
    where: exec.where,
    apiVersion,
    // A bare name is looked up on PATH; a path starts from the kubeconfig, as all paths in there do.
    command: /[/\\]/.test(command) ? (path(exec, 'command') ?? command) : command,
    args: texts(exec, 'args'),
    env: Object.fromEntries(env.map((entry) => [required(entry, 'name'), text(entry, 'value') ?? ''])),
    installHint: text(exec, 'installHint'),
    provideClusterInfo: flag(exec, 'provideClusterInfo'),
  };
}

/**
 * Runs the plugin as client-go does. client-node's own `ExecAuth` tells it nothing about the cluster, leaves its standard
 * input open so that one that reads it hangs, and quotes what it cannot parse, a token maybe, in its error.
 *
 * @param cluster `spec.cluster`, for a plugin that asks for it
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  cluster: object,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<ExecCredential> {
  const { apiVersion, provideClusterInfo } = plugin;
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) };
  const output = await outputOf(
    plugin,
    { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }) },
    clock,
  );
  return credentialIn(output, plugin);
}

function outputOf(plugin: ExecPlugin, env: NodeJS.ProcessEnv, clock: Clock): Promise<string> {
  const name = `${plugin.where}: the credential plugin ${plugin.command}`;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new KubeConfigError(`${name} ${why}`));
    const child = spawn(plugin.command, plugin.args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
    const cancel = clock.after(LONGEST_RUN_MS, () => {
      child.kill();
      fail(`did not end within ${LONGEST_RUN_MS / 60_000} minutes`);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      cancel();
      if (error.code !== 'ENOENT') fail(`did not start: ${error.message}`);
      else fail(`is not installed${sentence(plugin.installHint ?? '')}`);
    });
    child.once('close', (code, signal) => {
      cancel();
      if (code === 0) resolve(output);
      // What it says there it says to people: kubectl shows it too.
      else fail(`${signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`}${sentence(complaint)}`);
    });
  });
}

function sentence(said: string): string {
  const plain = stripVTControlCharacters(said).trim().slice(-1000);
  return plain === '' ? '' : `: ${plain}`;
}

/** Nothing of the output is in the errors, as it is secret; not even what it is that cannot be parsed. */
function credentialIn(output: string, { where, command, apiVersion }: ExecPlugin): ExecCredential {
  const wrong = (what: string): KubeConfigError =>
    new KubeConfigError(`${where}: the credential plugin ${command} ${what}`);
  const answer = parsed(output);
  if (answer?.kind !== 'ExecCredential') throw wrong('printed something else than an ExecCredential: run it by hand');
  if (answer.apiVersion !== apiVersion)
    throw wrong(`answered in another version than ${apiVersion}, which was asked for`);
  const { token = '', clientCertificateData: cert = '', clientKeyData: key = '', ...status } = answer.status ?? {};
  if ([token, cert, key].some((value) => typeof value !== 'string'))
    throw wrong('printed credentials that are no text');
  if ((cert === '') !== (key === ''))
    throw wrong('printed a certificate without its key, or a key without its certificate');
  if (cert !== '' && ![cert, key].every((value) => value.includes('-----BEGIN '))) {
    throw wrong('printed a certificate or a key that is not PEM');
  }
  if (token === '' && cert === '') throw wrong('printed neither a token nor a certificate: log in again');
  const expires = new Date(status.expirationTimestamp ?? Number.NaN);
  if (status.expirationTimestamp && Number.isNaN(expires.getTime()))
    throw wrong('printed an expirationTimestamp that is no time');
  return {
    ...(token === '' ? {} : { token: token.trim() }),
    ...(cert === '' ? {} : { cert, key }),
    ...(status.expirationTimestamp ? { expires } : {}),
  };
}

interface ExecAnswer {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly status?: {
    readonly token?: string;
    readonly clientCertificateData?: string;
    readonly clientKeyData?: string;
    readonly expirationTimestamp?: string;
  };
}

function parsed(output: string): ExecAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(output);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
