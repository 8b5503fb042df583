import { dirname, posix } from 'node:path';

export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface Rootfs {
  /** Directories of the machine that stand at their own paths, such as `/usr/bin`; read-only. */
  readonly hostDirectories: readonly string[];
  /** Files of the image and of the pod, then the volumes. A later one covers an earlier one. */
  readonly binds: readonly Bind[];
  readonly readOnly: boolean;
}

export interface Sandboxing {
  readonly rootfs: Rootfs;
  readonly hostname: string;
  readonly workingDir: string;
  readonly user: number;
  readonly group: number;
  /** `CAP_...` names that the program keeps. Those of a user other than root apply where the kernel lets them. */
  readonly capabilities: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly command: readonly string[];
  /** File descriptors: where bwrap reports its child, and where the prelude says that the root is complete. */
  readonly statusFd: number;
  readonly readyFd: number;
}

/** Lists a directory of the machine; an empty list for what is none. Passed in so that the rest is pure. */
export type ListDirectory = (path: string) => readonly string[];

/** Top-level directories that are links into /usr on every machine of today. */
const USR_LINKS = ['bin', 'sbin', 'lib', 'lib64'] as const;
const BEHIND = '/.host';

/**
 * The arguments of `bwrap` for one container.
 *
 * The program is process 1 of its own PID namespace, as in a real container: signals that it has no handler for do not
 * end it, except SIGKILL, and its end is the end of everything else in there. A user other than root is the only user of
 * a user namespace of its own, so that every file of the container is its own.
 *
 * Fields of a security context that change nothing here are ignored: seLinuxOptions, seccompProfile, appArmorProfile,
 * procMount, fsGroup, supplementalGroups and allowPrivilegeEscalation (no_new_privs is always set). Limits of CPU and
 * memory are not enforced.
 */
export function bubblewrapArguments(options: Sandboxing, listDirectory: ListDirectory): string[] {
  const { rootfs, user, group, capabilities } = options;
  const isolated = user !== 0 || group !== 0;
  return [
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--as-pid-1', '--clearenv'],
    ...['--unshare-uts', '--hostname', options.hostname],
    ...(isolated ? ['--unshare-user', '--uid', String(user), '--gid', String(group)] : []),
    ...['--cap-drop', 'ALL', ...capabilities.flatMap((name) => ['--cap-add', name])],
    ...['--json-status-fd', String(options.statusFd)],
    ...rootArguments(rootfs, options.workingDir, listDirectory),
    ...['--chdir', options.workingDir, '--', ...prelude(options)],
  ];
}

/**
 * The shell says "ready" once the root stands, and env then becomes the program: it sets the variables (a shell would
 * drop those whose names it does not like), searches the program on the container's own PATH, and says in a fixed form
 * that it does not exist.
 */
function prelude({ environment, command, readyFd, statusFd }: Sandboxing): string[] {
  const script = `echo ready >&${readyFd}; exec ${readyFd}>&- ${statusFd}>&-; exec "$@"`;
  const variables = [...environment].map(([name, value]) => `${name}=${value}`);
  return ['/usr/bin/sh', '-c', script, 'sh', '/usr/bin/env', '-i', ...variables, ...command];
}

function rootArguments(rootfs: Rootfs, workingDir: string, listDirectory: ListDirectory): string[] {
  const links = USR_LINKS.filter((name) => rootfs.hostDirectories.includes(`/usr/${name}`));
  const binds = rootfs.binds.map((bind) => ({ ...bind, target: throughLinks(bind.target, links) }));
  const split = rootfs.hostDirectories.filter((directory) => binds.some(({ target }) => isBelow(target, directory)));
  return [
    ...['--tmpfs', '/', '--proc', '/proc', '--dev', '/dev'],
    // On a read-only root a real container has no writable /tmp either, unless a volume is mounted there.
    ...(rootfs.readOnly ? ['--dir', '/tmp'] : ['--perms', '1777', '--tmpfs', '/tmp']),
    ...['/run', '/var/run', '/var/tmp', '/root', '/home', '/usr/local/bin'].flatMap((path) => ['--dir', path]),
    ...rootfs.hostDirectories.flatMap((directory) =>
      split.includes(directory) ? [] : ['--ro-bind', directory, directory],
    ),
    ...splitArguments(split, binds, listDirectory),
    ...links.flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...(workingDir === '/' ? [] : ['--dir', throughLinks(workingDir, links)]),
    ...binds.flatMap(({ source, target, readOnly }) => [readOnly ? '--ro-bind' : '--bind', source, target]),
    ...(rootfs.readOnly ? ['--remount-ro', '/'] : []),
  ];
}

/**
 * bwrap cannot make a mount point below a read-only directory. A directory of the machine that must have one is
 * therefore a writable directory full of links to the real entries, which stand behind it at /.host.
 */
function splitArguments(split: readonly string[], binds: readonly Bind[], listDirectory: ListDirectory): string[] {
  if (split.length === 0) return [];
  const roots = new Set(split.map((directory) => `/${directory.split('/')[1]}`));
  const links: string[] = [];
  const fill = (directory: string): void => {
    links.push('--dir', directory);
    for (const name of listDirectory(directory)) {
      const path = posix.join(directory, name);
      if (binds.some(({ target }) => target === path)) continue;
      if (binds.some(({ target }) => isBelow(target, path))) fill(path);
      else links.push('--symlink', `${BEHIND}${path}`, path);
    }
  };
  for (const directory of split) fill(directory);
  return [...[...roots].flatMap((root) => ['--ro-bind', root, `${BEHIND}${root}`]), ...links];
}

/** `/bin/x` is `/usr/bin/x`: a bind through a link must name what the link leads to. */
function throughLinks(path: string, links: readonly string[]): string {
  const [, first = ''] = path.split('/');
  return links.includes(first) && dirname(path) !== '/' ? `/usr${path}` : path;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}
