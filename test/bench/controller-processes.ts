import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inNamespace } from '../e2e/webhook/deployed.ts';
import { cpuSecondsOf } from './cpu-by-program.ts';

/** What the kernel says of a process; looking costs the process nothing. */
export interface ProcessFigures {
  /** User and system time since it began. */
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
  /** The most that was resident at a time since it began. */
  readonly peakMegabytes: number;
}

export interface ControllerProcesses {
  readonly leader: () => ProcessFigures;
  /** The replica that has everything in memory and does nothing. */
  readonly standby: () => ProcessFigures;
  /** Where the leader tells its metrics. */
  readonly metricsUrl: string;
}

const DEPLOYMENT = 'deployment/canary-controller';
const SELECTOR = 'app.kubernetes.io/name=canary-controller';
const LEASE = 'kubectl-canary-controller';

/** Starts both replicas anew, so that what they have is of what comes now, and gives them when one of them leads. */
export async function freshController(): Promise<ControllerProcesses> {
  await inNamespace('rollout', 'restart', DEPLOYMENT);
  await inNamespace('rollout', 'status', DEPLOYMENT, '--timeout=120s');
  for (;;) {
    const pods = await words('get', 'pods', '-l', SELECTOR, '-o', 'jsonpath={.items[*].metadata.name}');
    const [holder = ''] = await words('get', 'lease', LEASE, '-o', 'jsonpath={.spec.holderIdentity}');
    // Who holds the lease is a pod's name and a random number.
    const leader = pods.find((pod) => holder.startsWith(`${pod}_`));
    const standby = pods.find((pod) => pod !== leader);
    if (pods.length === 2 && leader !== undefined && standby !== undefined) {
      const [address] = await words('get', 'pod', leader, '-o', 'jsonpath={.status.podIP}');
      const metricsUrl = `http://${address}:8080/metrics`;
      return { leader: figuresOf(leader), standby: figuresOf(standby), metricsUrl };
    }
    await sleep(500);
  }
}

async function words(...args: string[]): Promise<readonly string[]> {
  return (await inNamespace(...args)).split(' ').filter((word) => word !== '');
}

/** Pods are processes of the sandbox, which sees them in its `/proc`. */
function figuresOf(pod: string): () => ProcessFigures {
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && isControllerIn(pod, entry));
  if (pid === undefined) throw new Error(`there is no process of ${pod}`);
  return figuresOfProcess(pid);
}

export function figuresOfProcess(pid: string): () => ProcessFigures {
  return () => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
    return {
      cpuSeconds: cpuSecondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      residentMegabytes: megabytes('VmRSS'),
      peakMegabytes: megabytes('VmHWM'),
    };
  };
}

function isControllerIn(pod: string, pid: string): boolean {
  try {
    const [program = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (!program.endsWith('/node') || !script.endsWith('/controller.mjs')) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOSTNAME=${pod}`);
  } catch {
    // It ended while we looked.
    return false;
  }
}
