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

const other: Manifest = { ...canary(), metadata: { name: 'other' } };

export const wrongInACluster: readonly WrongInACluster[] = [
  wrong('a second canary of one target', canary(), 'spec.targetRef', { existing: [other] }),
  wrong('a canary of the primary of another', canary({ targetRef: { name: 'podinfo-primary' } }), 'spec.targetRef', {
    existing: [other],
  }),
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
  wrong('a template that does not parse', template({}, { query: 'up{job="{{ target }"}' }), 'spec.query'),
  wrong('a template with a variable that is none', template({}, { query: 'up{job="{{ workload }}"}' }), 'spec.query'),
];
