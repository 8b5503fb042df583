import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Cluster } from '@kubernetes/client-node';

/** As long as the pools of the transport keep theirs. */
const KEEP_IDLE_MS = 30_000;

/** The agent that goes through the cluster's `proxy-url`, and keeps its connections; `undefined` where there is none. */
export async function proxyAgentOf({ name, server, proxyUrl }: Cluster): Promise<Agent | undefined> {
  if (proxyUrl === undefined) return undefined;
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  // Nothing of TLS is for this agent to know: what an agent is given, even an undefined, goes before what a request says.
  config.loadFromClusterAndUser({ name, server, proxyUrl, skipTLSVerify: false }, { name: '' });
  const made: RequestOptions = {};
  await config.applyToHTTPSOptions(made);

  const agent = made.agent as Agent & { keepAlive: boolean; readonly options: Record<string, unknown> };
  for (const [option, value] of Object.entries(agent.options)) if (value === undefined) delete agent.options[option];
  // KubeConfig's agents open a connection for each request, and through a proxy that takes three round trips.
  agent.keepAlive = true;
  Object.assign(agent.options, { keepAlive: true, scheduling: 'lifo', timeout: KEEP_IDLE_MS });
  // Otherwise the agent for SOCKS guesses it from its stack trace, and does not find again what it has kept.
  agent.options['secureEndpoint'] = server.startsWith('https:');
  return agent;
}
