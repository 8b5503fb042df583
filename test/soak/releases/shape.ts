import fc from 'fast-check';

/** What a canary of the fleet is like. */
export interface Shape {
  readonly provider: 'contour' | 'kubernetes';
  readonly plan: object;
  readonly threshold: number;
  readonly drainSeconds: number;
  /** Types of hooks without a URL, which a person opens. */
  readonly gates: readonly string[];
  /** Types of hooks that are asked over HTTP, each with the path of its receiver. */
  readonly hooks: readonly (readonly [type: string, path: string])[];
  readonly skipAnalysis: boolean;
  /** Whether its pods use a ConfigMap. */
  readonly isConfigured: boolean;
  readonly isAutoscaled: boolean;
}

const plans = fc.constantFrom(
  { interval: '2s', stepWeight: 25, maxWeight: 50 },
  { interval: '3s', stepWeights: [5, 20, 60] },
  { interval: '2s', stepWeights: [50], stepWeightPromotion: 25 },
  { interval: '1s', stepWeight: 10, maxWeight: 50 },
  { interval: '2s', iterations: 3 },
);

/** Seven of eight are on Contour. */
export const shapes: fc.Arbitrary<Shape> = fc
  .record({
    isWithoutGateway: oneIn(8),
    plan: plans,
    threshold: fc.integer({ min: 1, max: 3 }),
    drainSeconds: fc.integer({ min: 0, max: 2 }),
    gates: fc.constantFrom([], [], [], [], ['confirm-rollout'], ['confirm-promotion'], ['confirm-traffic-increase']),
    hooks: fc.constantFrom(
      [],
      [],
      [['pre-rollout', 'ok']] as const,
      [['rollout', 'ok']] as const,
      [['post-rollout', 'created']] as const,
      [
        ['confirm-rollout', 'ok'],
        ['rollback', 'gate'],
        ['event', 'ok'],
      ] as const,
    ),
    skipAnalysis: oneIn(10),
    isConfigured: oneIn(4),
    isAutoscaled: oneIn(12),
  })
  .map(({ isWithoutGateway, plan, ...rest }) => ({
    ...rest,
    provider: isWithoutGateway ? 'kubernetes' : 'contour',
    plan: isWithoutGateway ? { interval: '2s', iterations: 3 } : plan,
  }));

function oneIn(count: number): fc.Arbitrary<boolean> {
  return fc.nat(count - 1).map((drawn) => drawn === 0);
}

/** The spec of such a Canary, without what names its target. */
export function specOf(shape: Shape, name: string, receiver: string): object {
  const { provider, plan, threshold, drainSeconds, gates, hooks, skipAnalysis, isAutoscaled } = shape;
  const webhooks = [
    ...gates.map((type) => ({ name: `${type}-by-hand`, type })),
    ...hooks.map(([type, path]) => ({ name: type, type, url: `${receiver}/${path}/${name}`, retries: 2 })),
  ];
  return {
    provider,
    // Long enough for a busy machine, short enough for pods that never come up.
    progressDeadlineSeconds: 45,
    ...(skipAnalysis && { skipAnalysis }),
    ...(isAutoscaled && { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name } }),
    analysis: { ...plan, threshold, drainSeconds, ...(webhooks.length > 0 && { webhooks }) },
  };
}
