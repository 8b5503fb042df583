import type { Command } from 'commander';
import type { GlobalNotifiers } from './notify/receivers.ts';

/** Of whom all are told who name nobody. The URLs are secrets, and are better given in the environment. */
export interface NotifierOptions {
  readonly notifiers: GlobalNotifiers;
  /** Told of the events of canaries that have no `event` hook. */
  readonly eventWebhook: string | undefined;
  /** In each alert. */
  readonly clusterName: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface Flags {
  readonly slackUrl?: string;
  readonly slackProxyUrl?: string;
  readonly slackUser: string;
  readonly slackChannel?: string;
  readonly msteamsUrl?: string;
  readonly msteamsProxyUrl?: string;
  readonly eventWebhook?: string;
  readonly clusterName?: string;
}

export function addNotifierOptions(command: Command): Command {
  return command
    .option(
      '--slack-url <url>',
      'hook for the alerts of canaries that name no provider (or SLACK_URL; a token in SLACK_TOKEN)',
    )
    .option('--slack-proxy-url <url>', 'proxy on the way to it (or SLACK_PROXY_URL)')
    .option('--slack-user <name>', 'that these alerts are signed with', 'flagger')
    .option('--slack-channel <name>', 'that they go to')
    .option('--msteams-url <url>', 'the same for Microsoft Teams (or MSTEAMS_URL)')
    .option('--msteams-proxy-url <url>', 'proxy on the way to it (or MSTEAMS_PROXY_URL)')
    .option('--event-webhook <url>', 'told of the events of canaries that have no event hook (or EVENT_WEBHOOK_URL)')
    .option('--cluster-name <name>', 'that alerts say they come from');
}

/**
 * What the flags say, and before them the environment.
 *
 * @throws {CommanderError} for a URL that is none, without saying it
 */
export function readNotifierOptions(command: Command, env: Environment): NotifierOptions {
  const flags = command.opts<Flags>();
  const url = (name: string, given: string | undefined, kinds: readonly string[] = HTTP): string | undefined => {
    const text = env[name] || given || undefined;
    if (text === undefined || (URL.canParse(text) && kinds.includes(new URL(text).protocol))) return text;
    const flag = `--${name.toLowerCase().replaceAll('_', '-')}`.replace('webhook-url', 'webhook');
    return command.error(
      `error: ${name} or ${flag} is no URL that can be called: write one such as https://hooks.example.com/T0/B0`,
    );
  };
  const slack = url('SLACK_URL', flags.slackUrl);
  const msteams = url('MSTEAMS_URL', flags.msteamsUrl);
  const slackProxy = url('SLACK_PROXY_URL', flags.slackProxyUrl, PROXIES);
  const msteamsProxy = url('MSTEAMS_PROXY_URL', flags.msteamsProxyUrl, PROXIES);
  return {
    notifiers: {
      ...(slack !== undefined && {
        slack: {
          ...{ type: 'slack', address: slack, username: flags.slackUser, token: env['SLACK_TOKEN'] || undefined },
          ...(flags.slackChannel !== undefined && { channel: flags.slackChannel }),
          ...(slackProxy !== undefined && { proxy: slackProxy }),
        },
      }),
      ...(msteams !== undefined && {
        msteams: {
          ...{ type: 'msteams', address: msteams },
          ...(msteamsProxy !== undefined && { proxy: msteamsProxy }),
        },
      }),
    },
    eventWebhook: url('EVENT_WEBHOOK_URL', flags.eventWebhook),
    clusterName: flags.clusterName || undefined,
  };
}

const HTTP = ['http:', 'https:'];
const PROXIES = [...HTTP, 'socks5:', 'socks5h:'];
