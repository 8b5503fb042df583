import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { PODINFO_TAGS } from './build/recipe.ts';

/** An image that stands for a program of this machine. */
export interface ProcessImage {
  readonly kind: 'process';
  /** Path in the container -> file of the machine, bound read-only. */
  readonly files: Readonly<Record<string, string>>;
  /** The same for whole directories. */
  readonly directories: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** Who the program runs as where the pod does not say; 0 is root. */
  readonly user: number;
}

/** An image whose containers are Ready at once and never do anything: for tests of scale. */
export interface InstantImage {
  readonly kind: 'instant';
}

export type Image = ProcessImage | InstantImage;

/** The file of a program that the sandbox has built, or `undefined` if it has not. */
export type ProgramFile = (name: string) => string | undefined;

export interface ImageReference {
  /** With its registry: `docker.io/library/busybox`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits a reference as Docker does, or gives `undefined` for one that is not valid: `a/b` is `docker.io/a/b:latest`. */
export function parseReference(reference: string): ImageReference | undefined {
  const match = /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference);
  const name = match?.[1];
  if (name === undefined || !/^[a-zA-Z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(name))
    return undefined;
  const digest = match?.[3];
  return { repository: qualify(name), tag: match?.[2] ?? (digest === undefined ? 'latest' : undefined), digest };
}

function qualify(name: string): string {
  const first = name.split('/')[0] ?? '';
  if (first === name) return `docker.io/library/${name}`;
  const registry = first.includes('.') || first.includes(':') || first === 'localhost';
  if (!registry) return `docker.io/${name}`;
  return first === 'index.docker.io' ? `docker.io/${name.slice(first.length + 1)}` : name;
}

/** How a container runtime names the image in a pod's status. */
export function imageNames({ repository, tag, digest }: ImageReference): { image: string; imageID: string } {
  const full = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
  // There is no real digest: one that is a function of the name is stable, which is all that anybody can rely on.
  const made = digest ?? `sha256:${createHash('sha256').update(full).digest('hex')}`;
  return { image: full, imageID: `${repository}@${made}` };
}

/** The image that a reference means, or `undefined` if the sandbox has none such. */
export function resolveImage(reference: string, programFile: ProgramFile): Image | undefined {
  const parsed = parseReference(reference);
  if (parsed === undefined) return undefined;
  const { repository, tag } = parsed;
  if (repository.startsWith('scale.test/')) return { kind: 'instant' };
  if (repository.startsWith('sandbox.test/node/')) {
    return nodeImage(repository.slice('sandbox.test/node/'.length), programFile);
  }
  switch (repository) {
    case 'docker.io/stefanprodan/podinfo':
    case 'ghcr.io/stefanprodan/podinfo':
      return PODINFO_TAGS.some((known) => known === tag) ? podinfoImage(tag ?? '', programFile) : undefined;
    case 'docker.io/envoyproxy/envoy':
      return programImage('envoy', '/usr/local/bin/envoy', programFile, {
        entrypoint: ['envoy'],
        cmd: ['-c', '/etc/envoy/envoy.yaml'],
      });
    case 'ghcr.io/projectcontour/contour':
      return programImage('contour', '/bin/contour', programFile, { entrypoint: [], cmd: [], user: 65532 });
    case 'docker.io/coredns/coredns':
    case 'registry.k8s.io/coredns/coredns':
    case 'registry.k8s.io/coredns':
      return programImage('coredns', '/coredns', programFile, { user: 65532 });
    case 'docker.io/prom/prometheus':
    case 'quay.io/prometheus/prometheus':
      return programImage('prometheus', '/bin/prometheus', programFile, {
        cmd: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
        workingDir: '/prometheus',
        user: 65534,
      });
    case 'docker.io/istio/pilot':
      return programImage('pilot-discovery', '/usr/local/bin/pilot-discovery', programFile, { user: 1337 });
    case 'docker.io/kubectl-canary/webhook':
      return nodeImage('webhook', programFile);
    case 'docker.io/kubectl-canary/controller':
      return nodeImage('controller', programFile);
    case 'sandbox.test/shell':
      return shellImage(programFile);
    default:
      return undefined;
  }
}

const EMPTY: ProcessImage = {
  kind: 'process',
  files: {},
  directories: {},
  entrypoint: [],
  cmd: [],
  env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  workingDir: '/',
  user: 0,
};

function programImage(
  program: string,
  path: string,
  programFile: ProgramFile,
  rest: Partial<ProcessImage>,
): ProcessImage | undefined {
  const file = programFile(program);
  return file === undefined ? undefined : { ...EMPTY, files: { [path]: file }, entrypoint: [path], ...rest };
}

function podinfoImage(tag: string, programFile: ProgramFile): ProcessImage | undefined {
  const podinfo = programFile(`podinfo-${tag}`);
  if (podinfo === undefined) return undefined;
  const podcli = programFile('podcli');
  return {
    ...EMPTY,
    files: { '/home/app/podinfo': podinfo, ...(podcli === undefined ? {} : { '/usr/local/bin/podcli': podcli }) },
    cmd: ['./podinfo'],
    workingDir: '/home/app',
    user: 100,
  };
}

/** The machine's own tools, and the load generator. */
function shellImage(programFile: ProgramFile): ProcessImage {
  const hey = programFile('hey');
  return { ...EMPTY, files: hey === undefined ? {} : { '/usr/local/bin/hey': hey }, cmd: ['sh'] };
}

/** Our own programs: a bundle, run by the very Node that runs the sandbox. The bundle of `x` is the program `node/x`. */
function nodeImage(name: string, programFile: ProgramFile): ProcessImage | undefined {
  const bundle = programFile(`node/${name}`);
  if (bundle === undefined) return undefined;
  return {
    ...EMPTY,
    files: { '/nodejs/bin/node': process.execPath },
    // With the parts that it loads late.
    directories: { '/app': dirname(bundle) },
    entrypoint: ['/nodejs/bin/node', `/app/${name}.mjs`],
    env: { ...EMPTY.env, NODE_ENV: 'production' },
    workingDir: '/app',
    user: 65532,
  };
}
