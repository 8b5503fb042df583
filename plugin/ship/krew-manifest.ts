import { stringify } from 'yaml';
import { executableName, type Platform } from './platforms.ts';

export interface KrewArchive {
  readonly platform: Platform;
  /** Its file name. */
  readonly name: string;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
}

const DESCRIPTION = `Canary releases of kubectl-canary, from the command line: where a release
stands, what it waits for and why; promote, approve, pause, abort and retry it;
check manifests and see what they would do before they are applied.
`;

const CAVEATS = `kubectl-canary has to be installed in the cluster: see the homepage.
For completion of kubectl canary, put its helper on PATH:
  kubectl canary completion kubectl > kubectl_complete-canary
  chmod +x kubectl_complete-canary
`;

/** What krew installs it by: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest. */
export function krewManifest(version: string, releases: string, archives: readonly KrewArchive[]): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'canary' },
      spec: {
        version: `v${version}`,
        homepage: releases,
        shortDescription: 'See why a canary release stands, and decide',
        description: DESCRIPTION,
        caveats: CAVEATS,
        platforms: archives.map(({ platform, name, sha256 }) => ({
          selector: { matchLabels: { os: platform.os, arch: platform.arch } },
          uri: `${releases}/download/v${version}/${name}`,
          sha256,
          files: [executableName(platform), 'LICENSE', 'THIRD-PARTY-LICENSES'].map((from) => ({ from, to: '.' })),
          bin: executableName(platform),
        })),
      },
    },
    { lineWidth: 0 },
  );
}
