import { KubeError } from '../../kube/errors.ts';
import type { Cluster } from './cluster.ts';
import { type InstalledProgram, readInstallation } from './installation.ts';

export interface InstalledVersions {
  readonly controllerVersion: string;
  readonly webhookVersion: string;
  readonly serverVersion: string;
}

/** The versions of what is in the cluster, and a word in their place where that is not known. */
export async function installedVersions(cluster: Cluster, signal: AbortSignal): Promise<InstalledVersions> {
  const [serverVersion, programs] = await Promise.all([
    readServerVersion(cluster, signal),
    readInstallation(cluster, signal).catch((error: unknown) => {
      if (error instanceof KubeError && error.status === 403) return undefined;
      throw error;
    }),
  ]);
  const versionOf = (found: readonly InstalledProgram[]): string => {
    if (programs === undefined) return 'unknown (you may not look)';
    return [...new Set(found.map(({ version = 'unknown' }) => version))].join(', ') || 'none installed';
  };
  const { controllers = [], webhook } = programs ?? {};
  return {
    controllerVersion: versionOf(controllers),
    webhookVersion: versionOf(webhook === undefined ? [] : [webhook]),
    serverVersion,
  };
}

/** Such as `v1.36.1`. */
export async function readServerVersion({ transport }: Cluster, signal: AbortSignal): Promise<string> {
  const { gitVersion } = await transport.request<{ readonly gitVersion: string }>({ path: '/version', signal });
  return gitVersion;
}
