import { SERVICES } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { ipBytes } from './ip-bytes.ts';

interface ReadService {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIPs?: readonly string[];
    readonly selector?: Readonly<Record<string, string>> | null;
  };
}

const DEADLINE_MS = 2000;

/** `podinfo` of `podinfo.test`, `podinfo.test.svc` and `podinfo.test.svc.cluster.local` in namespace test; `undefined` of others. */
export function serviceName(namespace: string, hostname: string): string | undefined {
  const [name = '', ...rest] = hostname.replace(/\.$/, '').split('.');
  const suffix = rest.join('.');
  // A name without a namespace would be found in the controller's own.
  const isOwn = [namespace, `${namespace}.svc`, `${namespace}.svc.cluster.local`].includes(suffix);
  return isOwn && name !== '' ? name : undefined;
}

/**
 * Returns whether an address that answered for a URL is that of a Service of the namespace which leads to pods of the
 * namespace. Its name does not tell: a Service may be another name for a host anywhere (`ExternalName`), have endpoints that
 * somebody wrote by hand, or have become something else meanwhile.
 *
 * @param shown namespaces whose Services count as those of every other, too
 */
export function ownServices(transport: Transport, shown: readonly string[]) {
  return async (own: string, url: URL, address: string, signal: AbortSignal): Promise<boolean> => {
    const namespace = [own, ...shown].find((each) => serviceName(each, url.hostname) !== undefined);
    const name = namespace === undefined ? undefined : serviceName(namespace, url.hostname);
    if (namespace === undefined || name === undefined) return false;
    try {
      const path = objectPath(SERVICES, { namespace, name });
      const { spec = {} } = await transport.request<ReadService>({ path, signal, deadlineMs: DEADLINE_MS });
      const leadsToPods = Object.keys(spec.selector ?? {}).length > 0 && spec.type !== 'ExternalName';
      return leadsToPods && (spec.clusterIPs ?? []).some((each) => isSame(each, address));
    } catch {
      // Not to know is no reason to tell.
      return false;
    }
  };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((each) => ipBytes(each)?.join('.'));
  return left !== undefined && left === right;
}
