// Each example of help and of docs/kubectl-canary.md does what it says, typed as it stands there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { Transport } from '../../../kube/transport/transport.ts';
import { SPECS } from '../../../plugin/specs.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';
import { type ExampleState, leadTo, writeExampleFiles } from './example-states.ts';
import { installedPlugin } from './installed-plugin.ts';

interface Fixture {
  /** Where its canaries stand; without it there are none. */
  readonly state?: ExampleState;
  /** It changes something, and so has canaries of its own. */
  readonly acts?: true;
  /** @default 0 */
  readonly exitCode?: number;
}

const acting = (state: ExampleState): Fixture => ({ state, acts: true });

/** By the name of the command, or by the very example. */
const FIXTURES: Readonly<Record<string, Fixture>> = {
  get: { state: 'under way' },
  status: { state: 'under way' },
  watch: acting('ending soon'),
  wait: acting('ending soon'),
  'kubectl canary wait podinfo --for gate=qa --timeout 30m': { state: 'at a gate' },
  history: { state: 'promoted' },
  diff: { state: 'under way', exitCode: 1 },
  'kubectl canary diff podinfo --revision 1': { state: 'promoted', exitCode: 1 },
  analysis: { state: 'promoted' },
  events: { state: 'under way' },
  tree: { state: 'under way' },
  why: { state: 'under way' },
  promote: acting('under way'),
  approve: acting('at a gate'),
  reject: acting('at a gate'),
  pause: acting('under way'),
  resume: acting('paused'),
  abort: acting('under way'),
  retry: acting('failed'),
  undo: acting('promoted'),
  'set image': acting('at rest'),
  restart: acting('at rest'),
  plan: { state: 'at rest' },
  lint: {},
  check: {},
  version: {},
  completion: {},
  options: {},
};

const EXAMPLES = SPECS.flatMap(({ name, examples }) =>
  examples.map(({ command }) => ({ command, fixture: FIXTURES[command] ?? FIXTURES[name] })),
);

describe('the example', {
  concurrency: 3,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const plugin = installedPlugin();
  const run = randomBytes(3).toString('hex');
  const namespaces: string[] = [];
  const shared = new Map<ExampleState, Promise<string>>();
  let folder = '';
  let kubeconfigs = 0;
  let server: Transport;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-examples-'));
    await writeExampleFiles(folder);
    server = await apiServer();
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
    if (namespaces.length > 0) await kubectl('delete', 'namespace', ...namespaces, '--wait=false');
  });

  async function namespaceWith(state: ExampleState | undefined): Promise<string> {
    const namespace = `examples-${run}-${namespaces.length}`;
    namespaces.push(namespace);
    await kubectl('create', 'namespace', namespace);
    if (state !== undefined) await leadTo(state, server, namespace);
    return namespace;
  }

  function namespaceOf({ state, acts }: Fixture): Promise<string> {
    if (state === undefined || acts === true) return namespaceWith(state);
    const made = shared.get(state) ?? namespaceWith(state);
    shared.set(state, made);
    return made;
  }

  /** A kubeconfig whose current context is of the namespace, as nobody types it in an example. */
  async function kubeconfigOf(namespace: string): Promise<string> {
    const file = join(folder, `${++kubeconfigs}.kubeconfig`);
    await writeFile(file, await kubectl('config', 'view', '--raw', '--flatten'));
    await kubectl('config', 'set-context', '--current', `--namespace=${namespace}`, `--kubeconfig=${file}`);
    return file;
  }

  for (const { command, fixture } of EXAMPLES) {
    it(command, async () => {
      assert.ok(fixture !== undefined, `say in FIXTURES where the canaries stand when it is typed: ${command}`);
      const namespace = await namespaceOf(fixture);
      const env = { KUBECONFIG: await kubeconfigOf(namespace), PATH: plugin.path(), LC_ALL: 'C.UTF-8' };
      // Several have a namespace shop, each in another state.
      const typed = command.replace(/-n shop\b/, `-n ${namespace}`);
      const { exitCode, stderr, stdout } = await execa('bash', ['-c', typed], {
        ...{ cwd: folder, env, reject: false, timeout: 120_000, stdin: 'ignore' },
      });
      assert.equal(exitCode, fixture.exitCode ?? 0, `${stderr}\n${stdout}`);
    });
  }
});
