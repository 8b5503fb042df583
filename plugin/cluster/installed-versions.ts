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
  const versionOf = (program: InstalledProgram | undefined): string => {
    if (programs === undefined) return 'unknown (you may not look)';
    return program === undefined ? 'none installed' : (program.version ?? 'unknown');
  };
  return {
    controllerVersion: versionOf(programs?.controller),
    webhookVersion: versionOf(programs?.webhook),
    serverVersion,
  };
}

/** Such as `v1.36.1`. */
export async function readServerVersion({ transport }: Cluster, signal: AbortSignal): Promise<string> {
  const { gitVersion } = await transport.request<{ readonly gitVersion: string }>({ path: '/version', signal });
  return gitVersion;
}
