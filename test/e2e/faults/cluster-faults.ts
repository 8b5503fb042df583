import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';
import { signalComponent } from './control-plane.ts';
import type { Fault } from './fault.ts';

const PROMOTED = { where: 'event', text: 'Promotion completed! Scaling down podinfo.test' } as const;
const WENT_ON = [{ where: 'event', text: 'Advance podinfo.test canary weight 50' }, PROMOTED] as const;
/** A write that was under way may be done once it is thawed, when whoever would have told of it is no more. */
const THAWED = [PROMOTED] as const;
/** Envoy asks for its routes anew after up to half a minute; a promotion before that would meet pods that it knows no more. */
const RECONNECTED = { interval: '35s' };
/** Longer than a controller keeps its Lease without an answer. */
const FROZEN_MS = 20_000;
const KILL_MS = 8000;

/** The cluster itself is not well, one part after the other. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  {
    name: 'api-server-killed',
    what: 'The API server is killed every 8 s, and is back after two or three',
    async befall({ untilSeen }) {
      await signalComponent('kube-apiserver', 'SIGKILL');
      // There may be none at the moment.
      const again = setInterval(
        () => void signalComponent('kube-apiserver', 'SIGKILL').catch(() => undefined),
        KILL_MS,
      );
      try {
        await untilSeen();
      } finally {
        clearInterval(again);
      }
      await eventually(() => kubectl('get', '--raw', '/readyz'));
    },
    during: [{ where: 'kubectl', text: 'connection …refused' }],
    afterwards: WENT_ON,
    release: 'stands still, and goes on from its status',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'api-server-frozen',
    what: 'The API server answers nothing for 20 s (SIGSTOP)',
    befall: ({ untilSeen }) => frozen('kube-apiserver', untilSeen),
    during: [{ where: 'kubectl', text: 'Client.Timeout exceeded' }],
    afterwards: THAWED,
    release: 'stands still; the controller gives its Lease up for lost, and whoever takes it goes on from the status',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'etcd-frozen',
    what: 'etcd answers nothing for 20 s (SIGSTOP)',
    befall: ({ untilSeen }) => frozen('etcd', untilSeen),
    during: [{ where: 'kubectl', text: 'Client.Timeout exceeded' }],
    afterwards: THAWED,
    release: 'stands still; the controller gives its Lease up for lost, and whoever takes it goes on from the status',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'gateway-controller-away',
    what: 'The gateway’s controller (Contour) is away; its proxies (Envoy) are there',
    analysis: RECONNECTED,
    async befall({ untilSeen }) {
      await scaleContour(0);
      try {
        await untilSeen();
      } finally {
        await scaleContour(1);
      }
    },
    during: [
      { where: 'waitingFor', reason: 'RouteAccepted', text: 'the gateway has not taken up route podinfo yet' },
      {
        where: 'why',
        text: 'Waits for the gateway to take up the weight: the gateway has not taken up route podinfo yet',
      },
    ],
    afterwards: WENT_ON,
    release: 'asks for the next weight, waits for it, and goes on; fails at `progressDeadlineSeconds`',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
];

async function frozen(component: 'kube-apiserver' | 'etcd', untilSeen: () => Promise<void>): Promise<void> {
  const leader = await holderOfLease();
  await signalComponent(component, 'SIGSTOP');
  try {
    await Promise.all([sleep(FROZEN_MS), untilSeen()]);
  } finally {
    await signalComponent(component, 'SIGCONT');
  }
  await eventually(async () => assert.notEqual(await holderOfLease(), leader, 'nobody has lost the Lease'));
}

function holderOfLease(): Promise<string> {
  const lease = ['get', 'lease', 'kubectl-canary-controller', '-o', 'jsonpath={.spec.holderIdentity}'];
  return kubectl('-n', 'kubectl-canary', ...lease, '--request-timeout=5s');
}

async function scaleContour(replicas: number): Promise<void> {
  await kubectl('-n', 'projectcontour', 'scale', 'deployment/contour', `--replicas=${replicas}`);
  if (replicas > 0) await kubectl('-n', 'projectcontour', 'rollout', 'status', 'deployment/contour', '--timeout=100s');
}
