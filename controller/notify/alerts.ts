import { forbiddenText } from '../../api/cluster/cross-namespace.ts';
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import type { Log } from '../../kube/log.ts';
import { isWanted } from './alert.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import { type AlertRunner, type AlertRunnerOptions, createAlertRunner } from './alert-runner.ts';
import { alertsOf, type Known } from './alerts-of.ts';
import { type AlertProviders, type GlobalNotifiers, type Receiver, receiversOf } from './receivers.ts';

export interface AlertsOptions extends Omit<AlertRunnerOptions, 'onDone'> {
  readonly providers: AlertProviders;
  readonly globals: GlobalNotifiers;
  /** Whether AlertProviders may be of other namespaces than the canary. @default true */
  readonly crossNamespaceRefs?: boolean;
  readonly knownOf: (canary: Canary) => Known;
  readonly metrics: AlertMetrics;
  readonly log: Log;
  /** A canary's alerts have nowhere to go: said once, until it is mended. */
  readonly onMissing: (canary: Canary, text: string) => void;
}

/** Tells people what becomes of canaries. Nothing of it can hold a release up. */
export interface Alerts {
  moved(before: CanaryStatus, canary: Canary): void;
  /** The canary is no longer there. */
  gone(key: string): void;
  close: AlertRunner['close'];
}

export function createAlerts(options: AlertsOptions): Alerts {
  const { providers, globals, knownOf, metrics, log, onMissing } = options;
  const runner = createAlertRunner({
    ...options,
    onDone: ({ name, namespace }, receiver, how) => metrics.done({ name, namespace }, receiver.key, how),
  });
  /** Of each canary, the providers that it was said of that they are not there. */
  const missing = new Map<string, ReadonlySet<string>>();
  /** The status of each canary that was looked at last: one whose write was not answered is found written at the next look. */
  const seen = new Map<string, CanaryStatus>();
  /** Of each canary, the gate that was told last: checks that fail while it is closed do not make it another one. */
  const gates = new Map<string, string>();

  function sayMissing(key: string, canary: Canary, absent: readonly Receiver[]): void {
    const known = missing.get(key);
    const keys = new Set(absent.map((receiver) => receiver.key));
    for (const provider of [...keys].filter((each) => known?.has(each) !== true)) {
      const isForbidden = absent.some((each) => each.key === provider && each.isForbidden === true);
      const why = isForbidden ? forbiddenText(`AlertProvider ${provider}`) : `there is no AlertProvider ${provider}`;
      const text = `Alerts of ${canary.metadata.name}.${canary.metadata.namespace} go nowhere: ${why}`;
      log.warn({ canary: key, provider }, text);
      onMissing(canary, text);
    }
    if (keys.size > 0) missing.set(key, keys);
    else missing.delete(key);
  }

  function isTold(key: string, { status = {} }: Canary, moment: string): boolean {
    const gate = [moment, status.startedAt, status.step].join(' ');
    if (gates.get(key) === gate) return true;
    gates.set(key, gate);
    return false;
  }

  function tellAll(key: string, before: CanaryStatus, canary: Canary): void {
    const receivers = receiversOf(canary, providers, globals, options.crossNamespaceRefs);
    const { name, namespace } = canary.metadata;
    metrics.known(
      { name, namespace },
      receivers.map((receiver) => receiver.key),
    );
    const alerts = receivers.length === 0 ? [] : alertsOf(before, canary, knownOf(canary));
    if (alerts.length === 0) return;
    // Not before there is something to tell: of what is applied together, one is seen first.
    // The controller's own have no namespace in their key.
    const absent = receivers.filter(
      ({ key: provider, isForbidden = false }) => isForbidden || (provider.includes('/') && !providers.has(provider)),
    );
    sayMissing(key, canary, absent);
    for (const alert of alerts) {
      if (alert.gate !== undefined && isTold(key, canary, alert.gate)) continue;
      for (const receiver of receivers) if (isWanted(alert, receiver.severity)) runner.tell(alert, receiver);
    }
  }

  return {
    moved(before, canary) {
      const { name, namespace } = canary.metadata;
      const key = `${namespace}/${name}`;
      const last = seen.get(key) ?? before;
      seen.set(key, canary.status ?? {});
      try {
        tellAll(key, last, canary);
      } catch (error) {
        // The status is written; nobody may have to do it again because of us.
        log.error({ err: error, canary: key }, 'alerts could not be made, a defect of the controller');
      }
    },
    gone(key) {
      missing.delete(key);
      seen.delete(key);
      gates.delete(key);
      metrics.gone(key);
    },
    close: (withinMs) => runner.close(withinMs),
  };
}
