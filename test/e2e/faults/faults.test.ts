// What befalls a release in its midst: what its users see of it, what their users do, and how it ends. In a cluster that it
// shares with no other test, as parts of that are taken away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { Transport } from '../../../kube/transport/transport.ts';
import { bundleProgram } from '../../bundle-program.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from '../plugin/installed-plugin.ts';
import { FAULT_GROUPS } from './faults.ts';
import { faultsPage, outcomeText } from './faults-page.ts';
import { type FaultyMetrics, startFaultyMetrics } from './faulty-metrics.ts';
import { type Outcome, prepare, runTrial } from './trial.ts';

const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;

describe('a release under load', { skip: sandboxOnly('nobody’s control plane is to be killed') }, () => {
  const plugin = installedPlugin();
  const outcomes = new Map<string, Outcome>();
  let transport: Transport;
  let metrics: FaultyMetrics;
  let programs = '';
  before(async () => {
    programs = await mkdtemp(join(tmpdir(), 'kubectl-canary-faults-'));
    await bundleProgram('controller/main.ts', programs, 'controller');
    await bundleProgram('test/e2e/faults/jumping-clock.ts', programs, 'jumping-clock');
    await execa('make', ['deploy'], { timeout: 240_000 });
    transport = await apiServer();
    metrics = await startFaultyMetrics();
  });
  after(async () => {
    transport.close();
    await metrics.close();
    await rm(programs, { recursive: true, force: true });
    for (const { faults } of FAULT_GROUPS)
      for (const { name } of faults) process.stdout.write(`${name}: ${outcomeText(outcomes.get(name))}\n`);
    if (isUpdated) await writeFile('docs/faults.md', faultsPage(outcomes));
    // With nothing left to do, Node was seen to turn round for ever in the clean-up of its own handles: it is spared that.
    process.once('exit', (code) => process.exit(code));
  });

  for (const { title, faults, sideBySide } of FAULT_GROUPS) {
    describe(`that is disturbed by: ${title}`, { concurrency: sideBySide }, () => {
      const isOfController = faults.some(({ controllers }) => controllers !== undefined);
      before(async () => {
        if (isOfController) await scaleControllers(0);
      });
      // What is left is cleared away by those that are installed.
      after(async () => {
        if (isOfController) await scaleControllers(2);
      });

      for (const fault of faults) {
        describe(fault.name, () => {
          const namespace = testNamespace(fault.name);
          it(`${fault.release}: ${fault.what}`, async (t) => {
            const scene = { transport, metrics, plugin, programs };
            const prepared = await prepare(t, fault, namespace, scene);
            const outcome = await runTrial(t, fault, namespace, scene, prepared);
            outcomes.set(fault.name, outcome);
            t.diagnostic(outcomeText(outcome));
          });
        });
      }
    });
  }
});

async function scaleControllers(replicas: number): Promise<void> {
  const controllers = (...args: readonly string[]) => kubectl('-n', 'kubectl-canary', ...args);
  await controllers('scale', 'deployment/canary-controller', `--replicas=${replicas}`);
  await eventually(async () => {
    const pods = await controllers('get', 'pods', '-l', 'app.kubernetes.io/name=canary-controller', '-o', 'name');
    if (pods.split('\n').filter(Boolean).length !== replicas) throw new Error(`there are ${pods}`);
  });
}
