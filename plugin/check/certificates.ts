import { X509Certificate } from 'node:crypto';
import { SECRETS } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import { optionOf, SYSTEM_NAMESPACE } from '../cluster/installation.ts';
import { type Answer, ask, notAsked } from './ask.ts';
import { type CheckLine, fail, ok, skip, warn } from './check-line.ts';
import type { InstalledSite, Site } from './site.ts';

const GROUP_PATH = '/apis/admissionregistration.k8s.io/v1';
/** What we are asked about and by whom, as the manifests call it. */
const CONFIGURATION = 'kubectl-canary';
const USUAL_SECRET = 'canary-webhook-certificates';
const DAY_MS = 86_400_000;
/** They are renewed weeks before their end: whose are not by now will not be. */
const SOON_MS = 7 * DAY_MS;

/** A Validating- or MutatingWebhookConfiguration, as far as it is looked at. */
export interface WebhookConfiguration {
  readonly webhooks?: readonly {
    readonly name: string;
    readonly failurePolicy?: string;
    /** PEM, in base64. */
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

export type ConfigurationType = 'validating' | 'mutating';

/** Both configurations, and the certificate that the webhook serves with where the caller may read it. */
export async function checkCertificates(site: InstalledSite): Promise<readonly CheckLine[]> {
  const { clock } = site;
  const types = ['validating', 'mutating'] as const;
  const answers = await Promise.all(types.map((type) => readConfiguration(site, type)));
  const lines = answers.map((answer, index) => judgeConfiguration(types[index] ?? 'validating', answer, clock.date()));
  const authorities = answers.flatMap((answer) => (answer.kind === 'found' ? bundleOf(answer.value) : []));
  return [...lines, ...(await servingLines(site, authorities))];
}

function readConfiguration({ transport, signal }: Site, type: ConfigurationType) {
  return ask<WebhookConfiguration>(transport, {
    ...{ path: `${GROUP_PATH}/${type}webhookconfigurations/${CONFIGURATION}`, signal },
  });
}

async function servingLines(
  { transport, signal, clock, installation }: InstalledSite,
  authorities: readonly X509Certificate[],
): Promise<readonly CheckLine[]> {
  const { webhook } = installation;
  // One that reads its certificate from a folder gets it from somebody else, who knows when it ends.
  if (webhook === undefined || optionOf(webhook, '--certificate-folder') !== undefined) return [];
  const name = optionOf(webhook, '--secret') ?? USUAL_SECRET;
  const path = objectPath(SECRETS, { namespace: webhook.namespace, name });
  const answer = await ask<{ readonly data?: Readonly<Record<string, string>> }>(transport, { path, signal });
  if (answer.kind === 'forbidden') return [notAsked(SERVING, `read Secret ${name} in ${webhook.namespace}`)];
  const pem = answer.kind === 'found' ? answer.value.data?.['tls.crt'] : undefined;
  return [judgeServing(pem, authorities, clock.date())];
}

const SERVING = 'serving certificate';
const RESTART = `kubectl -n ${SYSTEM_NAMESPACE} rollout restart deployment/canary-webhook`;

/** @param pem in base64 */
export function judgeServing(pem: string | undefined, authorities: readonly X509Certificate[], now: Date): CheckLine {
  const [certificate] = certificatesIn(pem);
  if (certificate === undefined) return fail(SERVING, 'there is none in the webhook’s Secret', RESTART);
  if (authorities.length > 0 && !authorities.some((authority) => certificate.checkIssued(authority)))
    return fail(SERVING, 'the API server does not trust who issued it', RESTART);
  return judgeEnd(SERVING, certificate, now);
}

export function judgeConfiguration(
  type: ConfigurationType,
  answer: Answer<WebhookConfiguration>,
  now: Date,
): CheckLine {
  const name = `${type} webhook`;
  if (answer.kind === 'forbidden') return notAsked(name, 'read webhook configurations');
  if (answer.kind === 'missing')
    return fail(name, `there is no ${type}webhookconfiguration ${CONFIGURATION}`, 'kubectl apply -k manifests/webhook');
  const { webhooks = [] } = answer.value;
  const untrusted = webhooks.find(({ clientConfig }) => certificatesIn(clientConfig.caBundle).length === 0);
  if (webhooks.length === 0 || untrusted !== undefined)
    return fail(name, 'it has no caBundle: the API server trusts nobody', RESTART);
  const [last] = bundleOf(answer.value).toSorted((one, other) => endOf(other) - endOf(one));
  if (last === undefined) return skip(name, 'it has no certificate');
  const { text, ...line } = judgeEnd(name, last, now);
  const policies = [...new Set(webhooks.map(({ failurePolicy }) => failurePolicy ?? 'Fail'))];
  return { ...line, text: `failurePolicy ${policies.join(' and ')}, its authority ${text}` };
}

function judgeEnd(name: string, certificate: X509Certificate, now: Date): CheckLine {
  const left = endOf(certificate) - now.getTime();
  const day = new Date(endOf(certificate)).toISOString().slice(0, 10);
  if (left <= 0) return fail(name, `has ended on ${day}`, RESTART);
  return left < SOON_MS ? warn(name, `ends on ${day} and was not renewed`, RESTART) : ok(name, `is valid until ${day}`);
}

function bundleOf({ webhooks = [] }: WebhookConfiguration): readonly X509Certificate[] {
  return webhooks.flatMap(({ clientConfig }) => certificatesIn(clientConfig.caBundle));
}

const CERTIFICATE_BEGIN = '-----BEGIN CERTIFICATE-----';
const CERTIFICATE_END = '-----END CERTIFICATE-----';

/** Those of a bundle that can be read. */
function certificatesIn(encoded = ''): readonly X509Certificate[] {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const blocks = text.split(CERTIFICATE_END).slice(0, -1);
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block.slice(Math.max(0, block.indexOf(CERTIFICATE_BEGIN))) + CERTIFICATE_END)];
    } catch {
      return [];
    }
  });
}

function endOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}
