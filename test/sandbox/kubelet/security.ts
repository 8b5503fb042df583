import { ContainerConfigError } from './environment.ts';
import { type Container, type Pod, podTitle } from './pod.ts';

export interface Identity {
  readonly user: number;
  readonly group: number;
  readonly capabilities: readonly string[];
}

/** What container runtimes leave to root. */
const DEFAULT_CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
] as const;

/**
 * Who a container's program runs as, and what it may do. Throws a ContainerConfigError with the kubelet's text where
 * runAsNonRoot forbids it. A user other than root has no capabilities, whatever the spec adds, as the kernel has it.
 */
export function identityOf(pod: Pod, container: Container, imageUser: number): Identity {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const asked = own.runAsUser ?? shared.runAsUser;
  const user = asked ?? imageUser;
  const group = own.runAsGroup ?? shared.runAsGroup ?? user;
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) === true && user === 0) {
    const where = `(pod: "${podTitle(pod)}", container: ${container.name})`;
    throw new ContainerConfigError(
      asked === undefined
        ? `container has runAsNonRoot and image will run as root ${where}`
        : `container's runAsUser breaks non-root policy ${where}`,
    );
  }
  return { user, group, capabilities: user === 0 ? rootCapabilities(own) : [] };
}

function rootCapabilities({
  privileged = false,
  capabilities = {},
}: NonNullable<Container['securityContext']>): string[] {
  if (privileged) return ['ALL'];
  const bare = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');
  const drop = new Set((capabilities.drop ?? []).map(bare));
  const add = (capabilities.add ?? []).map(bare);
  if (add.includes('ALL')) return ['ALL'];
  const kept = drop.has('ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !drop.has(name));
  return [...new Set([...kept, ...add])].map((name) => `CAP_${name}`);
}
