import type { AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import type { Notifier } from './notifier.ts';
import { discord } from './providers/discord.ts';
import { googleChat } from './providers/gchat.ts';
import { msTeams } from './providers/msteams.ts';
import { rocket } from './providers/rocket.ts';
import { slack } from './providers/slack.ts';
import { webhook } from './providers/webhook.ts';

const NOTIFIERS: readonly Notifier[] = [discord, googleChat, msTeams, rocket, slack, webhook];

/** Undefined for a type that a definition of another version has let through. */
export function notifierOf(type: AlertProviderSpec['type']): Notifier | undefined {
  return NOTIFIERS.find((notifier) => notifier.type === type);
}
