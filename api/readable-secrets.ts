import { analysisOf, analysisPath } from './analysis.ts';
import type { Finding } from './finding.ts';
import type { AlertProvider } from './generated/alert-provider.ts';
import type { Canary } from './generated/canary.ts';
import type { MetricTemplate } from './generated/metric-template.ts';

/** Headers that prove who asks. */
const CREDENTIAL = /^(authorization|proxy-authorization|cookie)$|token|secret|password|api-?key/i;
/** Whoever has the address of one of these may write into the chat. */
const SECRET_ADDRESSES: readonly string[] = ['slack', 'discord', 'msteams', 'gchat', 'rocket'];
const READABLE = 'can be read by everybody with the role view';

/**
 * Warnings of credentials that stand in an object of ours, which is no Secret: Kubernetes' own role view, that has no right to
 * Secrets, reads them. They work, as they do with Flagger.
 */
export function* canaryHidesSecrets({ spec }: Canary): Iterable<Finding> {
  if (hasPassword(spec.metricsServer)) {
    const message = `has a password, which ${READABLE}: write a MetricTemplate with the secretRef of one`;
    yield { path: 'spec.metricsServer', message };
  }
  for (const [index, { url, headers = [] }] of (analysisOf(spec).webhooks ?? []).entries()) {
    const path = `${analysisPath(spec)}.webhooks[${index}]`;
    if (hasPassword(url)) {
      const message = `has a password, which ${READABLE}: write a header Authorization with the valueFrom of a Secret`;
      yield { path: `${path}.url`, message };
    }
    for (const [at, { name, value = '' }] of headers.entries()) {
      if (value === '' || !CREDENTIAL.test(name)) continue;
      yield {
        path: `${path}.headers[${at}].value`,
        message: `${READABLE}: put it into a Secret, and write its valueFrom`,
      };
    }
  }
}

export function* templateHidesSecrets({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  if (hasPassword(provider.address)) {
    const message = `has a password, which ${READABLE}: put it into a Secret, and write its secretRef`;
    yield { path: 'spec.provider.address', message };
  }
  for (const name of Object.keys(provider.headers ?? {})) {
    if (!CREDENTIAL.test(name)) continue;
    const message = `${READABLE}: put it into a Secret under token, or username and password, and write its secretRef`;
    yield { path: `spec.provider.headers.${name}`, message };
  }
}

export function* alertProviderHidesSecrets({ spec: { type, address, proxy } }: AlertProvider): Iterable<Finding> {
  if (address !== undefined && (hasPassword(address) || SECRET_ADDRESSES.includes(type))) {
    yield { path: 'spec.address', message: `${READABLE}: put it into a Secret under address, and write its secretRef` };
  }
  if (hasPassword(proxy)) {
    yield { path: 'spec.proxy', message: `has a password, which ${READABLE}: use a proxy that needs none` };
  }
}

function hasPassword(url = ''): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return password !== '' || username !== '';
}
