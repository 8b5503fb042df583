import { systemClock } from '../../kube/clock.ts';
import { connectionFromKubeConfig } from '../../kube/kube-config/kube-config.ts';
import { silentLog } from '../../kube/log.ts';
import { createTransport, type Transport } from '../../kube/transport/transport.ts';

/** The API server of the current kubeconfig, for tests that ask it more often than kubectl could be started. */
export async function apiServer(): Promise<Transport> {
  const connection = await connectionFromKubeConfig({ env: process.env, clock: systemClock });
  return createTransport({ connection, clock: systemClock, log: silentLog });
}
