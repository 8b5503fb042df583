// Who is told of a canary's alerts.
import type { AlertProvider, AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import type { Canary, CanaryAlert } from '../../api/generated/canary.ts';
import { referredNamespace } from '../../api/referred-namespace.ts';

/** The controller's own notifiers, for canaries that name none. */
export interface GlobalNotifiers {
  readonly slack?: AlertProviderSpec & { readonly token?: string | undefined };
  readonly msteams?: AlertProviderSpec;
}

export interface Receiver {
  /** `namespace/name` of the AlertProvider, or `slack` or `msteams` of the controller's own. */
  readonly key: string;
  /** The least severity that it wants. */
  readonly severity: CanaryAlert['severity'];
  /** Whether it is of another namespace, and the installation forbids that. */
  readonly isForbidden?: boolean;
  /** Looked at anew at each try, as somebody may have mended it; `undefined` while it is not there. */
  readonly provider: (signal: AbortSignal) => ReceiverSpec | undefined | Promise<ReceiverSpec | undefined>;
}

export interface ReceiverSpec {
  /** Of the Secret. */
  readonly namespace: string;
  readonly spec: AlertProviderSpec;
  /** Of the controller's own, which has no Secret to read. */
  readonly token?: string | undefined;
  /** It is the controller's own. */
  readonly isOperators?: boolean;
}

/** The AlertProviders of the cluster, by `namespace/name`. */
export interface AlertProviders {
  has(key: string): boolean;
  read(key: string, signal: AbortSignal): Promise<AlertProvider | undefined>;
}

/**
 * Those that the canary names; where it names none, the controller's own.
 *
 * @param crossNamespaceRefs whether they may be of other namespaces than the canary
 */
export function receiversOf(
  canary: Canary,
  providers: AlertProviders,
  globals: GlobalNotifiers,
  crossNamespaceRefs = true,
): readonly Receiver[] {
  // The first layout has none.
  const { alerts = [] } = canary.spec.analysis ?? {};
  if (alerts.length === 0) return globalReceivers(globals);
  const own = canary.metadata.namespace;
  return alerts.map(({ severity, providerRef }) => {
    const namespace = referredNamespace(providerRef, own);
    const key = `${namespace}/${providerRef.name}`;
    const isForbidden = namespace !== own && !crossNamespaceRefs;
    const provider = async (signal: AbortSignal) => {
      if (isForbidden) return undefined;
      const found = await providers.read(key, signal);
      return found === undefined ? undefined : { namespace, spec: found.spec };
    };
    return { key, severity, isForbidden, provider };
  });
}

function globalReceivers({ slack, msteams }: GlobalNotifiers): readonly Receiver[] {
  const receiver = (spec: AlertProviderSpec & { readonly token?: string | undefined }): Receiver => ({
    ...{ key: spec.type, severity: 'info' },
    provider: () => ({ namespace: '', spec, token: spec.token, isOperators: true }),
  });
  return [slack, msteams].flatMap((spec) => (spec === undefined ? [] : receiver(spec)));
}
