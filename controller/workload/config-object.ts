// A ConfigMap or Secret with its contents, for as long as it takes to tell what they are or to copy them.
import { createHmac } from 'node:crypto';
import { CONFIG_MAPS, SECRETS } from '../../api/resources.ts';
import { revisionOf } from '../../api/revision.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ConfigKind } from './config-references.ts';

/** As the API server returns it. */
export interface ConfigObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly immutable?: boolean;
  /** Of a Secret. */
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  /** Of a ConfigMap. */
  readonly binaryData?: Readonly<Record<string, string>>;
}

export const CONFIG_RESOURCES = { ConfigMap: CONFIG_MAPS, Secret: SECRETS } as const;

/** Those that people write. The others are credentials of the cluster's own, such as for registries. */
const TRACKED_TYPES: ReadonlySet<string> = new Set([
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/tls',
]);

/**
 * The identity of the contents; `undefined` of a Secret of a type that is not followed.
 *
 * That of a Secret is keyed with its uid, which is random and nobody knows who may not read the Secret: it stands in statuses
 * and names, and whoever reads those is not to find out a short password by trying. So a Secret that is deleted and made anew
 * counts as changed.
 */
export function configDigest(kind: ConfigKind, object: ConfigObject): string | undefined {
  const { type = 'Opaque', data = {}, binaryData = {} } = object;
  if (kind === 'ConfigMap') return revisionOf({ data, binaryData });
  if (!TRACKED_TYPES.has(type)) return undefined;
  return createHmac('sha256', object.metadata.uid).update(revisionOf({ type, data })).digest('hex');
}

/** Whether pods read the same from both. */
export function hasSameContents(one: ConfigObject, other: ConfigObject): boolean {
  const contents = ({ type = 'Opaque', data = {}, binaryData = {} }: ConfigObject) =>
    revisionOf({ type, data, binaryData });
  return contents(one) === contents(other);
}
