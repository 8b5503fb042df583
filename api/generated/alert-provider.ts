// Generated from manifests/crd by `make generate`. Not to be edited by hand.
import type { ObjectMeta } from '../object-meta.ts';

/** A chat or another receiver that canaries send their alerts to. */
export interface AlertProvider {
  readonly apiVersion: 'flagger.app/v1beta1';
  readonly kind: 'AlertProvider';
  readonly metadata: ObjectMeta;
  /** Which chat, and as whom. */
  readonly spec: AlertProviderSpec;
  /** What the controller has found out about the provider. */
  readonly status?: AlertProviderStatus;
}

/** Which chat, and as whom. */
export interface AlertProviderSpec {
  /** Kind of the chat; webhook gets the alert as a JSON object of its own. */
  readonly type: 'discord' | 'gchat' | 'msteams' | 'rocket' | 'slack' | 'webhook';
  /** Channel of the chat, where its hook leaves the choice. */
  readonly channel?: string;
  /** Name that the alerts are signed with. */
  readonly username?: string;
  /** URL of the chat's incoming hook. */
  readonly address?: string;
  /** URL of the HTTP or SOCKS5 proxy on the way to the chat. */
  readonly proxy?: string;
  /** Secret in the provider's namespace with the hook's URL as address and, for slack and webhook, a bearer token as token. */
  readonly secretRef?: SecretRef;
}

/** Secret in the provider's namespace with the hook's URL as address and, for slack and webhook, a bearer token as token. */
export interface SecretRef {
  /** Name of the Secret. */
  readonly name: string;
}

/** What the controller has found out about the provider. */
export interface AlertProviderStatus {
  /** Generation of the spec that this status is about. At least 0. */
  readonly observedGeneration?: number;
  /** Facts for kubectl wait. */
  readonly conditions?: readonly Condition[];
}

export interface Condition {
  /** What is stated. */
  readonly type: string;
  /** Whether it is so. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, in one word. */
  readonly reason: string;
  /** Why, in a sentence. */
  readonly message?: string;
  /** Generation of the spec that it is about. At least 0. */
  readonly observedGeneration?: number;
  /** When the status changed last. */
  readonly lastTransitionTime?: string;
}
