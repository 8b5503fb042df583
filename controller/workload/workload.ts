import type { Canary } from '../../api/generated/canary.ts';
import type { ReleaseNames } from '../../api/names.ts';

/** A pod template, raw. Only what is looked at has a type; all else is kept as it is. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>> & { readonly containers?: readonly Container[] };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

/** A Deployment as the API server returns it, raw. */
export interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** RFC 3339, when it is being deleted. */
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
  };
}

/** What the controller was started with that shapes the objects it makes. */
export interface GenerationOptions {
  /** Labels that tell a workload's pods from others; the first that the target's selector has is used. */
  readonly selectorLabels: readonly string[];
  /** Prefixes of the labels and annotations of a target that its generated objects get too. */
  readonly includeLabelPrefixes: readonly string[];
}

/** The target and what its objects are made for. */
export interface Release {
  readonly canary: Canary;
  readonly names: ReleaseNames;
  readonly target: Deployment;
  readonly options: GenerationOptions;
}
