import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import {
  action,
  affinity,
  alertProvider,
  analysis,
  blueGreen,
  canary,
  headers,
  hooks,
  type Manifest,
  metrics,
  service,
  template,
} from './manifest.ts';

/** A manifest that has to be accepted as it is. */
export interface Right {
  readonly what: string;
  readonly manifest: Manifest;
}

const right = (what: string, manifest: Manifest): Right => ({ what, manifest });

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** All that users find in examples/, by file. */
export async function examples(): Promise<readonly Right[]> {
  const folders = await readdir(EXAMPLES, { withFileTypes: true });
  const found: Right[] = [];
  for (const { name } of folders.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const text = await readFile(join(EXAMPLES, name, 'canary.yaml'), 'utf8').catch(() => '');
    for (const document of parseAllDocuments(text)) {
      if (document.errors[0] !== undefined) throw document.errors[0];
      const manifest = document.toJS() as Manifest;
      if (manifest !== null) found.push(right(`examples/${name}/canary.yaml, its ${manifest.kind}`, manifest));
    }
  }
  return found;
}

const MATCH = [
  { headers: { cookie: { regex: '^(.*?;)?(type=insider)(;.*)?$' } } },
  { sourceLabels: { app: 'tester' } },
];
const HPA = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };

/** The manifests that the project began with, from 2018 on. */
const beginnings: readonly Right[] = [
  right('a Canary in the layout of 2018, with a primary of its own', {
    ...canary(),
    spec: {
      targetKind: 'Deployment',
      virtualService: { name: 'podinfo' },
      primary: { name: 'podinfo', host: 'podinfo' },
      canary: { name: 'podinfo-canary', host: 'podinfo-canary' },
      canaryAnalysis: {
        threshold: 10,
        maxWeight: 50,
        stepWeight: 5,
        metrics: [
          { name: 'istio_requests_total', threshold: 99, interval: '1m' },
          { name: 'istio_request_duration_seconds_bucket', threshold: 500, interval: '1m' },
        ],
      },
    },
  }),
  right('a Canary of v1alpha3, of a Service', {
    ...canary(),
    apiVersion: 'flagger.app/v1alpha3',
    spec: {
      provider: 'kubernetes',
      targetRef: { apiVersion: 'core/v1', kind: 'Service', name: 'podinfo' },
      service: { port: 9898 },
      canaryAnalysis: { interval: '10s', threshold: 2, iterations: 2, metrics: [] },
    },
  }),
  right(
    'a Canary of Crossover with queries of its own',
    canary({
      provider: 'smi:crossover',
      progressDeadlineSeconds: 60,
      autoscalerRef: { ...HPA, apiVersion: 'autoscaling/v2beta2' },
      analysis: {
        interval: '1m',
        threshold: 5,
        maxWeight: 50,
        stepWeight: 5,
        metrics: [
          { name: 'error-rate', templateRef: { name: 'error-rate' }, thresholdRange: { max: 1 }, interval: '30s' },
          { name: 'latency', templateRef: { name: 'latency' }, thresholdRange: { max: 0.5 }, interval: '30s' },
        ],
        webhooks: [
          {
            name: 'acceptance-test',
            type: 'pre-rollout',
            url: 'http://flagger-loadtester.test/',
            timeout: '30s',
            metadata: { type: 'bash', cmd: "curl -sd 'test' http://podinfo-canary.test:9898/token | grep token" },
          },
          { name: 'load-test', url: 'http://flagger-loadtester.test/', timeout: '5s', metadata: { cmd: 'hey -z 1m' } },
        ],
      },
    }),
  ),
  right(
    'a template for a rate of errors',
    template(
      { address: 'http://flagger-prometheus:9090' },
      { query: '100 - rate(envoy_cluster_upstream_rq{envoy_cluster_name="{{ target }}-canary"}[{{ interval }}])' },
    ),
  ),
];

const canaries: readonly Right[] = [
  right('the least that a canary needs', canary()),
  right('no greatest weight', analysis({ maxWeight: null })),
  right('a step that does not divide the greatest weight', analysis({ stepWeight: 20, maxWeight: 50 })),
  right('weights of its own', analysis({ stepWeight: null, maxWeight: null, stepWeights: [1, 2, 10, 80] })),
  // Flagger does not look at maxWeight then, and says so in an example.
  right('weights that pass a maxWeight', analysis({ stepWeight: null, stepWeights: [10, 20, 30, 40, 50, 60] })),
  right('a way back in one step', analysis({ stepWeightPromotion: 100 })),
  right('no drain', analysis({ drainSeconds: 0 })),
  right('an interval of several units', analysis({ interval: '1m30s' })),
  right('an interval of a day', analysis({ interval: '1440m' })),
  right('an interval shorter than Flagger’s least', analysis({ interval: '2s' })),
  right('a primary that need not be ready', analysis({ primaryReadyThreshold: 0, canaryReadyThreshold: 50 })),
  right('blue/green', blueGreen()),
  right('blue/green with copies of half of the requests', blueGreen({ mirror: true, mirrorWeight: 50 })),
  right('a share of mirroring that is switched off', blueGreen({ mirror: false, mirrorWeight: 50 })),
  right('A/B', blueGreen({ match: MATCH })),
  right('weights of replicas on plain Kubernetes', canary({ provider: 'kubernetes' })),
  right('a DaemonSet', canary({ provider: 'kubernetes', targetRef: { kind: 'DaemonSet' } })),
  right('a Deployment that is said to be of v1, as an example has it', canary({ targetRef: { apiVersion: 'v1' } })),
  right('a Service', canary({ targetRef: { apiVersion: 'v1', kind: 'Service' } })),
  right(
    'a long target with a short Service',
    canary({ targetRef: { name: 'a'.repeat(70) }, service: { name: 'web' } }),
  ),
  right('a name that just fits', service({ name: 'a'.repeat(55) })),
  right('a canary of a quarter', canary({ canaryReplicas: '25%' })),
  right('a canary of two', canary({ canaryReplicas: 2 })),
  right(
    'a primary of 2 to 5',
    canary({ autoscalerRef: { ...HPA, primaryScalerReplicas: { minReplicas: 2, maxReplicas: 5 } } }),
  ),
  right(
    'a KEDA scaler with a query for the primary',
    canary({
      autoscalerRef: {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        name: 'podinfo',
        primaryScalerQueries: { prom: 'sum(rate(http_requests_total{app="podinfo-primary"}[30s]))' },
      },
    }),
  ),
  right('a primary that is restored, and a short history', canary({ drift: 'restore', revisionHistoryLimit: 0 })),
  right('suspended, skipping and reverting', canary({ suspend: true, skipAnalysis: true, revertOnDeletion: true })),
  right(
    'an Ingress of a group that is gone',
    canary({ ingressRef: { apiVersion: 'extensions/v1beta1', kind: 'Ingress', name: 'podinfo' } }),
  ),
];

const services: readonly Right[] = [
  right('a named target port', service({ targetPort: 'http' })),
  right('connections', service({ port: 7070, appProtocol: 'TCP', targetPort: 7070, portName: 'tcp-service-port' })),
  right('a delegate', service({ delegation: true })),
  right('all hosts', service({ hosts: ['*', '*.example.com', 'podinfo'], gateways: ['mesh', 'istio-system/public'] })),
  right('a timeout that only Contour knows', service({ timeout: 'infinity' })),
  right(
    'a Service as the parent of a route',
    service({ gatewayRefs: [{ name: 'podinfo', group: 'core', kind: 'Service', port: 80 }] }),
  ),
  right(
    'a rewrite of the prefix',
    service({ match: [{ uri: { prefix: '/' } }], rewrite: { uri: '/v2', type: 'ReplacePrefixMatch' } }),
  ),
  right(
    'header changes',
    service({ headers: { request: { add: { 'x-a': '1' }, remove: ['x-b'] }, response: { set: { 'x-c': '2' } } } }),
  ),
  right(
    'cross-origin rules',
    service({
      corsPolicy: { allowOrigin: ['example.com'], allowMethods: ['GET'], allowCredentials: false, maxAge: '24h' },
    }),
  ),
  right(
    'a whole traffic policy',
    service({
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 100, connectTimeout: '1s' },
          http: { http2MaxRequests: 1000, idleTimeout: '1h' },
        },
        loadBalancer: { consistentHash: { httpCookie: { name: 'user', ttl: '0s' } } },
        outlierDetection: { consecutive5xxErrors: 5, interval: '30s', baseEjectionTime: '30s', maxEjectionPercent: 50 },
        tls: { mode: 'ISTIO_MUTUAL' },
        portLevelSettings: [{ port: { number: 9898 }, loadBalancer: { simple: 'LEAST_REQUEST' } }],
      },
    }),
  ),
  right(
    'keys that belong to somebody else',
    service({ unmanagedMetadata: { annotations: ['example.com/owner'], labels: ['team'] } }),
  ),
  right('copies for an audit', service({ mirror: [{ backendRef: { name: 'audit', port: 80 } }] })),
  right('traffic that stays close', service({ trafficDistribution: 'PreferSameZone', headless: true })),
  right(
    'a cookie for all of a domain',
    affinity({ domain: 'example.com', path: '/app', sameSite: 'None', secure: true, partitioned: true }),
  ),
];

const checks: readonly Right[] = [
  right(
    'metrics of both built-in kinds',
    metrics({}, { name: 'request-duration', thresholdRange: { min: null, max: 500 } }),
  ),
  right('a limit in its old form', metrics({ thresholdRange: null, threshold: 99 })),
  right('a limit of nothing at all', metrics({ name: 'errors', thresholdRange: null, threshold: 0, query: 'errors' })),
  right(
    'a metric of a template with variables',
    metrics({
      name: '404s percentage',
      templateRef: { name: 'not-found', namespace: 'istio-system' },
      templateVariables: { direction: 'inbound' },
    }),
  ),
  right(
    'an interval that Graphite understands',
    metrics({ name: 'success rate', templateRef: { name: 'graphite' }, interval: '1min' }),
  ),
  right('waiting where there is no data', metrics({ onNoData: 'hold', onError: 'hold' })),
  right(
    'a hook of each type',
    hooks(
      { name: 'start gate', type: 'confirm-rollout', retries: 5 },
      { name: 'helm test', type: 'pre-rollout', timeout: '3m' },
      { name: 'load test', type: '' },
      { name: 'traffic increase gate', type: 'confirm-traffic-increase', muteAlert: true },
      { name: 'promotion gate', type: 'confirm-promotion', disableTLS: true },
      { name: 'notify', type: 'post-rollout', metadata: { some: 'message' } },
      { name: 'rollback gate', type: 'rollback' },
      { name: 'send to chat', type: 'event' },
    ),
  ),
  right('a gate that a person opens', hooks({ name: 'sign-off', type: 'confirm-promotion', url: null })),
  right(
    'a gate that somebody else than the author opens',
    hooks({ name: 'sign-off', type: 'confirm-promotion', url: null, approvers: 'notAuthor' }),
  ),
  right('a hook at an address', hooks({ url: 'https://user@[fd00::1]:8443/gate?x=1#y', timeout: '500ms' })),
  right(
    'a header from a Secret',
    headers(
      { name: 'Authorization', valueFrom: { secretKeyRef: { name: 'hooks', key: 'token' } } },
      { name: 'X-A', value: '' },
    ),
  ),
  right(
    'alerts',
    analysis({
      alerts: [
        { name: 'dev', severity: '', providerRef: { name: 'dev', namespace: 'flagger' } },
        { name: 'qa', providerRef: { name: 'qa' } },
      ],
    }),
  ),
];

const others: readonly Right[] = [
  right('a Prometheus with headers', template({ headers: { 'X-Scope-OrgID': ['tenant'] }, insecureSkipVerify: true })),
  right('Datadog at its own address', template({ type: 'datadog', address: null, secretRef: { name: 'datadog' } })),
  right('CloudWatch', template({ type: 'cloudwatch', address: null, region: 'ap-northeast-1' })),
  right(
    'Splunk by its stream',
    template({ type: 'splunk', address: 'wss://stream.us1.example.com', secretRef: { name: 'splunk' } }),
  ),
  right('external metrics by host and port', template({ type: 'externalmetrics', address: '10.0.0.1:6443' })),
  right('Keptn, which has no address', template({ type: 'keptn', address: null })),
  right('an alert provider', alertProvider()),
  right('an alert provider of one’s own', alertProvider({ type: 'webhook' })),
  right(
    'an alert provider with a Secret and a proxy',
    alertProvider({ address: null, secretRef: { name: 'hook' }, proxy: 'http://proxy:3128' }),
  ),
  right('an abort', action()),
  right('a reason of two lines, with signs of several letters', action({ reason: 'seen by\nus: 👩‍🚀 خوب' })),
  right('a full promotion', action({ action: 'promote', full: true, reason: 'tested by hand' })),
  right('a promotion to a step', action({ action: 'promote', toStep: 3 })),
  right('a promotion from before the first step', action({ action: 'promote', fromStep: 0 })),
  right(
    'an approval of one gate',
    action({
      action: 'approve',
      gate: 'sign-off',

      requestedAt: '2026-01-02T03:04:05Z',
    }),
  ),
];

export const rightManifests: readonly Right[] = [...beginnings, ...canaries, ...services, ...checks, ...others];
