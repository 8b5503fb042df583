import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import type { MetricTemplate } from '../generated/metric-template.ts';
import type { Provider } from '../provider-abilities.ts';
import type { Reference } from './references.ts';

/** What else there is beside an object, as far as anything here looks at it. */
export interface Cluster {
  /** Of a canary that names none: the one that the controller was started with; `undefined` where that is not known. */
  readonly defaultProvider: Provider | undefined;
  /** Whether a canary may name objects of other namespaces. @default true */
  readonly crossNamespaceRefs?: boolean;
  /** How often Prometheus asks for the metrics that checks are made of. */
  readonly scrapeIntervalMs: number;
  /** The canaries of the object's namespace. The object itself may be among them, as it was. */
  readonly canaries: readonly Canary[];
  /** The templates that the object refers to, as far as they are there. */
  readonly templates: readonly MetricTemplate[];
  /** What the object refers to and is surely not there. */
  readonly missing: readonly Reference[];
  /** Fewest pods that the autoscaler of a canary's target may leave it, where there is one. */
  readonly scalerMinReplicas?: number;
}

/** Looks at one thing in an object beside what else there is. */
export type ClusterRule<T> = (object: T, cluster: Cluster) => Iterable<Finding>;
