import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../../e2e/eventually.ts';
import { kubectl } from '../../e2e/kubectl.ts';
import { type ControllerSample, sampleControllers } from './controller-samples.ts';

/** What befalls everything that the controller stands on, one at a time. */
interface Fault {
  /** Whether the API server is away meanwhile, so that pods come up late. */
  readonly takesServer: boolean;
  /** Whether the controller that leads is another one afterwards, so that its memory is not one curve. */
  readonly endsLeader: boolean;
  /** Resolves when it is over and all is well again. */
  readonly strike: (transport: Transport) => Promise<void>;
}

const OURS = 'kubectl-canary';
/** Their command lines, and not those of what started them. */
const API_SERVER = '^[^ ]*/kubernetes kube-apiserver';
const PROMETHEUS = '^[^ ]*/prometheus --config';
/** The lease is renewed each three seconds, and given up after ten without an answer. */
const BRIEFLY_MS = 5000;
const LONGER_THAN_A_LEASE_MS = 12_000;
const AWAY_MS = 20_000;

export const RELEASE_FAULTS = {
  'SIGKILL to the leader': {
    ...{ takesServer: false, endsLeader: true },
    strike: async (transport) => {
      const { pod } = await leading(transport);
      await kubectl('-n', OURS, 'delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false');
      await isUp('canary-controller');
      await eventually(() => leading(transport), 120_000);
    },
  },
  'controllers replaced in good order': {
    ...{ takesServer: false, endsLeader: true },
    strike: async (transport) => {
      await kubectl('-n', OURS, 'rollout', 'restart', 'deployment/canary-controller');
      await isUp('canary-controller');
      await eventually(() => leading(transport), 120_000);
    },
  },
  'SIGKILL to the API server': {
    ...{ takesServer: true, endsLeader: false },
    strike: async (transport) => {
      await signal(API_SERVER, 'SIGKILL');
      await answers(transport);
    },
  },
  'SIGSTOP to the API server, briefly': {
    ...{ takesServer: true, endsLeader: false },
    strike: (transport) => freeze(transport, BRIEFLY_MS),
  },
  'SIGSTOP to the API server, for longer than a lease': {
    ...{ takesServer: true, endsLeader: true },
    strike: async (transport) => {
      await freeze(transport, LONGER_THAN_A_LEASE_MS);
      await eventually(() => leading(transport), 120_000);
    },
  },
  'all connections of the API server cut': {
    ...{ takesServer: true, endsLeader: false },
    strike: async (transport) => {
      // A fault before it may have cost the lease.
      const before = await eventually(() => leading(transport), 120_000);
      // ss complains of those that it may not end, which are none of the API server's.
      await execa('ss', ['-K', 'sport', '=', ':6443'], { reject: false });
      await eventually(async () => {
        const after = (await sampleControllers(transport)).find(({ life }) => life === before.life);
        if (after === undefined || after.watchEnds <= before.watchEnds) throw new Error('no watch was cut');
      }, 120_000);
      await answers(transport);
    },
  },
  'SIGKILL to the webhooks': {
    ...{ takesServer: false, endsLeader: false },
    strike: async () => {
      const label = 'app.kubernetes.io/name=canary-webhook';
      await kubectl('-n', OURS, 'delete', 'pod', '-l', label, '--force', '--grace-period=0', '--wait=false');
      await isUp('canary-webhook');
    },
  },
  'Prometheus away': {
    ...{ takesServer: false, endsLeader: false },
    strike: async () => {
      await signal(PROMETHEUS, 'SIGSTOP');
      await sleep(AWAY_MS);
      await signal(PROMETHEUS, 'SIGCONT');
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type ReleaseFaultName = keyof typeof RELEASE_FAULTS;

async function freeze(transport: Transport, forMs: number): Promise<void> {
  await signal(API_SERVER, 'SIGSTOP');
  await sleep(forMs);
  await signal(API_SERVER, 'SIGCONT');
  await answers(transport);
}

/** To programs of the sandbox, which is all that can be seen in its namespaces. */
async function signal(commandLine: string, name: NodeJS.Signals): Promise<void> {
  const { stdout } = await execa('pgrep', ['-f', commandLine]);
  for (const pid of stdout.split('\n')) process.kill(Number(pid), name);
}

async function answers(transport: Transport): Promise<void> {
  await eventually(() => transport.text({ path: '/readyz', deadlineMs: 5000 }), 180_000);
}

async function isUp(deployment: string): Promise<void> {
  await eventually(
    () => kubectl('-n', OURS, 'rollout', 'status', `deployment/${deployment}`, '--timeout=100s'),
    180_000,
  );
}

async function leading(transport: Transport): Promise<ControllerSample> {
  const leader = (await sampleControllers(transport)).find(({ isLeading }) => isLeading);
  if (leader === undefined) throw new Error('no controller leads');
  return leader;
}
