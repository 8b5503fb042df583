// Generated from manifests/crd by `make generate`. Not to be edited by hand.
import type { ObjectMeta } from '../object-meta.ts';

/** A query to a metric provider, with places for what a canary fills in. */
export interface MetricTemplate {
  readonly apiVersion: 'flagger.app/v1beta1';
  readonly kind: 'MetricTemplate';
  readonly metadata: ObjectMeta;
  /** Whom to ask, and what. */
  readonly spec: MetricTemplateSpec;
  /** What the controller has found out about the template. */
  readonly status?: MetricTemplateStatus;
}

/** Whom to ask, and what. */
export interface MetricTemplateSpec {
  /** Whom to ask. */
  readonly provider: MetricProvider;
  /** The query, as a Go template. name, namespace, target, service, ingress, route, interval and variables are filled in. */
  readonly query: string;
}

/** Whom to ask. */
export interface MetricProvider {
  /** Kind of the provider. */
  readonly type:
    | 'cloudwatch'
    | 'datadog'
    | 'dynatrace'
    | 'externalmetrics'
    | 'graphite'
    | 'influxdb'
    | 'keptn'
    | 'newrelic'
    | 'prometheus'
    | 'splunk'
    | 'stackdriver';
  /** URL of the provider. datadog, newrelic and externalmetrics have one of their own. */
  readonly address?: string;
  /** Headers of each request - values by name. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Secret in the template's namespace with the provider's credentials, and under ca.crt the certificates of a private authority. */
  readonly secretRef?: SecretRef;
  /** Region of the provider; cloudwatch needs it. */
  readonly region?: string;
  /** Takes any certificate from the provider. */
  readonly insecureSkipVerify?: boolean;
}

/** Secret in the template's namespace with the provider's credentials, and under ca.crt the certificates of a private authority. */
export interface SecretRef {
  /** Name of the Secret. */
  readonly name: string;
}

/** What the controller has found out about the template. */
export interface MetricTemplateStatus {
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
