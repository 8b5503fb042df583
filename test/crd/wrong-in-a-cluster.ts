// Manifests that are right by themselves, and wrong beside what else there is: the webhook refuses them, no definition can.
import type { Provider } from '../../api/provider-abilities.ts';
import { analysis, blueGreen, canary, type Manifest, metrics, template } from './manifest.ts';

/** A manifest that only the webhook can know to be wrong. */
export interface WrongInACluster {
  readonly why: string;
  readonly needs: 'webhook';
  readonly manifest: Manifest;
  readonly path: string;
  /** What is in the namespace already. */
  readonly existing: readonly Manifest[];
  /** The provider that the controller was started with. */
  readonly provider: Provider;
}

const wrong = (
  why: string,
  manifest: Manifest,
  path: string,
  { existing = [], provider = 'istio' }: Partial<WrongInACluster> = {},
): WrongInACluster => ({ why, needs: 'webhook', manifest, path, existing, provider });

const named = (name: string, manifest: Manifest): Manifest => ({ ...manifest, metadata: { name } });
const other = named('other', canary());
const elsewhere = named('other', canary({ targetRef: { name: 'backend' } }));
const firstLayout: Manifest = {
  ...canary(),
  spec: {
    primary: { name: 'podinfo-v1', host: 'podinfo-v1' },
    canary: { name: 'podinfo', host: 'podinfo' },
    virtualService: { name: 'podinfo' },
    canaryAnalysis: { interval: '1m', threshold: 5, stepWeight: 10, maxWeight: 50 },
  },
};
const asking = template({}, { query: 'up{job="{{ target }}",zone="{{ variables.zone }}"}' });
const templated = { name: 'errors', templateRef: { name: 'error-rate' } };

export const wrongInACluster: readonly WrongInACluster[] = [
  wrong('a second canary of one target', canary(), 'spec.targetRef', { existing: [other] }),
  wrong('a canary of the primary of another', canary({ targetRef: { name: 'podinfo-primary' } }), 'spec.targetRef', {
    existing: [other],
  }),
  wrong('a canary whose primary another one releases', canary(), 'spec.targetRef', {
    existing: [named('other', canary({ targetRef: { name: 'podinfo-primary' } }))],
  }),
  wrong('a second canary of one target in the layout of 2018', firstLayout, 'spec.canary', { existing: [other] }),
  wrong('a Service that another one makes', canary({ service: { name: 'backend' } }), 'spec.service.name', {
    existing: [elsewhere],
  }),
  wrong(
    'a Service that another one makes for its canary',
    canary({ service: { name: 'backend-canary' } }),
    'spec.service.name',
    {
      existing: [elsewhere],
    },
  ),
  wrong('no Gateway where the Gateway API is the default', canary(), 'spec.service.gatewayRefs', {
    provider: 'gatewayapi:v1',
  }),
  wrong('no Ingress where nginx is the default', canary(), 'spec.ingressRef', { provider: 'nginx' }),
  wrong(
    'mirroring where plain Kubernetes is the default',
    blueGreen({ mirror: true }, { provider: null }),
    'spec.analysis.mirror',
    {
      provider: 'kubernetes',
    },
  ),
  wrong(
    'cookies where Traefik is the default',
    analysis({ sessionAffinity: { cookieName: 'canary' } }),
    'spec.analysis.sessionAffinity',
    {
      provider: 'traefik',
    },
  ),
  wrong('a built-in metric that the default provider does not have', metrics({}), 'spec.analysis.metrics[0].name', {
    provider: 'smi:v1alpha3',
  }),
  wrong(
    'a built-in metric that its own provider does not have',
    metrics({ name: 'request-duration' }),
    'spec.analysis.metrics[0].name',
    { provider: 'smi:v1alpha1' },
  ),
  wrong('a query that does not parse', metrics({ name: 'up', query: 'up{{' }), 'spec.analysis.metrics[0].query'),
  wrong(
    'a query with a variable that is none',
    metrics({ name: 'up', query: 'up{pod="{{ pod }}"}' }),
    'spec.analysis.metrics[0].query',
  ),
  wrong(
    'a query with a variable that only a template can be given',
    metrics({ name: 'up', query: 'up{zone="{{ variables.zone }}"}' }),
    'spec.analysis.metrics[0].query',
  ),
  wrong('a template that is not given its variable', metrics(templated), 'spec.analysis.metrics[0].templateVariables', {
    existing: [asking],
  }),
  wrong('a template that does not parse', template({}, { query: 'up{job="{{ target }"}' }), 'spec.query'),
  wrong('a template with a variable that is none', template({}, { query: 'up{job="{{ workload }}"}' }), 'spec.query'),
];
