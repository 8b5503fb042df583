import type { Transport } from '../../../kube/transport/transport.ts';
import { getOk } from '../../e2e/http.ts';

/** What one controller says of itself. */
export interface ControllerSample {
  readonly atMs: number;
  readonly pod: string;
  /** The process: a container that was restarted is another one. */
  readonly life: string;
  readonly isLeading: boolean;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly files: number;
  /** Watches that have ended, for whatever reason, and were taken up again. */
  readonly watchEnds: number;
  /** Sockets, timers and what else is open, by what it is. */
  readonly open: Readonly<Record<string, number>>;
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly status: {
      readonly podIP?: string;
      readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[];
    };
  }[];
}

const MB = 2 ** 20;

/** Of all that are ready. */
export async function sampleControllers(transport: Transport): Promise<readonly ControllerSample[]> {
  const { items } = await transport.request<Pods>({
    path: '/api/v1/namespaces/kubectl-canary/pods',
    query: { labelSelector: 'app.kubernetes.io/name=canary-controller' },
    deadlineMs: 5000,
  });
  const samples = items.map(async ({ metadata: { name: pod, deletionTimestamp }, status }) => {
    const [container] = status.containerStatuses ?? [];
    if (status.podIP === undefined || container?.ready !== true || deletionTimestamp !== undefined) return undefined;
    // One that is killed right now has nothing to say.
    const text = await getOk(`http://${status.podIP}:8080/metrics`).catch(() => undefined);
    return text === undefined ? undefined : sampleOf(text, pod, `${pod} ${container.containerID}`);
  });
  return (await Promise.all(samples)).filter((sample) => sample !== undefined);
}

function sampleOf(text: string, pod: string, life: string): ControllerSample {
  const value = (name: string) => seriesOf(text, name)[0]?.value ?? Number.NaN;
  return {
    ...{ atMs: Date.now(), pod, life },
    isLeading: value('leader_election_master_status') === 1,
    residentMb: value('process_resident_memory_bytes') / MB,
    heapMb: value('nodejs_heap_size_used_bytes') / MB,
    files: value('process_open_fds'),
    watchEnds: seriesOf(text, 'reflector_watch_restarts_total').reduce((sum, { value: ends }) => sum + ends, 0),
    open: openOf(text),
  };
}

function openOf(text: string): Readonly<Record<string, number>> {
  const open: Record<string, number> = {};
  for (const { labels, value } of seriesOf(text, 'nodejs_active_resources')) open[labels['type'] ?? ''] = value;
  return open;
}

/** Watches of whole collections that the API server has open, by their kind; not those of single objects, as kubelets have them. */
export async function watchesOf(transport: Transport): Promise<Readonly<Record<string, number>>> {
  const text = await transport.text({ path: '/metrics' });
  const watches = new Map<string, number>();
  for (const { labels, value } of seriesOf(text, 'apiserver_longrunning_requests')) {
    if (labels['verb'] !== 'WATCH' || labels['scope'] === 'resource' || value === 0) continue;
    const kind = [labels['resource'], labels['group']].filter((part) => part !== undefined && part !== '').join('.');
    watches.set(kind, (watches.get(kind) ?? 0) + value);
  }
  return Object.fromEntries(watches);
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function seriesOf(text: string, name: string): readonly Series[] {
  const lines = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'));
  return [...lines].map(([, inside = '', value]) => {
    const labels: Record<string, string> = {};
    for (const [, label = '', is = ''] of inside.matchAll(/(\w+)="([^"]*)"/g)) labels[label] = is;
    return { labels, value: Number(value) };
  });
}
