import { Command, InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../api/duration.ts';
import { ABILITIES, type Provider } from '../api/provider-abilities.ts';
import { memoryLimitOption } from '../kube/guard/memory-limit-option.ts';
import type { LogLevel } from '../kube/json-log.ts';

/** The command line of the webhook, checked; times in milliseconds. */
export interface WebhookOptions {
  readonly port: number;
  readonly statusPort: number;
  readonly namespace: string | undefined;
  readonly service: string;
  readonly secret: string;
  readonly certificateFolder: string | undefined;
  readonly clientCa: string | undefined;
  readonly authorityLife: number;
  readonly servingLife: number;
  readonly spread: number;
  readonly meshProvider: Provider;
  /** Whether canaries may name objects of other namespaces. */
  readonly crossNamespaceRefs: boolean;
  readonly scrapeInterval: number;
  readonly shutdownDelay: number;
  /** In bytes. @default the container's */
  readonly memoryLimit: number | undefined;
  readonly logLevel: LogLevel;
}

/**
 * Reads the command line.
 *
 * @param say told what is asked for or wrong, before it throws
 * @throws {CommanderError} with exit code 0 for `--help`, and otherwise for what cannot be used
 */
export function readOptions(argv: readonly string[], say: (text: string) => void): WebhookOptions {
  const command = new Command('canary-webhook')
    .configureOutput({ writeOut: say, writeErr: say })
    .description(
      'Answers the API server about objects of flagger.app: what is wrong in them is refused when it is applied.',
    )
    .exitOverride()
    .addOption(new Option('--port <port>', 'where the API server asks, over HTTPS').default(9443).argParser(port))
    .addOption(
      new Option('--status-port <port>', '/healthz, /readyz and /metrics, over HTTP').default(8080).argParser(port),
    )
    .option('--namespace <name>', 'that this runs in (default: that of its ServiceAccount or kubeconfig)')
    .option('--service <name>', 'that leads to this', 'canary-webhook')
    .option('--secret <name>', 'that the replicas share their certificates in', 'canary-webhook-certificates')
    .option(
      '--certificate-folder <path>',
      'serve tls.crt and tls.key from there, as cert-manager writes them, and make none',
    )
    .option(
      '--client-ca <file>',
      'answer only clients with a certificate of these authorities, such as the API server’s own (default: all clients)',
    )
    .addOption(life('--authority-life', 'how long an authority is valid', '8760h'))
    .addOption(life('--serving-life', 'how long a certificate is valid; a third before its end it is renewed', '2160h'))
    .addOption(life('--spread', 'how long a new authority is trusted before it is used', '5m'))
    .addOption(
      new Option('--mesh-provider <name>', 'of canaries that name none; the same as the controller’s')
        .choices(Object.keys(ABILITIES))
        .default('istio'),
    )
    .addOption(
      new Option(
        '--no-cross-namespace-refs [true|false]',
        'rejects canaries that name a MetricTemplate, an AlertProvider or an Upstream of another namespace; the same as the controller’s',
      )
        .default(true)
        .argParser(unlessTrue),
    )
    .addOption(life('--scrape-interval', 'how often Prometheus scrapes what checks are made of', '15s'))
    .addOption(life('--shutdown-delay', 'how long requests are still answered after SIGTERM', '5s'))
    .addOption(memoryLimitOption())
    .addOption(
      new Option('--log-level <level>', 'of what is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    );
  command.parse([...argv], { from: 'user' });
  const options = command.opts<WebhookOptions>();
  if (options.servingLife >= options.authorityLife || options.spread >= options.servingLife / 3) {
    command.error(
      'error: --serving-life must be shorter than --authority-life, and --spread than a third of --serving-life',
    );
  }
  return Object.freeze(options);
}

/** For an option that is called `--no-...`. */
function unlessTrue(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Write true or false.');
  return text === 'false';
}

function life(flag: string, description: string, value: string): Option {
  return new Option(`${flag} <duration>`, description).default(duration(value), value).argParser(duration);
}

function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a duration such as 30s, 5m or 24h.');
  return ms;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('Write a port.');
  return number;
}
