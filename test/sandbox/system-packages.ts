import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { Failure } from './failure.ts';
import { findOnPath } from './on-path.ts';

/** A program of the machine that the sandbox runs, and the package that has it. */
interface Tool {
  readonly program: string;
  readonly debian: string;
  readonly fedora: string;
}

/** What `up` needs. The lists are short on purpose: all else is built from source. */
const RUN_TOOLS: readonly Tool[] = [
  { program: 'unshare', debian: 'util-linux', fedora: 'util-linux' },
  { program: 'flock', debian: 'util-linux', fedora: 'util-linux-core' },
  { program: 'nsenter', debian: 'util-linux', fedora: 'util-linux' },
  { program: 'ip', debian: 'iproute2', fedora: 'iproute' },
  { program: 'iptables', debian: 'iptables', fedora: 'iptables-nft' },
  { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' },
  { program: 'curl', debian: 'curl', fedora: 'curl' },
];

/** What `build` needs besides. */
const BUILD_TOOLS: readonly Tool[] = [
  { program: 'go', debian: 'golang-go', fedora: 'golang' },
  { program: 'python3', debian: 'python3', fedora: 'python3' },
];

/** Tools that no distribution's package brings in the version needed: they are asked for, never installed. */
const BY_HAND: Readonly<Record<string, string>> = {
  go: 'Go 1.26 or newer from https://go.dev/dl',
};

/**
 * Installs what is missing where that can be done unasked (Debian and its children, as root), and otherwise says in one
 * line what is missing and how to get it.
 *
 * @throws {Failure} when something is missing afterwards
 */
export async function ensureSystemPackages(
  need: 'run' | 'build',
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  const tools = need === 'run' ? RUN_TOOLS : [...RUN_TOOLS, ...BUILD_TOOLS];
  let missing = missingOf(tools, env);
  if (missing.length === 0) return;
  const installable = missing.filter((tool) => BY_HAND[tool.program] === undefined);
  if (installable.length > 0 && process.getuid?.() === 0 && findOnPath('apt-get', env) !== undefined) {
    await installOnDebian([...new Set(installable.map((tool) => tool.debian))], say);
    missing = missingOf(tools, env);
  }
  if (missing.length > 0) throw new Failure(whatToInstall(missing));
}

function missingOf(tools: readonly Tool[], env: NodeJS.ProcessEnv): Tool[] {
  return tools.filter(({ program }) => findOnPath(program, env) === undefined);
}

async function installOnDebian(packages: readonly string[], say: (line: string) => void): Promise<void> {
  say(`installing ${packages.join(' ')} with apt-get`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env: environment, all: true });
  try {
    // A fresh machine has no package lists; one that has some is spared the update.
    await install().catch(async () => {
      await execa('apt-get', ['update', '-qq'], { all: true });
      await install();
    });
  } catch (error) {
    throw new Failure(`apt-get could not install ${packages.join(' ')}: ${lastLine(error)}`, { cause: error });
  }
}

function whatToInstall(missing: readonly Tool[]): string {
  const names = missing.map((tool) => tool.program).join(', ');
  const packages = [...new Set(missing.filter((tool) => BY_HAND[tool.program] === undefined).map(packageOf))];
  const steps = [
    ...(packages.length > 0
      ? [`${isDebian() ? 'sudo apt-get install' : 'sudo dnf install'} ${packages.join(' ')}`]
      : []),
    ...missing.flatMap((tool) => BY_HAND[tool.program] ?? []),
  ];
  return `missing on this machine: ${names}; get ${missing.length === 1 ? 'it' : 'them'} with: ${steps.join(' and ')}`;
}

function packageOf(tool: Tool): string {
  return isDebian() ? tool.debian : tool.fedora;
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function lastLine(error: unknown): string {
  const text = (error as { all?: string }).all ?? String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
