import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { canary } from '../crd/manifest.ts';
import { apply, kubectl } from '../e2e/kubectl.ts';
import type { TakeRow } from './row.ts';

const NAMESPACE = 'bench-plugin';
const CANARIES = 100;
const SAMPLES = 20;

/** What `kubectl canary` takes as a whole process, as the executable that people get, beside kubectl itself. */
export async function benchPlugin(row: TakeRow): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  await execa('make', ['plugin', `PLATFORMS=${platform}`], { timeout: 300_000 });
  const helpers = mkdtempSync(join(tmpdir(), 'kubectl-canary-bench-'));
  const path = [helpers, resolve('dist', 'executables', platform), process.env['PATH'] ?? ''].join(delimiter);
  const helper = join(helpers, 'kubectl_complete-canary');
  writeFileSync(
    helper,
    execFileSync('kubectl', ['canary', 'completion', 'kubectl'], { env: { ...process.env, PATH: path } }),
  );
  chmodSync(helper, 0o755);
  await kubectl('create', 'namespace', NAMESPACE);
  await kubectl('apply', '-k', 'manifests/crd');
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd/canaries.flagger.app');
  try {
    await apply(...Array.from({ length: CANARIES }, (_, index) => numbered(index)));
    const there = ['-n', NAMESPACE];
    await begin('canary-7');
    compare(row, path, [
      ['kubectl version --client, which asks nobody', 'kubectl', ['version', '--client']],
      [`kubectl get canaries, of ${CANARIES}`, 'kubectl', ['get', 'canaries', ...there]],
      ['kubectl canary get, of the same', 'kubectl', ['canary', 'get', ...there]],
      ['kubectl-canary get, without kubectl before it', 'kubectl-canary', ['get', ...there]],
      ['kubectl canary status, of a release', 'kubectl', ['canary', 'status', 'canary-7', ...there]],
      ['kubectl-canary status, without kubectl before it', 'kubectl-canary', ['status', 'canary-7', ...there]],
      ['kubectl canary --help', 'kubectl', ['canary', '--help']],
      ['kubectl-canary __complete, a command', 'kubectl-canary', ['__complete', 'ge']],
      ['kubectl-canary __complete, a canary', 'kubectl-canary', ['__complete', 'get', ...there, '']],
      ['kubectl __complete canary, a canary', 'kubectl', ['__complete', 'canary', 'get', ...there, '']],
    ]);
  } finally {
    rmSync(helpers, { recursive: true });
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
}

function numbered(index: number): object {
  const { metadata, ...others } = canary() as { readonly metadata: object };
  return { ...others, metadata: { ...metadata, name: `canary-${index}`, namespace: NAMESPACE } };
}

/** What a release has that is under way, and the workloads that `status` asks for; no controller is there to move it. */
async function begin(name: string): Promise<void> {
  const now = new Date().toISOString();
  const check = { kind: 'Metric', verdict: 'Pass', thresholdRange: { min: 99 }, checkedAt: now };
  const measurements = Array.from({ length: 20 }, () => ({ checkedAt: now, verdict: 'Pass', value: 99.5, weight: 20 }));
  const status = {
    ...{ phase: 'Progressing', step: 2, steps: 5, desiredWeight: 20, actualWeight: 20, canaryWeight: 20 },
    ...{ lastAppliedSpec: 'a'.repeat(64), lastPromotedSpec: 'b'.repeat(64), startedAt: now, stepStartedAt: now },
    checks: ['request-success-rate', 'request-duration'].map((of) => ({
      ...check,
      name: of,
      value: 99.5,
      measurements,
    })),
    waitingFor: { reason: 'StepInterval', message: 'the step is held', until: now },
  };
  await kubectl(
    ...['-n', NAMESPACE, 'patch', 'canary', name, '--subresource=status', '--type=merge'],
    ...['-p', JSON.stringify({ status })],
  );
  for (const target of ['podinfo', 'podinfo-primary']) {
    await kubectl('-n', NAMESPACE, 'create', 'deployment', target, '--image=scale.test/nothing', '--replicas=0');
  }
}

type Measured = readonly [what: string, program: string, args: readonly string[]];

/** Medians of processes that take turns, so that what else the machine does is shared by all, and the most memory that each had. */
function compare(row: TakeRow, path: string, all: readonly Measured[]): void {
  const env = { ...process.env, PATH: path };
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  const times = new Map(all.map(([what]) => [what, [] as number[]]));
  // The first of each only fills the caches.
  for (let sample = -1; sample < SAMPLES; sample++) {
    for (const [what, program, args] of all) {
      const started = performance.now();
      // kubectl's completion says on standard error how it ended.
      execFileSync(program, args, { env, stdio: args[0] === '__complete' ? 'ignore' : [...stdio] });
      if (sample >= 0) times.get(what)?.push(performance.now() - started);
    }
  }
  for (const [what, program, args] of all) {
    const median = times.get(what)?.toSorted((a, b) => a - b)[SAMPLES / 2] ?? 0;
    row(`${what}: median`, `${median.toFixed(0)} ms`);
    row(`${what}: memory`, `${maxResidentMb(program, args, env).toFixed(0)} MB`);
  }
}

/** Node does not tell it of a process that it has run. */
function maxResidentMb(program: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const script = `import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`;
  return Number(execFileSync('python3', ['-c', script, program, ...args], { env, encoding: 'utf8' })) / 1024;
}
