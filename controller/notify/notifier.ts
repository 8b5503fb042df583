import type { AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import type { HttpAnswer } from '../http-call.ts';
import type { Alert } from './alert.ts';

/** Where an alert goes, and as whom. */
export interface Destination {
  /** URL of the hook, which is a secret itself. */
  readonly address: string;
  readonly token?: string | undefined;
  readonly channel?: string | undefined;
  readonly username?: string | undefined;
  /** PEM of the authorities that the receiver's certificate may be of. @default those of the system */
  readonly ca?: string | undefined;
}

/** The body is what is sent as JSON. */
export interface AlertRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** How alerts are told to one kind of receiver. Pure: sending, trying again and giving up are the same for all. */
export interface Notifier {
  readonly type: AlertProviderSpec['type'];
  /** Every text in it is bounded, and escaped for the receiver's markup. */
  payload(alert: Alert, destination: Destination): AlertRequest;
  /** Why the alert was not taken, of a receiver that answers 200 to that too, and whether another try may go better. */
  readonly objection?: (answer: HttpAnswer) => { readonly what: string; readonly again: boolean } | undefined;
}
