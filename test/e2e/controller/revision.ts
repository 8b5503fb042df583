import assert from 'node:assert/strict';
import { kubectl } from '../kubectl.ts';
import { podinfo } from '../podinfo.ts';
import type { LoadReport } from './load.ts';

/** A third of its requests gets a 400, 409 or 500 with no text. */
export const FAILING: readonly string[] = ['--random-error'];
const ITS_STATUSES: readonly number[] = [200, 400, 409, 500];
/** Always 600 ms, as it draws whole numbers from 600 to below 601. */
export const SLOW: readonly string[] = [
  ...['--random-delay', '--random-delay-unit=ms', '--random-delay-min=600', '--random-delay-max=601'],
];

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}
interface Container {
  readonly readinessProbe: object;
  readonly livenessProbe: object;
}

/** Changes the pod template of a Deployment to that of podinfo in another version and with flags. */
export async function setRevision(
  namespace: string,
  name: string,
  { version, flags = [] }: { readonly version: string; readonly flags?: readonly string[] },
): Promise<void> {
  const [deployment] = podinfo({ name, namespace, version, flags });
  const { template } = (deployment as Deployment).spec;
  // Probes get the faults too: for how it serves a revision is to be judged, and not for how it starts.
  const patient = { failureThreshold: 60, timeoutSeconds: 5 };
  const containers = template.spec.containers.map((container) => ({
    ...container,
    readinessProbe: { ...container.readinessProbe, ...patient },
    livenessProbe: { ...container.livenessProbe, ...patient },
  }));
  const patch = { spec: { template: { ...template, spec: { ...template.spec, containers } } } };
  await kubectl('-n', namespace, 'patch', 'deployment', name, '-p', JSON.stringify(patch));
}

/** Asserts that all which failed was answered by a `FAILING` revision itself: a gateway's own 503 has a text. */
export function assertItsOwnFailures({ statuses, failures }: Pick<LoadReport, 'statuses' | 'failures'>): void {
  assert.ok(failures.length > 0, 'nothing failed');
  assert.deepEqual(
    failures.filter(({ what }) => what !== '500 '),
    [],
  );
  assert.deepEqual(
    [...statuses.keys()].filter((status) => !ITS_STATUSES.includes(status)),
    [],
  );
}
