import fc from 'fast-check';
import { CANARIES, CONFIG_MAPS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS } from '../../../api/resources.ts';
import { collectionPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { autoscaler } from '../../e2e/autoscaler.ts';
import { canaryOf, QUICK_ANALYSIS, rootProxy } from '../../e2e/controller/release.ts';
import { setRevision } from '../../e2e/controller/revision.ts';
import { rightAnswers } from '../../e2e/controller/right-answers.ts';
import { forEach } from '../../e2e/for-each.ts';
import { hookReceiver } from '../../e2e/hook-receiver.ts';
import { apply, kubectl } from '../../e2e/kubectl.ts';
import { podinfo, rolledOut } from '../../e2e/podinfo.ts';
import { scaleDeployment } from '../../e2e/scale.ts';
import type { Member } from './member.ts';
import { persistently, unlessItIsSo } from './persistently.ts';
import { shapes, specOf } from './shape.ts';

export interface FleetSize {
  /** Canaries whose pods have no process. */
  readonly scaled: number;
  /** Of podinfo, under load, measured by Prometheus. */
  readonly served: number;
}

const NAMESPACES = 5;
const AT_A_TIME = 8;

/** What is wrong with a revision is held against it, and that Prometheus is away is not. */
const SERVED_ANALYSIS = {
  ...QUICK_ANALYSIS,
  interval: '6s',
  metrics: [
    {
      ...{ name: 'right-answers', templateRef: { name: 'right-answers' }, thresholdRange: { min: 99 } },
      ...{ interval: '6s', onNoData: 'hold', onError: 'hold' },
    },
  ],
};

/** A fleet of canaries in namespaces of its own, which all begin with `prefix`; the same for the same seed. */
export function fleetOf(size: FleetSize, prefix: string, seed: number): readonly Member[] {
  const drawn = fc.sample(shapes, { seed, numRuns: size.scaled, unbiased: true });
  const receiver = `http://hooks.${prefix}-hooks:8080`;
  const scaled = drawn.map((shape, index): Member => {
    const [namespace, name] = [`${prefix}-${index % NAMESPACES}`, `app-${index}`];
    const { isConfigured, isAutoscaled } = shape;
    return {
      ...{ key: `${namespace}/${name}`, namespace, name, isServed: false, isConfigured, isAutoscaled },
      manifest: canaryOf(namespace, specOf(shape, name, receiver), name),
    };
  });
  const served = Array.from({ length: size.served }, (_, index): Member => {
    const [namespace, name] = [`${prefix}-served`, `podinfo-${index}`];
    return {
      ...{ key: `${namespace}/${name}`, namespace, name, isServed: true, isConfigured: false, isAutoscaled: false },
      manifest: canaryOf(namespace, { analysis: SERVED_ANALYSIS, progressDeadlineSeconds: 60 }, name),
      host: `${name}.${namespace}.test`,
    };
  });
  return [...scaled, ...served];
}

/** Makes all of it; what is not there yet is that the canaries are initialized. */
export async function launch(transport: Transport, members: readonly Member[], prefix: string): Promise<void> {
  const namespaces = [...new Set(members.map(({ namespace }) => namespace)), `${prefix}-hooks`];
  for (const namespace of namespaces) await kubectl('create', 'namespace', namespace);
  await apply(...hookReceiver(`${prefix}-hooks`), rightAnswers(`${prefix}-served`));
  await rolledOut(`${prefix}-hooks`, 'hooks');
  await forEach(members, AT_A_TIME, async (member) => {
    if (member.isServed) await serve(member);
    else await make(transport, member);
    await create(transport, CANARIES, member.namespace, member.manifest);
  });
}

async function make(transport: Transport, { namespace, name, isConfigured, isAutoscaled }: Member): Promise<void> {
  const scaled = scaleDeployment(namespace, name, 1);
  if (isConfigured) {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { number: '0' } };
    await create(transport, CONFIG_MAPS, namespace, config);
  }
  await create(transport, DEPLOYMENTS, namespace, isConfigured ? configured(scaled, name) : scaled);
  if (isAutoscaled) {
    const scaler = autoscaler({ namespace, name, minReplicas: 1, maxReplicas: 4 });
    await create(transport, HORIZONTAL_POD_AUTOSCALERS, namespace, scaler);
  }
}

async function serve({ namespace, name, host = '' }: Member): Promise<void> {
  await apply(...podinfo({ name, namespace, replicas: 2 }), rootProxy(namespace, host, name));
  // With probes that bear the errors of a bad revision.
  await setRevision(namespace, name, { version: '6.9.1' });
  await rolledOut(namespace, name);
}

function configured(deployment: object, name: string): object {
  const { spec, ...rest } = deployment as { spec: { template: { spec: { containers: object[] } } } };
  const containers = spec.template.spec.containers.map((each) => ({ ...each, envFrom: [{ configMapRef: { name } }] }));
  return { ...rest, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
}

function create(transport: Transport, resource: Resource, namespace: string, body: object): Promise<void> {
  const path = collectionPath(resource, namespace);
  return unlessItIsSo(persistently(transport, { method: 'POST', path, body }));
}
