import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessImage } from '../images.ts';
import { type Bind, bubblewrapArguments } from './bubblewrap.ts';
import { commandLine } from './command-line.ts';
import { readConfigData } from './config-source.ts';
import { ContainerProcess, READY_FD, STATUS_FD } from './container-process.ts';
import { ContainerConfigError, containerEnvironment, environmentReferences } from './environment.ts';
import { expand } from './expansion.ts';
import type { NodeFacts } from './field-value.ts';
import { listDirectory } from './host-directories.ts';
import { LogFile } from './log-file.ts';
import type { NodeContext } from './node-context.ts';
import type { Container, Pod } from './pod.ts';
import type { PodDirectories } from './pod-directories.ts';
import type { PodNetwork } from './pod-network.ts';
import { COMMON_FILES, homeOf, hostsFile, podHostname, resolvConf } from './root-files.ts';
import { processContainer, type RunningContainer } from './running-container.ts';
import { identityOf } from './security.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';
import { resolveSubPath } from './volumes/sub-path.ts';

export interface StartOptions {
  readonly context: NodeContext;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: ProcessImage;
  readonly restartCount: number;
  readonly directories: PodDirectories;
  readonly network: PodNetwork;
  readonly volumes: PodVolumes;
  readonly node: NodeFacts;
  readonly signal: AbortSignal;
}

/** Builds a container's root, environment and command and starts it. `begin` comes after everything that can be wrong. */
export interface PreparedContainer {
  /** Throws a ContainerStartError. */
  begin(): Promise<RunningContainer>;
}

/** Throws a ContainerConfigError where the spec cannot be met as it stands. */
export async function prepareContainer(options: StartOptions): Promise<PreparedContainer> {
  const { context, pod, container, image, directories, network, restartCount } = options;
  const identity = identityOf(pod, container, image.user);
  const environment = await environmentOf(options, identity.user);
  const command = commandLine(container, image, environment);
  if (command.length === 0) throw new ContainerConfigError('no command specified');
  const workingDir = container.workingDir ?? image.workingDir;

  const own = join(directories.root, 'containers', container.name, String(restartCount));
  const logs = join(directories.logs, container.name);
  await Promise.all([mkdir(own, { recursive: true }), mkdir(logs, { recursive: true })]);
  const terminationMessage = join(own, 'termination-log');
  await writeFile(terminationMessage, '');
  await chmod(terminationMessage, 0o666);

  const binds: Bind[] = [
    ...(await rootFiles(options)),
    ...Object.entries({ ...image.files, ...image.directories }).map(([target, source]) => ({
      source,
      target,
      readOnly: true,
    })),
    ...(await volumeBinds(options, environment)),
    { source: terminationMessage, target: container.terminationMessagePath ?? '/dev/termination-log', readOnly: false },
  ];
  const args = bubblewrapArguments(
    {
      rootfs: {
        hostDirectories: context.hostDirectories,
        binds,
        readOnly: container.securityContext?.readOnlyRootFilesystem ?? false,
      },
      hostname: podHostname(pod),
      workingDir,
      ...identity,
      environment,
      command,
      statusFd: STATUS_FD,
      readyFd: READY_FD,
    },
    listDirectory,
  );
  const entry = network.namespace === undefined ? [] : ['nsenter', `--net=${network.namespace}`, '--'];

  return {
    async begin() {
      const log = new LogFile(join(logs, `${restartCount}.log`));
      const process = await ContainerProcess.start([...entry, 'bwrap', ...args], log);
      const userNamespace = identity.user !== 0 || identity.group !== 0;
      const exec = { pid: process.pid, userNamespace, workingDir, environment };
      return processContainer(process, {
        exec,
        probe: { container, address: network.address, exec },
        log,
        terminationMessage,
      });
    },
  };
}

async function environmentOf(options: StartOptions, user: number): Promise<Map<string, string>> {
  const { context, pod, container, image, node, signal } = options;
  const defaults = new Map([
    ...Object.entries(image.env),
    ['HOSTNAME', podHostname(pod)] as const,
    ['HOME', homeOf(user)] as const,
    ...(await context.serviceEnvironment()),
  ]);
  const names = environmentReferences(container);
  const data = await readConfigData(context.source, pod.metadata.namespace, names, signal);
  return containerEnvironment({ pod, container, data, node, defaults });
}

/** The files of /etc: what is the same for all, and what is this pod's own. */
async function rootFiles({ context, pod, directories, network }: StartOptions): Promise<Bind[]> {
  const { clusterDNS, clusterDomain } = context.config;
  const files: Record<string, string> = {
    ...COMMON_FILES,
    '/etc/hostname': `${podHostname(pod)}\n`,
    '/etc/hosts': hostsFile(pod, network.address, clusterDomain),
    '/etc/resolv.conf': resolvConf(pod, { server: clusterDNS, domain: clusterDomain, nodeFile: context.resolvConf }),
  };
  const folder = join(directories.root, 'etc');
  await mkdir(folder, { recursive: true });
  const binds: Bind[] = [];
  for (const [target, content] of Object.entries(files)) {
    const source = join(folder, target.slice('/etc/'.length));
    await writeFile(source, content);
    binds.push({ source, target, readOnly: false });
  }
  return binds;
}

/** Outer mounts first: a mount inside another would be covered by it. */
async function volumeBinds(
  { pod, container, volumes }: StartOptions,
  variables: ReadonlyMap<string, string>,
): Promise<Bind[]> {
  const binds: Bind[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const directory = volumes.directory(mount.name);
    if (directory === undefined) throw new ContainerConfigError(`volume "${mount.name}" is not mounted`);
    const subPath = mount.subPathExpr === undefined ? mount.subPath : expand(mount.subPathExpr, variables);
    let source = directory;
    try {
      if (subPath !== undefined && subPath !== '') source = await resolveSubPath(directory, subPath);
    } catch (error) {
      throw new ContainerConfigError(
        `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`,
        {
          cause: error,
        },
      );
    }
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
    const readOnly = mount.readOnly === true || volume?.emptyDir === undefined;
    binds.push({ source, target: mount.mountPath.replace(/(?<=.)\/+$/, ''), readOnly });
  }
  return binds.toSorted((left, right) => left.target.split('/').length - right.target.split('/').length);
}
