// What is looked at, in the order in which it is shown: each thing after what it stands on.
import type { Provider } from '../../api/provider-abilities.ts';
import { KubeError } from '../../kube/errors.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Installation, optionOf, readInstallation, SYSTEM_NAMESPACE } from '../cluster/installation.ts';
import { type ReadCanary, readCanaries } from '../cluster/read-canaries.ts';
import { CommandError } from '../command-error.ts';
import { looked } from './ask.ts';
import { checkCertificates } from './certificates.ts';
import { type CheckLine, skip } from './check-line.ts';
import { checkDefinitions } from './definitions.ts';
import { checkLeases } from './lease.ts';
import { checkMetricsServer } from './metrics-server.ts';
import { checkPolicies } from './policies.ts';
import { checkPrograms } from './programs.ts';
import { checkCaller, checkControllers, checkInstaller } from './rights.ts';
import { checkAdmission, checkTargetStamp } from './round-trip.ts';
import { judgeGateways, judgeProviders, readServed } from './routes.ts';
import { checkServerVersion } from './server-version.ts';
import { judgeShards } from './shards.ts';
import type { InstalledSite, Site } from './site.ts';

/** As the controller's own. */
const USUAL_PROVIDER: Provider = 'istio';
const USUAL_METRICS_SERVER = 'http://prometheus:9090';
/** As the manifests have it. */
const INSTALLED_METRICS_SERVER = 'http://prometheus.monitoring:9090';

/** Whether what is there works. */
export async function checkInstalled(site: Site): Promise<readonly CheckLine[]> {
  const [server, definitions, canaries, installation] = await Promise.all([
    looked('API server', () => checkServerVersion(site)),
    looked('definitions', () => checkDefinitions(site)),
    canariesOf(site),
    installationOf(site),
  ]);
  const installed: InstalledSite = { ...site, installation: installation ?? NOTHING };
  const programs =
    installation === undefined
      ? [skip('controller and webhook', `not asked: you may not read Deployments in ${SYSTEM_NAMESPACE}`)]
      : checkPrograms(installed);
  const isDefined = definitions.every(({ verdict }) => verdict !== 'fail');
  const { controllers } = installed.installation;
  const [controller] = controllers;
  const defaultProvider = (controller && optionOf(controller, '--mesh-provider')) ?? USUAL_PROVIDER;
  const providers = [...new Set(canaries.flatMap(({ spec }) => (spec.provider === undefined ? [] : [spec.provider])))];
  const metricsServer = (controller && optionOf(controller, '--metrics-server')) ?? USUAL_METRICS_SERVER;
  const rest = await Promise.all([
    looked('leader', () => checkLeases(installed)),
    looked('webhook configurations', () => checkCertificates(installed)),
    isDefined ? looked('admission', () => checkAdmission(installed)) : [],
    isDefined ? looked('stamp of targets', () => checkTargetStamp(installed, canaries)) : [],
    looked('admission policies', () => checkPolicies(site)),
    looked('your rights', () => checkCaller(site)),
    looked('controller’s rights', () => checkControllers(installed, providers)),
    looked('providers', async () => judgeProviders(providers, defaultProvider as Provider, await readServed(site))),
    controller === undefined
      ? []
      : looked('metrics server', () => checkMetricsServer(site, metricsServer, controller.namespace)),
  ]);
  return [...server, ...definitions, ...programs, ...judgeShards(canaries, controllers), ...rest.flat()];
}

/** Whether it can be installed, and will find what it needs. */
export async function checkBefore(site: Site): Promise<readonly CheckLine[]> {
  const lines = await Promise.all([
    looked('API server', () => checkServerVersion(site)),
    looked('you may install', () => checkInstaller(site)),
    looked('providers', async () => [judgeGateways(await readServed(site))]),
    looked('metrics server', () => checkMetricsServer(site, INSTALLED_METRICS_SERVER, SYSTEM_NAMESPACE)),
  ]);
  return lines.flat();
}

const NOTHING: Installation = { controllers: [], webhook: undefined, isPartial: true };

/** Of who may read none, `undefined`. */
async function installationOf(site: Site): Promise<Installation | undefined> {
  return readInstallation(site, site.signal).catch((error: unknown) => {
    if (error instanceof KubeError && error.status === 403) return undefined;
    throw error;
  });
}

/** As many as the caller may see; where none can be read, other lines say why. */
async function canariesOf(site: Cluster & Pick<Site, 'signal'>): Promise<readonly ReadCanary[]> {
  const read = async (allNamespaces: boolean) =>
    (await readCanaries(site, { names: [], allNamespaces }, site.signal)).items;
  return read(true).catch(() =>
    read(false).catch((error: unknown) => {
      const isTold = error instanceof CommandError || (error instanceof KubeError && error.status !== 0);
      if (isTold) return [];
      throw error;
    }),
  );
}
