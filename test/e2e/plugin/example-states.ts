import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../../api/generated/canary-action.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { canaryOf, readCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { apply, kubectl } from '../kubectl.ts';

/** Where the canaries podinfo and web stand when an example is typed. */
export type ExampleState = 'at rest' | 'under way' | 'paused' | 'at a gate' | 'failed' | 'ending soon' | 'promoted';

const NAMES = ['podinfo', 'web'];
const SLOW = { interval: '1h', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };
const ANALYSES: Readonly<Record<ExampleState, object>> = {
  'at rest': SLOW,
  'under way': SLOW,
  paused: SLOW,
  'at a gate': { ...SLOW, webhooks: [{ name: 'qa', type: 'confirm-rollout' }] },
  failed: SLOW,
  'ending soon': { ...SLOW, interval: '3s', stepWeights: [50] },
  promoted: {
    ...{ ...SLOW, interval: '1s', stepWeights: [50] },
    metrics: [{ name: 'request-success-rate', interval: '1m', query: 'vector(100)', thresholdRange: { min: 99 } }],
  },
};

/** Makes both canaries in a namespace, and leads them there. */
export async function leadTo(state: ExampleState, server: Transport, namespace: string): Promise<void> {
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);
  await Promise.all(
    NAMES.map(async (name) => {
      await apply(deployment(namespace, name), labelled(canaryOf(namespace, { analysis: ANALYSES[state] }, name)));
      await untilPhase(server, namespace, name, 'Initialized');
      if (state === 'at rest') return;
      await kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, 'podinfo=scale.test/second');
      switch (state) {
        case 'under way':
          await until(name, ({ actualWeight }) => actualWeight === 10, 'at its first step');
          return;
        case 'paused':
          await until(name, ({ actualWeight }) => actualWeight === 10, 'at its first step');
          await ask(server, namespace, name, 'pause');
          await until(name, ({ paused }) => paused !== undefined, 'paused');
          return;
        case 'at a gate':
          await untilPhase(server, namespace, name, 'Waiting');
          return;
        case 'failed':
          await until(name, ({ actualWeight }) => actualWeight === 10, 'at its first step');
          await ask(server, namespace, name, 'abort');
          await untilPhase(server, namespace, name, 'Failed');
          return;
        case 'ending soon':
          await until(name, ({ phase }) => phase !== 'Initialized', 'under way');
          return;
        case 'promoted':
          await untilPhase(server, namespace, name, 'Succeeded');
      }
    }),
  );
}

/** The files that examples name: canary.yaml, and deploy/ with a kustomization. */
export async function writeExampleFiles(folder: string): Promise<void> {
  await mkdir(join(folder, 'deploy'));
  const canary = stringify(canaryOf('default', { analysis: SLOW }));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['canary.yaml'],
  };
  await writeFile(join(folder, 'canary.yaml'), canary);
  await writeFile(join(folder, 'deploy', 'canary.yaml'), canary);
  await writeFile(join(folder, 'deploy', 'kustomization.yaml'), stringify(kustomization));
}

/** Of pods that are ready at once, with a container of the name that examples have. */
function deployment(namespace: string, name: string): object {
  const labels = { app: name };
  const containers = [{ name: 'podinfo', image: 'scale.test/nothing' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

function labelled(canary: object): object {
  const { metadata, ...others } = canary as { readonly metadata: object };
  return { ...others, metadata: { ...metadata, labels: { team: 'shop' } } };
}

async function ask(
  server: Transport,
  namespace: string,
  canary: string,
  action: CanaryActionSpec['action'],
): Promise<void> {
  const { status: { lastAppliedSpec: revision } = {} } = await readCanary(server, namespace, canary);
  await apply({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'CanaryAction',
    metadata: { name: `${canary}-${action}`, namespace },
    spec: { ...{ canary, action, revision } },
  });
}
