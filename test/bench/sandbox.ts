import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { apply, kubectl, kubectlJson } from '../e2e/kubectl.ts';
import { scaleDeployment } from '../e2e/scale.ts';
import type { TakeRow } from './row.ts';

const PODS = 500;
const SAMPLES = 20;

/** What the sandbox costs when nothing else has used it: memory of its processes, and the time of the API server's answer. */
export function benchSandbox(row: TakeRow): void {
  const memory = residentMemory();
  memory.delete('bench');
  const resident = [...memory].filter(([, size]) => size >= 5).toSorted(([, a], [, b]) => b - a);
  for (const [name, size] of resident) row(`resident, ${name}`, `${size.toFixed(0)} MB`);
  row('resident, all', `${[...memory.values()].reduce((sum, size) => sum + size, 0).toFixed(0)} MB`);
  const get = medianMs(() => void execFileSync('kubectl', ['get', 'nodes']));
  const alone = medianMs(() => void execFileSync('kubectl', ['version', '--client']));
  row('kubectl get nodes, whole process, median', `${get.toFixed(0)} ms`);
  row('the same to kubectl that asks nobody', `${(get / alone).toFixed(2)} x`);
}

/** How fast the sandbox brings up pods without processes. */
export async function benchPods(row: TakeRow): Promise<void> {
  const started = performance.now();
  await kubectl('create', 'namespace', 'bench');
  await apply(scaleDeployment('bench', 'bench', PODS));
  for (;;) {
    const { status } = await kubectlJson<{ status: { readyReplicas?: number } }>(
      '-n',
      'bench',
      'get',
      'deployment',
      'bench',
    );
    if (status.readyReplicas === PODS) break;
  }
  row(`${PODS} pods without processes Ready`, `${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Resident megabytes by program, of every process in the sandbox. */
function residentMemory(): Map<string, number> {
  const megabytes = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      const name = programName(argv);
      megabytes.set(name, (megabytes.get(name) ?? 0) + (pages * 4096) / 2 ** 20);
    } catch {
      // It ended while we looked.
    }
  }
  return megabytes;
}

function programName(argv: readonly string[]): string {
  const program = (argv[0] ?? '').split('/').at(-1) ?? '';
  if (program === 'kubernetes') return argv[1] ?? program;
  const script = argv.find((argument) => argument.endsWith('/main.ts'));
  if (script !== undefined) return script.split('/').at(-2) ?? program;
  return program;
}

function medianMs(work: () => void): number {
  const times = Array.from({ length: SAMPLES }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  }).toSorted((a, b) => a - b);
  return times[SAMPLES / 2] ?? 0;
}
