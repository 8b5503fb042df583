import { InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../api/duration.ts';
import { collect } from './specs/common-options.ts';

/** kubectl's global flags, which it does not read for plugins, and `--color`. They may stand anywhere after `canary`. */
export interface GlobalFlags {
  readonly namespace?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly kubeconfig?: string;
  readonly server?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly asUserExtra?: readonly string[];
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
  /** Milliseconds; 0 is as long as the transport waits. */
  readonly requestTimeout: number;
  readonly v: number;
  readonly color: 'auto' | 'always' | 'never';
}

/** Made anew for each program, as commander keeps what it has parsed in them. */
export function globalOptions(): readonly Option[] {
  return [
    new Option('-n, --namespace <name>', 'of what is asked about (default: that of the context)'),
    new Option('--context <name>', 'of the kubeconfig, in place of the current one'),
    new Option('--cluster <name>', 'of the kubeconfig, in place of the context’s'),
    new Option('--user <name>', 'of the kubeconfig, in place of the context’s'),
    new Option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config'),
    new Option('-s, --server <url>', 'of the API server'),
    new Option('--token <token>', 'to say who you are'),
    new Option('--username <name>', 'to say who you are'),
    new Option('--password <password>', 'for --username'),
    new Option('--as <user>', 'in whose name it is asked'),
    new Option('--as-group <group>', 'that --as is in; may be repeated').argParser(collect),
    new Option('--as-uid <uid>', 'of --as'),
    new Option('--as-user-extra <key=value>', 'more about --as; may be repeated').argParser(collect),
    new Option('--certificate-authority <file>', 'that the API server’s certificate is checked with'),
    new Option('--client-certificate <file>', 'to say who you are'),
    new Option('--client-key <file>', 'of --client-certificate'),
    new Option('--insecure-skip-tls-verify', 'do not check the API server’s certificate'),
    new Option('--tls-server-name <name>', 'that the API server’s certificate is for'),
    new Option('--request-timeout <time>', 'that one request may take, such as 10s (0: 30s)')
      .default(0, '0')
      .argParser(duration),
    new Option('--color <when>', 'whether there are colours').choices(['auto', 'always', 'never']).default('auto'),
    new Option('-v, --v <level>', 'how much is told of what is done: 6 tells each request')
      .default(0)
      .argParser(verbosity),
    // Read by kubectl's own clients, and without a meaning here: scripts pass them to every command.
    ...['--cache-dir <folder>', '--disable-compression', '--match-server-version', '--warnings-as-errors'].map(
      (flags) => new Option(flags, 'taken as kubectl takes it, without effect').hideHelp(),
    ),
  ];
}

/** As kubectl reads it: a bare number is seconds. */
function duration(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms === undefined || ms < 0 || !Number.isSafeInteger(Math.round(ms))) {
    throw new InvalidArgumentError('Write a time such as 10s or 1m.');
  }
  return ms;
}

function verbosity(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('Write a number from 0 to 99.');
  return Number(text);
}
