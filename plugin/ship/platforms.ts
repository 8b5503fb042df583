/** Where the plugin runs as one file. */
export interface Platform {
  /** As Node's downloads name them: `linux-x64`. */
  readonly name: string;
  /** As krew and Go name them. */
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  /** Version of the Node that the executable is made of: the newest of Node 24 that npm has, else of a newer line. */
  readonly nodeVersion: string;
}

export const PLATFORMS: readonly Platform[] = [
  { name: 'linux-x64', os: 'linux', arch: 'amd64', nodeVersion: '24.22.3' },
  { name: 'linux-arm64', os: 'linux', arch: 'arm64', nodeVersion: '24.22.3' },
  { name: 'darwin-x64', os: 'darwin', arch: 'amd64', nodeVersion: '26.10.0' },
  { name: 'darwin-arm64', os: 'darwin', arch: 'arm64', nodeVersion: '26.10.0' },
  { name: 'win-x64', os: 'windows', arch: 'amd64', nodeVersion: '24.21.0' },
];

/** `kubectl-canary`, and `kubectl-canary.exe` on Windows. */
export function executableName({ os }: Platform): string {
  return os === 'windows' ? 'kubectl-canary.exe' : 'kubectl-canary';
}
