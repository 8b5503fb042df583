// Who is told of a canary's alerts.
import type { AlertProvider, AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import type { Canary, CanaryAlert } from '../../api/generated/canary.ts';

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
  /** Looked at anew at each try, as somebody may have mended it; `undefined` while it is not there. */
  readonly provider: () => ReceiverSpec | undefined;
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

/** Those that the canary names; where it names none, the controller's own. */
export function receiversOf(
  canary: Canary,
  providerOf: (key: string) => AlertProvider | undefined,
  globals: GlobalNotifiers,
): readonly Receiver[] {
  // The first layout has none.
  const { alerts = [] } = canary.spec.analysis ?? {};
  if (alerts.length === 0) return globalReceivers(globals);
  return alerts.map(({ severity, providerRef: { name, namespace = canary.metadata.namespace } }) => {
    const key = `${namespace}/${name}`;
    const provider = () => {
      const found = providerOf(key);
      return found === undefined ? undefined : { namespace, spec: found.spec };
    };
    return { key, severity, provider };
  });
}

function globalReceivers({ slack, msteams }: GlobalNotifiers): readonly Receiver[] {
  const receiver = (spec: AlertProviderSpec & { readonly token?: string | undefined }): Receiver => ({
    ...{ key: spec.type, severity: 'info' },
    provider: () => ({ namespace: '', spec, token: spec.token, isOperators: true }),
  });
  return [slack, msteams].flatMap((spec) => (spec === undefined ? [] : receiver(spec)));
}
