// The plugin among shells, pipes and kubectl: exit codes, help, completion, and no stack for whatever goes wrong.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { Transport } from '../../../kube/transport/transport.ts';
import { gatesOf } from '../../../plugin/cluster/names.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { canaryOf } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { apply } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

const WEIGHTS = { interval: '1h', threshold: 3, stepWeights: [10] };

describe('kubectl canary in a shell', { skip: sandboxOnly('it needs the definitions of a canary') }, () => {
  const plugin = installedPlugin();
  const namespace = testNamespace('shell');
  let folder = '';
  let server: Transport;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-shell-'));
    server = await apiServer();
    const webhooks = [
      { name: 'qa', type: 'confirm-promotion' },
      { name: 'office', type: 'confirm-rollout', url: 'http://office.test/' },
      { name: 'load', type: 'rollout', url: 'http://load.test/' },
    ];
    await apply(
      canaryOf(namespace, { analysis: { ...WEIGHTS, webhooks } }, 'podinfo'),
      canaryOf(namespace, { analysis: WEIGHTS }, 'web'),
    );
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const bash = (script: string, env: Readonly<Record<string, string>> = {}) =>
    execa('bash', ['-c', script], { reject: false, stripFinalNewline: false, env: { ...env, PATH: plugin.path() } });

  it('hands its exit codes through kubectl, and says in one line what is wrong', async () => {
    const cases: readonly (readonly [args: readonly string[], exitCode: number, stderr: RegExp])[] = [
      [['nothing'], 2, /^error: unknown command 'nothing'/],
      [['help', 'nothing'], 2, /^error: unknown command 'nothing'/],
      [['get', '--nothing'], 2, /^error: unknown option '--nothing'/],
      [['get', '-o', 'nothing'], 2, /^error: there is no output format "nothing": .*\n$/],
      [['completion', 'tcsh'], 2, /^error: command-argument value 'tcsh' is invalid/],
      [['get', 'nothing', '-n', namespace], 1, /^Error from server \(NotFound\): .*\n$/],
      [['get', '--kubeconfig', '/nowhere'], 1, /^error: there is no kubeconfig \/nowhere\n$/],
    ];
    for (const [args, exitCode, stderr] of cases) {
      const ran = await plugin.run(args);
      assert.deepEqual([ran.exitCode, ran.stdout], [exitCode, ''], args.join(' '));
      assert.match(ran.stderr, stderr);
    }
  });

  it('has help of all and of one, in which the commands come first', async () => {
    const help = await plugin.ok('--help');
    assert.match(help, /^Usage: kubectl canary \[options\] \[command\]\n\nSee why .*\n\nSee:\n {2}get /);
    assert.ok(!help.includes('--as-group'));
    assert.equal(await plugin.ok(), help);
    assert.equal(await plugin.ok('help'), help);
    assert.equal(await plugin.ok('help', 'get'), await plugin.ok('get', '--help'));
    assert.match(await plugin.ok('options'), /\n {2}-n, --namespace <name> +of what/);
    assert.equal((await bash('kubectl-canary --help')).stdout, help);
  });

  it('ends without a word when nobody reads it any more', async () => {
    for (const args of ['get -A', '--help', `get -n ${namespace} -o json`]) {
      const { stdout, stderr } = await bash(`(sleep 0.3; kubectl canary ${args}) | true; echo "\${PIPESTATUS[0]}"`);
      assert.deepEqual([stdout, stderr], ['141\n', ''], args);
    }
  });

  it('shows nobody a stack, whatever fails', async () => {
    const thrower = join(folder, 'thrower.cjs');
    for (const fault of ['throw new Error("of\\nours")', 'Promise.reject(new Error("of ours"))']) {
      // Once the plugin listens for what nobody catches, which it does as it starts.
      const whenItListens = `if (event === 'unhandledRejection') setImmediate(() => { ${fault} });`;
      await writeFile(thrower, `process.on('newListener', (event) => { ${whenItListens} });`);
      const { exitCode, stderr } = await plugin.run(['get', '-A', '--watch'], {
        ...{ env: { NODE_OPTIONS: `--require=${thrower}` }, timeout: 20_000 },
      });
      const line = 'error: kubectl canary get has a fault of its own: Error: of ours\n';
      assert.deepEqual([exitCode, stderr], [1, line]);
    }
  });

  describe('completed by kubectl', () => {
    let env: Readonly<Record<string, string>>;
    before(async () => {
      const helper = join(folder, 'kubectl_complete-canary');
      await writeFile(helper, await plugin.ok('completion', 'kubectl'));
      await chmod(helper, 0o755);
      env = { PATH: `${folder}${delimiter}${plugin.path()}` };
    });
    /** What kubectl tells the shell, without the last line, which is for people. */
    async function completed(...words: string[]): Promise<readonly string[]> {
      const { stdout } = await execa('kubectl', ['__complete', 'canary', ...words], { env });
      return stdout.split('\n').filter((line) => !line.startsWith('Completion ended'));
    }

    it('is offered commands, with what they do', async () => {
      const found = await completed('');
      assert.ok(found.includes('get\tList canaries, with where their releases stand.'), found.join('\n'));
      assert.equal(found.at(-1), ':4');
      assert.deepEqual(await completed('comp'), [found.find((line) => line.startsWith('completion\t')), ':4']);
    });

    it('is offered canaries of the namespace, and each once', async () => {
      // On a busy machine an answer may come too late for whoever types, and is left out.
      const offered = (words: readonly string[], names: readonly string[]) =>
        eventually(async () => assert.deepEqual(await completed(...words), [...names, ':4']));
      await offered(['get', '-n', namespace, ''], ['podinfo', 'web']);
      await offered(['get', '-n', namespace, 'w'], ['web']);
      await offered(['-n', namespace, 'get', 'web', ''], ['podinfo']);
    });

    it('is offered namespaces, contexts and formats', async () => {
      await eventually(async () => assert.deepEqual(await completed('get', '-n', namespace), [namespace, ':4']));
      const contexts = await execa('kubectl', ['config', 'get-contexts', '-o', 'name']);
      assert.deepEqual(await completed('get', '--context', ''), [...contexts.stdout.split('\n'), ':4']);
      assert.deepEqual(await completed('get', '-o', 'j'), ['json', 'jsonpath=', ':4']);
      assert.deepEqual(await completed('get', '--output=custom'), ['custom-columns=', ':6']);
    });

    it('is offered nothing, and soon, where nobody can be asked', async () => {
      const nobody = ['--server', 'https://127.0.0.1:1'];
      for (const flags of [
        nobody,
        ['--kubeconfig', '/nowhere'],
        ['--context', 'nothing'],
        ['--request-timeout', 'x'],
      ]) {
        const { stdout, stderr } = await execa('kubectl-canary', ['__complete', 'get', ...flags, 'zz'], { env });
        assert.deepEqual([stdout, stderr], [':4', '']);
      }
    });

    it('does not wait for a credential plugin that hangs', async () => {
      const user = {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sleep',
          args: ['60'],
          interactiveMode: 'Never',
        },
      };
      const config = {
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'slow' },
        contexts: [{ name: 'slow', context: { cluster: 'slow', user: 'slow' } }],
        clusters: [{ name: 'slow', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'slow', user }],
      };
      const kubeconfig = join(folder, 'slow.kubeconfig');
      await writeFile(kubeconfig, JSON.stringify(config));
      const { stdout } = await execa('kubectl-canary', ['__complete', 'get', ''], {
        ...{ env: { ...env, KUBECONFIG: kubeconfig }, timeout: 30_000 },
      });
      assert.equal(stdout, ':4');
    });

    it('would be offered the gates that people open', async () => {
      const cluster = { transport: server, namespace, context: '', server: '' };
      assert.deepEqual(await gatesOf(cluster, [], AbortSignal.timeout(10_000)), ['qa']);
      assert.deepEqual(await gatesOf(cluster, ['web'], AbortSignal.timeout(10_000)), []);
    });
  });

  it('gives bash its candidates', async () => {
    const script = `source <(kubectl canary completion bash); COMP_WORDS=(kubectl-canary get -n ${namespace} w); COMP_CWORD=4; _kubectl_canary; echo "\${COMPREPLY[@]}"`;
    // What takes more than a second is not completed, as on a machine that is busy with other tests.
    await eventually(async () => {
      const { stdout, stderr } = await bash(`compopt() { :; }; ${script}`);
      assert.deepEqual([stdout, stderr], ['web\n', '']);
    });
  });
});
