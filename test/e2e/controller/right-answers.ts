/**
 * A MetricTemplate of the percentage of answers of 2xx that podinfo's canary gave through Contour: podinfo's random errors are of
 * 400, 409 and 500, so that of few requests enough are wrong.
 */
export function rightAnswers(namespace: string): object {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'right-answers', namespace },
    spec: {
      provider: { type: 'prometheus', address: 'http://prometheus.monitoring:9090' },
      query: [
        'sum(rate(envoy_cluster_upstream_rq{envoy_cluster_name="{{ namespace }}_{{ target }}-canary_9898",envoy_response_code=~"2.."}[{{ interval }}]))',
        '/ sum(rate(envoy_cluster_upstream_rq{envoy_cluster_name="{{ namespace }}_{{ target }}-canary_9898"}[{{ interval }}])) * 100',
      ].join('\n'),
    },
  };
}
