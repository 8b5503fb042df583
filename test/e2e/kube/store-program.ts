// Copies the ConfigMaps and Deployments of a namespace as a controller of ours would: store-program NAMESPACE KEEP
// IDLE_SECONDS. KEEP is `wanted`, what a controller looks at, or `default`. Prints a StoreReport.
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { systemClock } from '../../../kube/clock.ts';
import { connectionFromKubeConfig } from '../../../kube/kube-config/kube-config.ts';
import { silentLog } from '../../../kube/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { startReflector } from '../../../kube/reflector.ts';
import { createTransport } from '../../../kube/transport/transport.ts';
import { measureCopy } from './store-measure.ts';

interface Labelled extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}
type Deployment = Labelled & Pick<V1Deployment, 'spec' | 'status'>;
type ConfigMap = Labelled & Pick<V1ConfigMap, 'data'>;

const [target = '', keep = '', idleSeconds = ''] = process.argv.slice(2);
const requests: Record<string, number> = {};
const metrics = {
  answered: (method: string) => {
    requests[method] = (requests[method] ?? 0) + 1;
  },
};
const stop = new AbortController();
const connection = await connectionFromKubeConfig({ env: process.env, clock: systemClock });
const transport = createTransport({ connection, clock: systemClock, log: silentLog, metrics });
const common = { transport, signal: stop.signal, clock: systemClock, log: silentLog, onChange: () => undefined };

const report = await measureCopy(() => {
  const configMaps = startReflector<ConfigMap>({
    ...common,
    path: `/api/v1/namespaces/${target}/configmaps`,
    ...(keep === 'default'
      ? {}
      : { keep: ({ metadata, data }) => ({ metadata: wanted(metadata), ...defined({ data }) }) }),
  });
  const deployments = startReflector<Deployment>({
    ...common,
    path: `/apis/apps/v1/namespaces/${target}/deployments`,
    ...(keep === 'default'
      ? {}
      : { keep: ({ metadata, spec, status }) => ({ metadata: wanted(metadata), ...defined({ spec, status }) }) }),
  });
  return {
    synced: Promise.all([configMaps.synced, deployments.synced]),
    configMaps: () => configMaps.values(),
    deployments: () => deployments.values(),
    requests: () => ({ ...requests }),
  };
}, Number(idleSeconds));
stop.abort();
transport.close();
process.stdout.write(JSON.stringify(report));

function wanted({ name, namespace, uid, resourceVersion, generation, labels, annotations }: Labelled['metadata']) {
  return { name, uid, resourceVersion, ...defined({ namespace, generation, labels, annotations }) };
}

/** Without what is undefined, which would take its place in each object. */
function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
