import type { Clock } from '../../kube/clock.ts';
import { connectionFromKubeConfig } from '../../kube/kube-config/kube-config.ts';
import type { Overrides } from '../../kube/kube-config/overrides.ts';
import { silentLog } from '../../kube/log.ts';
import { createTransport, type TransportMetrics } from '../../kube/transport/transport.ts';
import { usageError } from '../command-error.ts';
import type { Output } from '../context.ts';
import type { GlobalFlags } from '../global-options.ts';
import type { Cluster } from './cluster.ts';

export interface ConnectOptions {
  readonly global: GlobalFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Told of each request with `-v=6` and more. */
  readonly err: Output;
}

/** As kubectl's `-v=6`. */
const TELLS_REQUESTS = 6;

/**
 * The cluster that the kubeconfig and the flags name. Nothing is asked of it yet.
 *
 * @throws {KubeConfigError} where they name none
 */
export async function connect({ global, env, clock, err }: ConnectOptions): Promise<Cluster> {
  const { kubeconfig, context, requestTimeout, v } = global;
  const connection = await connectionFromKubeConfig({
    ...{ env, clock, overrides: overridesOf(global) },
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const answered: TransportMetrics['answered'] = (method, status, seconds, path) => {
    const took = `${status === 0 ? 'no answer' : status} in ${Math.round(seconds * 1000)} milliseconds`;
    err.write(`${clock.date().toISOString()} ${method} ${connection.server}${path} ${took}\n`);
  };
  return {
    transport: createTransport({
      ...{ connection, clock, log: silentLog },
      ...(requestTimeout > 0 && { deadlineMs: requestTimeout }),
      ...(v >= TELLS_REQUESTS && { metrics: { answered } }),
    }),
    namespace: given(global.namespace) ?? connection.namespace,
    context: connection.context,
    server: connection.server,
  };
}

function overridesOf({ asGroup, asUserExtra, ...global }: GlobalFlags): Overrides {
  return {
    ...global,
    ...(asGroup !== undefined && { asGroups: asGroup }),
    ...(asUserExtra !== undefined && { asUserExtra: extraOf(asUserExtra) }),
  };
}

/** `scopes=a` and `scopes=b` are one extra with two values. */
function extraOf(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const extra = new Map<string, readonly string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`--as-user-extra is key=value: ${JSON.stringify(pair)} is not`);
    const key = pair.slice(0, at);
    extra.set(key, [...(extra.get(key) ?? []), pair.slice(at + 1)]);
  }
  return Object.fromEntries(extra);
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
