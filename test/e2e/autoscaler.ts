import { kubectlJson } from './kubectl.ts';

export interface AutoscalerOptions {
  readonly namespace: string;
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Millicores that a pod may use. @default 100 */
  readonly cpu?: number;
}

/** A HorizontalPodAutoscaler of the Deployment of its name, that scales down as soon as it may. */
export function autoscaler({ namespace, name, minReplicas, maxReplicas, cpu = 100 }: AutoscalerOptions): object {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      ...{ minReplicas, maxReplicas },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: `${cpu}m` } } },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  };
}

export interface Autoscaler {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly metrics: readonly { readonly resource: { readonly target: { readonly averageValue: string } } }[];
    readonly behavior?: object;
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly reason: string }[] };
}

export function readAutoscaler(namespace: string, name: string): Promise<Autoscaler> {
  return kubectlJson<Autoscaler>('-n', namespace, 'get', 'horizontalpodautoscaler', name);
}
