// Copies the ConfigMaps and Deployments of a namespace with informers of @kubernetes/client-node, as a reference:
// informer-program NAMESPACE IDLE_SECONDS. Prints a StoreReport.
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  type V1ConfigMap,
  type V1Deployment,
} from '@kubernetes/client-node';
import { measureCopy } from '../e2e/kube/store-measure.ts';

const [namespace = '', idleSeconds = ''] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);

const report = await measureCopy(() => {
  const configMaps = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  const deployments = makeInformer<V1Deployment>(config, `/apis/apps/v1/namespaces/${namespace}/deployments`, () =>
    apps.listNamespacedDeployment({ namespace }),
  );
  return {
    synced: Promise.all([configMaps.start(), deployments.start()]),
    configMaps: () => configMaps.list(),
    deployments: () => deployments.list(),
    // It counts none.
    requests: () => ({}),
  };
}, Number(idleSeconds));
process.stdout.write(JSON.stringify(report));
// Its watches do not end.
process.exit();
