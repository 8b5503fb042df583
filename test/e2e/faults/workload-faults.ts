import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTOUR_GATEWAY, setImage } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { get, getOk } from '../http.ts';
import { apply, kubectl, kubectlFails, kubectlJson, tryKubectl } from '../kubectl.ts';
import { scaleTo } from '../webhook/deployed.ts';
import type { Fault } from './fault.ts';

const COMPLETED = { where: 'event', text: 'Promotion completed! Scaling down podinfo.test' } as const;
const NO_POD = {
  where: 'event',
  text: 'Halt podinfo.test advancement no canary pod is available, routing all traffic to primary',
} as const;
const REFUSAL = 'nothing is changed today';
const NO_ENDPOINT = 'the Service podinfo-canary has no endpoint that is ready';

interface Refused {
  readonly group: string;
  readonly resource: string;
  /** CEL, of those that are meant. */
  readonly condition: string;
  /** With which kubectl finds one of them. */
  readonly tried: readonly string[];
}

const ROUTES: Refused = {
  ...{ group: 'projectcontour.io', resource: 'httpproxies', condition: 'true', tried: ['podinfo'] },
};
const OF_SERVICE = 'kubernetes.io/service-name';
const ENDPOINTS_OF_CANARY: Refused = {
  ...{ group: 'discovery.k8s.io', resource: 'endpointslices' },
  condition: `oldObject.metadata.labels['${OF_SERVICE}'] == 'podinfo-canary'`,
  tried: ['-l', `${OF_SERVICE}=podinfo-canary`],
};

/** Pods that go or do not come, and what stands between the controller and what it writes. */
export const WORKLOAD_FAULTS: readonly Fault[] = [
  {
    name: 'never-ready',
    what: 'The new revision’s pods are never ready',
    spec: { progressDeadlineSeconds: 15 },
    revision: { version: '6.9.1', flags: ['--unready'] },
    begins: 'with the release',
    befall: ({ untilSeen }) => untilSeen(),
    during: [
      {
        where: 'waitingFor',
        reason: 'CanaryReady',
        text: 'Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
      },
      {
        where: 'why',
        text: 'Waits for the canary’s pods: Waiting for podinfo.test rollout to finish'.replace('’', "'"),
      },
    ],
    afterwards: [
      { where: 'failure', reason: 'CanaryDeadlineExceeded', text: 'podinfo.test rollout made no progress in 15s: …' },
    ],
    release: 'never gets traffic, and fails at `progressDeadlineSeconds`',
    end: 'Failed',
    traffic: 'none',
  },
  {
    name: 'endpoints-late',
    what: 'Kubernetes is late to list the canary’s pods as endpoints of its Service: an admission policy refuses that',
    beforehand: (namespace) => refuse(namespace, ENDPOINTS_OF_CANARY),
    begins: 'with the release',
    async befall({ namespace, untilSeen }) {
      try {
        await untilSeen();
      } finally {
        await refuseNoMore(namespace);
      }
    },
    during: [
      {
        where: 'waitingFor',
        reason: 'CanaryReady',
        text: `Waiting for podinfo.test rollout to finish: ${NO_ENDPOINT}`,
      },
      { where: 'why', text: "Waits for the canary's pods: Waiting for podinfo.test rollout to finish" },
    ],
    afterwards: [COMPLETED],
    release: 'gets no traffic until a gateway can find its pods, and goes on',
    end: 'Succeeded',
    traffic: 'none',
  },
  {
    name: 'unready',
    what: 'The canary’s pods are no longer ready',
    spec: { progressDeadlineSeconds: 15 },
    async befall({ namespace, untilSeen }) {
      for (const { status } of await podsOf(namespace, 'podinfo')) {
        await fetch(`http://${status.podIP}:9898/readyz/disable`, { method: 'POST' });
      }
      await untilSeen();
    },
    during: [
      NO_POD,
      {
        where: 'waitingFor',
        reason: 'CanaryReady',
        text: 'Waiting for podinfo.test rollout to finish: 0 of 1 updated replicas are available',
      },
    ],
    afterwards: [
      { where: 'failure', reason: 'CanaryDeadlineExceeded', text: 'podinfo.test rollout made no progress in 15s: …' },
    ],
    release: 'is back at 0 at once, counts a failed check, and fails at `progressDeadlineSeconds`',
    end: 'Failed',
    traffic: 'none',
  },
  {
    name: 'crashing',
    what: 'The canary’s only pod crashes whenever it has traffic',
    analysis: { threshold: 3 },
    async befall({ namespace, status, until }) {
      const canary = `http://podinfo-canary.${namespace}:9898`;
      await eventually(async () => {
        const { phase, ending, actualWeight = 0 } = status();
        // Ends the process that answers, and so the connection.
        if (actualWeight > 0 && ending === undefined) await get(`${canary}/panic`).catch(() => undefined);
        assert.ok(phase === 'Failed' || ending !== undefined, 'the release goes on');
      }, 150_000);
      await until(({ phase }) => phase === 'Failed', 'Failed');
    },
    during: [],
    afterwards: [
      NO_POD,
      { where: 'event', text: 'Rolling back podinfo.test failed checks threshold reached 3' },
      { where: 'failure', reason: 'ThresholdReached', text: '3 checks have failed' },
    ],
    release: 'is back at 0 each time and earns its traffic anew, and is rolled back at the threshold',
    end: 'Failed',
    traffic: 'some to the canary',
  },
  {
    name: 'evicted',
    what: 'A pod of the canary is evicted, then one of the primary; each side has two',
    replicas: 2,
    // So that it takes time until a new pod counts, and can be seen.
    workload: { minReadySeconds: 5 },
    async befall({ namespace, until, untilSeen }) {
      await evict(namespace, 'podinfo');
      await until(({ waitingFor }) => waitingFor?.reason === 'CanaryReady', 'waiting for the canary');
      await evict(namespace, 'podinfo-primary');
      await untilSeen();
    },
    during: [
      {
        where: 'waitingFor',
        reason: 'CanaryReady',
        text: 'Waiting for podinfo.test rollout to finish: 1 of 2 updated replicas are available',
      },
      {
        where: 'waitingFor',
        reason: 'PrimaryReady',
        text: 'Waiting for podinfo-primary.test rollout to finish: 1 of 2 updated replicas are available',
      },
    ],
    afterwards: [COMPLETED],
    release: 'stays at its weight until all pods are there again, and goes on',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'write-refused',
    what: 'An admission policy refuses every change of the route',
    async befall({ namespace, untilSeen }) {
      await refuse(namespace, ROUTES);
      try {
        await untilSeen();
      } finally {
        await refuseNoMore(namespace);
      }
    },
    during: [
      { where: 'waitingFor', reason: 'WriteRefused', text: `…denied request: ${REFUSAL}` },
      { where: 'condition Ready', reason: 'WriteRefused', text: `…denied request: ${REFUSAL}` },
      { where: 'event', text: `Halt podinfo.test advancement …denied request: ${REFUSAL}` },
      { where: 'why', text: `…denied request: ${REFUSAL}` },
    ],
    afterwards: [COMPLETED],
    release: 'stays at its weight, tries again and again, and goes on once it may',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'route-refused',
    what: 'The gateway refuses the route: its listener no longer takes routes of this namespace',
    gateway: 'gateway-api',
    async befall({ namespace, untilSeen }) {
      await allowRoutesFrom('Same');
      try {
        await untilSeen();
      } finally {
        await allowRoutesFrom('All');
      }
      // All that was still on its way to the gateway is answered before anything else is counted.
      await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host: `podinfo.${namespace}.test` }));
      await sleep(2000);
    },
    during: [
      { where: 'waitingFor', reason: 'RouteRefused', text: 'the gateway refuses route podinfo: contour: …' },
      { where: 'condition Ready', reason: 'RouteRefused', text: 'the gateway refuses route podinfo: contour: …' },
      { where: 'event', text: 'Halt podinfo.test advancement the gateway refuses route podinfo: contour: …' },
      { where: 'why', text: 'Waits for the gateway to take up the weight: the gateway refuses route podinfo' },
    ],
    afterwards: [COMPLETED],
    release: 'stays at its weight, and goes on once the gateway takes the route; fails at `progressDeadlineSeconds`',
    end: 'Succeeded',
    traffic: 'all get 404',
  },
  {
    name: 'webhook-away',
    what: 'The webhook is away when another revision comes',
    promoted: '6.9.2',
    async befall({ namespace, until, untilSeen }) {
      await scaleTo(0);
      try {
        await setImage(namespace, '6.9.2');
        await untilSeen();
        // Nobody saw who it was.
        await until(({ history = [], triggeredBy }) => history.length === 1 && triggeredBy === undefined, 'of nobody');
      } finally {
        await scaleTo(2);
      }
    },
    during: [{ where: 'event', text: 'New revision detected! Restarting analysis for podinfo.test' }],
    afterwards: [COMPLETED],
    release:
      'starts again with the other revision, which the controller finds by its watch; `status.triggeredBy` is empty',
    end: 'Succeeded',
    traffic: 'none',
  },
];

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly podIP: string };
}

/** Those that are not ending: one of the revision before may still be there, and no longer be reached. */
async function podsOf(namespace: string, app: string): Promise<readonly Pod[]> {
  const { items } = await kubectlJson<{ items: Pod[] }>('-n', namespace, 'get', 'pods', '-l', `app=${app}`);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** As a node that is drained evicts its pods. */
async function evict(namespace: string, app: string): Promise<void> {
  const [pod] = await podsOf(namespace, app);
  const name = pod?.metadata.name ?? '';
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const { exitCode, stderr } = await tryKubectl(eviction, 'create', '--raw', path, '-f', '-');
  assert.equal(exitCode, 0, stderr);
}

/** An admission policy that refuses what is done to some objects, tried out on one of them. */
async function refuse(namespace: string, { group, resource, condition, tried }: Refused): Promise<void> {
  await apply(...refusingPolicy(namespace, group, resource, condition));
  const change = ['annotate', resource, ...tried, 'tried=yes', '--overwrite', '--dry-run=server'];
  await eventually(async () => assert.match(await kubectlFails('-n', namespace, ...change), new RegExp(REFUSAL)));
}

async function refuseNoMore(namespace: string): Promise<void> {
  await kubectl('delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', `refuse-${namespace}`);
}

function refusingPolicy(namespace: string, group: string, resource: string, condition: string): readonly object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: `refuse-${namespace}` };
  const rule = { apiGroups: [group], apiVersions: ['*'], resources: [resource], operations: ['UPDATE'] };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return [
    {
      ...{ apiVersion, kind: 'ValidatingAdmissionPolicy', metadata },
      spec: {
        matchConstraints: { resourceRules: [rule], namespaceSelector },
        matchConditions: [{ name: 'meant', expression: condition }],
        validations: [{ expression: 'false', message: REFUSAL }],
      },
    },
    {
      ...{ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata },
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
}

async function allowRoutesFrom(from: 'Same' | 'All'): Promise<void> {
  const patch = [{ op: 'replace', path: '/spec/listeners/0/allowedRoutes/namespaces/from', value: from }];
  await kubectl('-n', 'projectcontour', 'patch', 'gateway', 'contour', '--type=json', '-p', JSON.stringify(patch));
}
