import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { apiServer } from '../e2e/api-server.ts';
import { eventually } from '../e2e/eventually.ts';
import { getOk } from '../e2e/http.ts';
import { inNamespace } from '../e2e/webhook/deployed.ts';
import { figuresOfProcess } from './controller-processes.ts';
import { everythingInstalled } from './everything-installed.ts';
import { type Costs, type CpuProfile, cpuCosts, type HeapProfile, heapCosts } from './profile-summary.ts';
import { measureReleases } from './releases.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PORT = 18_080;
const LINES = 30;

/** Where the time and the memory of the controller go in releases of so many at once, and where the profiles are for a closer look. */
export async function profileReleases(canaries: number, say: (line: string) => void): Promise<void> {
  await everythingInstalled();
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-profile-'));
  const profiles = ['--cpu-prof', '--heap-prof', `--cpu-prof-dir=${folder}`, `--heap-prof-dir=${folder}`];
  const options = [`--port=${PORT}`, '--lease-namespace=kubectl-canary', '--log-level=warn'];
  // One process of this machine, of the sources, so that the names in the profile are those of the files.
  const program = ['--import', 'tsx', ...profiles, join(ROOT, 'controller', 'main.ts'), ...options];
  await inNamespace('scale', 'deployment/canary-controller', '--replicas=0');
  await inNamespace('wait', '--for=delete', 'pod', '-l', 'app.kubernetes.io/name=canary-controller', '--timeout=60s');
  const controller = execa(process.execPath, program, { stdio: 'inherit', reject: false });
  const server = await apiServer();
  try {
    await eventually(async () => void (await getOk(`http://127.0.0.1:${PORT}/readyz`)));
    const figures = figuresOfProcess(String(controller.pid));
    const metricsUrl = `http://127.0.0.1:${PORT}/metrics`;
    await measureReleases(server, canaries, say, () =>
      Promise.resolve({ leader: figures, standby: figures, metricsUrl }),
    );
  } finally {
    server.close();
    controller.kill('SIGTERM');
    await controller;
    await inNamespace('scale', 'deployment/canary-controller', '--replicas=2');
  }
  const { self, ours } = cpuCosts(await profileIn<CpuProfile>(folder, '.cpuprofile'), ROOT);
  const heap = heapCosts(await profileIn<HeapProfile>(folder, '.heapprofile'), ROOT);
  show('CPU by function of ours, with what it had others do, ms', ours);
  show('CPU by function, on its own account, ms', self);
  show('heap by function of ours, kB', new Map([...heap].map(([name, bytes]) => [name, bytes / 1000])));
  say(`profiles: ${folder}`);

  function show(title: string, costs: Costs): void {
    const all = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
    say(`\n${title}; ${all.toFixed(0)} in all`);
    for (const [name, cost] of [...costs].slice(0, LINES)) {
      say(`${cost.toFixed(0).padStart(8)} ${((100 * cost) / all).toFixed(1).padStart(5)} %  ${name}`);
    }
  }
}

/** Each thread writes one; the loader of TypeScript has one of its own, which has little to do. */
async function profileIn<T>(folder: string, ending: string): Promise<T> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const [largest] = texts.toSorted((one, other) => other.length - one.length);
  if (largest === undefined) throw new Error(`there is no ${ending} in ${folder}`);
  return JSON.parse(largest) as T;
}
