import type { Finding, Rule } from './finding.ts';
import type { MetricTemplate } from './generated/metric-template.ts';

const WITH_ADDRESS: readonly string[] = ['prometheus', 'graphite', 'influxdb', 'dynatrace', 'splunk'];
const WITH_SECRET: readonly string[] = ['datadog', 'dynatrace', 'newrelic', 'splunk'];
const URL = /^(https?|wss?):\/\/([^\s/?#@]+@)?(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?([/?#]\S*)?$/u;

/** Characters. Each template is kept in memory, and servers take headers of 8 kB. */
const MOST_IN_HEADERS = 16_384;

/** What has to hold between the fields of a MetricTemplate; as `canaryRules`, for manifests/crd/metric-template.yaml. */
export const metricTemplateRules: readonly Rule<MetricTemplate>[] = [
  providerHasAddress,
  addressIsUrl,
  cloudWatchHasRegion,
  providerHasCredentials,
  headersAreBounded,
];

function* providerHasAddress({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  if (WITH_ADDRESS.includes(provider.type) && (provider.address ?? '') === '') {
    yield { path: 'spec.provider.address', message: `write the URL of ${provider.type}` };
  }
}

function* addressIsUrl({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  // externalmetrics takes an API server's host and port.
  if (provider.type === 'externalmetrics' || (provider.address ?? '') === '') return;
  if (!URL.test(provider.address ?? '')) {
    const message = 'write a URL with its scheme and host, such as http://prometheus.monitoring:9090';
    yield { path: 'spec.provider.address', message };
  }
}

function* cloudWatchHasRegion({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  if (provider.type === 'cloudwatch' && (provider.region ?? '') === '') {
    yield { path: 'spec.provider.region', message: 'write the region, such as eu-central-1' };
  }
}

function* providerHasCredentials({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  if (WITH_SECRET.includes(provider.type) && provider.secretRef === undefined) {
    const message = `write the Secret with the credentials of ${provider.type}`;
    yield { path: 'spec.provider.secretRef', message };
  }
}

function* headersAreBounded({ spec: { provider } }: MetricTemplate): Iterable<Finding> {
  const values = Object.values(provider.headers ?? {}).flat();
  const characters = values.reduce((sum, value) => sum + Array.from(value).length, 0);
  if (characters > MOST_IN_HEADERS) {
    const message = `write at most ${MOST_IN_HEADERS} characters in all headers together`;
    yield { path: 'spec.provider.headers', message };
  }
}
