/** A Deployment of pods that are Ready at once and have no process: an image that only the sandbox has. */
export function scaleDeployment(namespace: string, name: string, replicas: number): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'nothing', image: 'scale.test/nothing' }] } },
    },
  };
}
