import { Command, InvalidArgumentError, Option } from 'commander';
import { type LabelSelector, LabelSelectorError, parseLabelSelector } from '../api/label-selector.ts';
import { ABILITIES, type Provider } from '../api/provider-abilities.ts';
import { memoryLimitOption } from '../kube/guard/memory-limit-option.ts';
import type { LogLevel } from '../kube/json-log.ts';
import { addNotifierOptions, type Environment, type NotifierOptions, readNotifierOptions } from './notifier-options.ts';
import { listItems, wholeNumber } from './option-values.ts';
import { addOutgoingOptions, type OutgoingOptions } from './outgoing/outgoing-options.ts';

const MARKS_FOLDER = '/var/run/kubectl-canary';
const LEASE_NAME = 'kubectl-canary-controller';

/** The command line of the controller, checked. Names and defaults are Flagger's where it has the same. */
export interface ControllerOptions extends NotifierOptions, OutgoingOptions {
  readonly port: number;
  readonly namespace: string | undefined;
  /** Which canaries are worked on. @default all */
  readonly canarySelector: LabelSelector | undefined;
  readonly meshProvider: Provider;
  /** Whether canaries may name objects of other namespaces. */
  readonly crossNamespaceRefs: boolean;
  readonly metricsServer: string;
  readonly selectorLabels: readonly string[];
  readonly includeLabelPrefix: readonly string[];
  readonly threadiness: number;
  readonly enableConfigTracking: boolean;
  readonly leaseNamespace: string | undefined;
  readonly leaseName: string;
  readonly marksFolder: string;
  /** In bytes. @default the container's */
  readonly memoryLimit: number | undefined;
  readonly poisonForTests: boolean;
  readonly logLevel: LogLevel;
}

/**
 * Reads the command line.
 *
 * @param env what is a secret may stand there
 * @param say told what is asked for or wrong, before it throws
 * @throws {CommanderError} with exit code 0 for `--help`, and otherwise for what cannot be used
 */
export function readOptions(argv: readonly string[], env: Environment, say: (text: string) => void): ControllerOptions {
  const command = new Command('canary-controller')
    .configureOutput({ writeOut: say, writeErr: say })
    .description('Releases new revisions of workloads step by step, as objects of flagger.app say.')
    .exitOverride()
    .addOption(
      new Option('--port <port>', '/healthz, /readyz and /metrics, over HTTP')
        .default(8080)
        .argParser((text) => wholeNumber(text, 0, 65_535)),
    )
    .option('--namespace <name>', 'whose canaries are released (default: all)')
    .addOption(
      new Option(
        '--canary-selector <labels>',
        'of the canaries that are released, such as shard=blue; others are left to controllers with other selectors and Leases (default: all)',
      ).argParser(selector),
    )
    .addOption(
      new Option('--mesh-provider <name>', 'of canaries that name none; the same as the webhook’s')
        .choices(Object.keys(ABILITIES))
        .default('istio'),
    )
    .addOption(
      new Option(
        '--no-cross-namespace-refs [true|false]',
        'rejects canaries that name a MetricTemplate, an AlertProvider or an Upstream of another namespace',
      )
        .default(true)
        .argParser(unlessTrue),
    )
    .addOption(
      new Option('--metrics-server <url>', 'the Prometheus of canaries that name none')
        .default('http://prometheus:9090')
        .argParser(url),
    )
    .addOption(
      new Option('--selector-labels <keys>', 'labels that tell the pods of a workload, the first one there is used')
        .default(['app', 'name', 'app.kubernetes.io/name'], 'app,name,app.kubernetes.io/name')
        .argParser(list),
    )
    .addOption(
      new Option(
        '--include-label-prefix <prefixes>',
        'labels and annotations of a target that its generated objects get too',
      )
        .default([], 'none')
        .argParser(list),
    )
    .addOption(
      new Option(
        '--enable-config-tracking <true|false>',
        'whether a change of a ConfigMap or Secret that a target uses is released like one of its pod template',
      )
        .default(true)
        .argParser(trueOrFalse),
    )
    .addOption(
      new Option('--threadiness <count>', 'canaries that are worked on at a time')
        .default(16)
        .argParser((text) => wholeNumber(text, 1, 256)),
    )
    .option(
      '--lease-namespace <name>',
      'of the Lease by which one of several replicas leads (default: that of its ServiceAccount)',
    )
    .option('--lease-name <name>', 'of that Lease', LEASE_NAME)
    .option(
      '--marks-folder <path>',
      'volume that outlives a restart of the container, for what the controller was working on if it dies',
      MARKS_FOLDER,
    )
    .addOption(memoryLimitOption())
    .addOption(new Option('--poison-for-tests').default(false).hideHelp())
    .addOption(
      new Option('--log-level <level>', 'of what is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    );
  addNotifierOptions(addOutgoingOptions(command)).parse([...argv], { from: 'user' });
  const options = command.opts<Omit<ControllerOptions, keyof NotifierOptions>>();
  if (options.canarySelector !== undefined && options.leaseName === LEASE_NAME) {
    command.error(
      'error: --canary-selector needs a --lease-name of its own: with that of other controllers it would only stand by for them.',
    );
  }
  return Object.freeze({ ...options, ...readNotifierOptions(command, env) });
}

function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Write true or false.');
  return text === 'true';
}

/** For an option that is called `--no-...`. */
function unlessTrue(text: string): boolean {
  return !trueOrFalse(text);
}

function selector(text: string): LabelSelector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw error instanceof LabelSelectorError ? new InvalidArgumentError(error.message) : error;
  }
}

function list(text: string): readonly string[] {
  const items = listItems(text);
  if (items.length === 0) throw new InvalidArgumentError('Write one or more, with commas between.');
  return items;
}

function url(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new InvalidArgumentError('Write a URL such as http://prometheus.monitoring:9090.');
  }
  return text;
}
