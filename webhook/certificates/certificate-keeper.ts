import { applyObject } from '../../kube/apply.ts';
import { type Clock, pause } from '../../kube/clock.ts';
import { isConflict } from '../../kube/errors.ts';
import type { Log } from '../../kube/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { startReflector } from '../../kube/reflector.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { readCertificates, SECRETS, type Secret, secretData } from './certificate-secret.ts';
import type { KeyPair } from './key-pair.ts';
import { rotate } from './rotate.ts';
import { type Certificates, caBundle, nextStep, type RotationPolicy } from './rotation.ts';
import { untilReady } from './until-ready.ts';

export interface KeeperOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Of the Secret that the replicas share. It is there before us, empty at first: we may not create any. */
  readonly namespace: string;
  readonly secret: string;
  /** The name of the two webhook configurations, mutating and validating, that are to trust us. */
  readonly configuration: string;
  readonly policy: RotationPolicy;
  /** Called with what to serve from now on, at first and after each change. */
  readonly onServing: (serving: KeyPair) => void;
}

const CONFIGURATIONS: readonly Resource[] = [
  ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'] as const,
  ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'] as const,
].map(([kind, plural]) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, plural, namespaced: false }));

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

const FIELD_MANAGER = 'canary-webhook-certificates';
const [RETRY_FIRST_MS, RETRY_MAX_MS] = [1000, 30_000];
/** A step that waits for its time is looked at again at least this often: the time of day may have been set. */
const LOOK_AGAIN_MS = 600_000;

/**
 * Keeps the certificates that the replicas share: makes them, renews them, and has the webhook configurations trust them.
 *
 * Every replica does so; which one gets to write is decided by the Secret's resourceVersion, and the others take up what it
 * wrote. Nothing is served before the configurations trust it, and nothing is dropped from them while it may be served.
 *
 * Resolves when something is served that the API server was told to trust; rejects when the signal aborts before.
 */
export function keepCertificates(options: KeeperOptions): Promise<void> {
  const { transport, clock, log, signal, namespace, policy, onServing } = options;
  let wake = new AbortController();
  const look = (): void => wake.abort();
  signal.addEventListener('abort', look, { once: true });

  const follow = <T extends KubeObject>(resource: Resource, name: string, inNamespace?: string) =>
    startReflector<T>({
      transport,
      path: collectionPath(resource, inNamespace),
      query: { fieldSelector: `metadata.name=${name}` },
      signal,
      clock,
      log,
      onChange: look,
    });
  const secrets = follow<Secret>(SECRETS, options.secret, namespace);
  const configurations = CONFIGURATIONS.map((resource) => ({
    resource,
    store: follow<WebhookConfiguration>(resource, options.configuration),
  }));
  let served: string | undefined;

  /** One look at everything; milliseconds until the next, if nothing changes before. */
  async function keep(): Promise<number> {
    const secret = secrets.get(`${namespace}/${options.secret}`);
    if (secret === undefined) {
      throw new Error(
        `there is no Secret ${namespace}/${options.secret}: it is part of the installation, apply it again`,
      );
    }
    const now = clock.date();
    const certificates = readCertificates(secret);
    if (certificates !== undefined) {
      await spread(certificates);
      serve(certificates);
    }
    const step = nextStep(certificates, policy, now);
    const rotated = await rotate(step, certificates, policy, now);
    if (rotated === undefined) {
      const until = step.kind === 'wait' ? step.until.getTime() - now.getTime() : LOOK_AGAIN_MS;
      return Math.min(Math.max(until, RETRY_FIRST_MS), LOOK_AGAIN_MS);
    }
    await write(secret, rotated);
    log.info({ step: step.kind, ...('why' in step ? { why: step.why } : {}) }, 'certificates rotated');
    return LOOK_AGAIN_MS;
  }

  async function write(secret: Secret, certificates: Certificates): Promise<void> {
    const path = objectPath(SECRETS, secret.metadata);
    await transport.request<Secret>({
      method: 'PUT',
      path,
      body: { ...secret, data: secretData(certificates) },
      signal,
    });
  }

  /** Has every webhook of the configurations trust the authorities. */
  async function spread(certificates: Certificates): Promise<void> {
    const bundle = Buffer.from(caBundle(certificates)).toString('base64');
    const name = options.configuration;
    for (const { resource, store } of configurations) {
      const webhooks = store.get(name)?.webhooks ?? [];
      if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === bundle)) continue;
      const trusting = webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle: bundle } }));
      await applyObject(
        { metadata: { name }, webhooks: trusting },
        { transport, resource, fieldManager: FIELD_MANAGER, signal },
      );
    }
  }

  function serve({ serving }: Certificates): void {
    if (served === serving.cert) return;
    served = serving.cert;
    onServing(serving);
  }

  async function run(onReady: () => void): Promise<void> {
    await Promise.all([secrets.synced, ...configurations.map(({ store }) => store.synced)]);
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      wake = new AbortController();
      let waitMs = retryMs;
      try {
        waitMs = await keep();
        retryMs = RETRY_FIRST_MS;
        if (served !== undefined) onReady();
      } catch (error) {
        // Another replica was faster; its Secret is on the way to us.
        if (!isConflict(error) && !signal.aborted) {
          log.error({ err: error }, 'could not keep the certificates, trying again');
          retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
        }
      }
      await pause(clock, waitMs, wake.signal);
    }
  }

  return untilReady(run, signal);
}
