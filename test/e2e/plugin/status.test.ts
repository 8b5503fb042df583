import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { initializedCanary, toldInOrder, untilStatus } from '../controller/release.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

/** A step is held until somebody goes on. */
const SLOW = { interval: '1h', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };
/** What a query without requests measures: the number that stands in it. */
const CONSTANT = { name: 'error-rate', interval: '1m', query: 'vector(42)', thresholdRange: { max: 5 } };

describe('what the plugin shows of one release', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('status');
  const plugin = installedPlugin();
  const here = ['-n', namespace];
  let server: Transport;
  let folder = '';
  before(async () => {
    server = await apiServer();
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-rita-'));
    await kubectl(
      ...here,
      'create',
      'role',
      'reader',
      '--verb=get,list,watch',
      '--resource=canaries.flagger.app,deployments.apps',
    );
    await kubectl(...here, 'create', 'rolebinding', 'reader', '--role=reader', '--user=rita');
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);

  const initialized = (name: string, analysis: object) => initializedCanary(server, namespace, name, { analysis });
  const change = (name: string) => kubectl(...here, 'set', 'image', `deployment/${name}`, 'nothing=scale.test/second');

  /** Does what a status says at its end. */
  async function type(shown: string): Promise<void> {
    const [command = ''] = shown.trimEnd().split('\n').at(-1)?.split('  #') ?? [];
    assert.match(command, /^kubectl canary /);
    await plugin.ok(...command.split(' ').slice(2));
  }

  /** Of somebody who may read canaries and Deployments, and no more. */
  async function ritasKubeconfig(): Promise<string> {
    const config = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '-o', 'json')) as {
      readonly users: readonly { readonly user: object }[];
    };
    const users = config.users.map((each) => ({ ...each, user: { ...each.user, as: 'rita' } }));
    const file = join(folder, 'kubeconfig');
    await writeFile(file, JSON.stringify({ ...config, users }), { mode: 0o600 });
    return file;
  }

  it('is, at a step, all on one screen, with the command that goes on', async () => {
    const name = 'steps';
    await initialized(name, SLOW);
    await change(name);
    await until(
      name,
      ({ actualWeight, waitingFor }) => actualWeight === 10 && waitingFor?.reason === 'StepInterval',
      'held',
    );
    await toldInOrder([namespace, name], [`Advance ${name}.${namespace} canary weight 10`]);
    const shown = await plugin.ok('status', name, ...here);
    const lines = shown.trimEnd().split('\n');
    assert.match(shown, /^Canary +steps in /);
    assert.match(shown, /^Phase +Progressing for \d+s$/m);
    assert.match(shown, /^Revision +[0-9a-f]{10} over [0-9a-f]{10}, begun \d+s ago by \S+$/m);
    assert.match(shown, /^Images +nothing: scale.test\/nothing → scale.test\/second$/m);
    assert.match(shown, /^Weight +10% of all requests/m);
    assert.match(shown, /^Steps +1 of 3, \d+s elapsed, .* left at least$/m);
    assert.match(shown, /^ +▶ +1 +10% +for \d+s, judged in (60|59)m$/m);
    assert.match(shown, /^ +✔ +target +Deployment\/steps +1\/1 ready$/m);
    assert.match(shown, /Advance +Advance steps\.\S+ canary weight 10$/m);
    assert.match(lines.at(-2) ?? '', /^Waits for the checks of step 1 of 3, in (60|59)m\.$/);
    assert.equal(lines.at(-1), `kubectl canary promote ${name} -n ${namespace}  # goes on to the next step at once`);
    assert.ok(!shown.includes('\u001B'));

    const document = JSON.parse(await plugin.ok('status', name, '-o', 'json', ...here)) as {
      readonly weight: object;
      readonly cause: { readonly reason: string };
      readonly workloads: readonly { readonly pods: object }[];
    };
    assert.deepEqual(document.weight, { desired: 10, actual: 10, matchedOnly: false, mirror: 0 });
    assert.equal(document.cause.reason, 'StepInterval');
    assert.deepEqual(document.workloads[0]?.pods, { wanted: 1, ready: 1, updated: 1 });

    const asked = await plugin.run(['status', name, '--v=6', ...here]);
    assert.equal(asked.stderr.trimEnd().split('\n').length, 4, asked.stderr);

    await type(shown);
    await until(name, ({ actualWeight }) => actualWeight === 25, 'at the next step');
    const told = await plugin.ok('events', name, '--types=Normal', ...here);
    assert.match(told, /^LAST +TYPE +ACTION +NOTE\n/);
    assert.match(told, /^\d+s +Normal +Advance +Advance steps\.\S+ canary weight 10$/m);
    const tree = await plugin.ok('tree', name, ...here);
    for (const text of [
      'Deployment/steps ',
      'Deployment/steps-primary',
      'ReplicaSet/steps-',
      'Service/steps-canary',
      'HTTPProxy/steps',
    ]) {
      assert.ok(tree.includes(text), `no ${text} in\n${tree}`);
    }
  });

  it('says of a release that failed what was measured, what was allowed and what to do', async () => {
    const name = 'bad';
    await initialized(name, { ...SLOW, interval: '1s', threshold: 2, metrics: [CONSTANT] });
    await change(name);
    await until(name, ({ phase }) => phase === 'Failed', 'Failed');
    const shown = await plugin.ok('status', name, ...here);
    assert.match(shown, /^Phase +Failed for \d+s$/m);
    assert.match(shown, /^ +✖ +1 +10% +failed$/m);
    assert.match(shown, /^Checks +2 of 2 failures$/m);
    assert.match(shown, /^ +✖ +error-rate +42 +<= 5 +Fail +2\/2 +▅▅$/m);
    assert.match(shown, /^Failed \d+s ago: 2 checks have failed; error-rate 42 > 5\.$/m);
    assert.match(shown, new RegExp(`^kubectl canary retry ${name} -n ${namespace} `, 'm'));
    const why = await plugin.ok('explain', name, ...here);
    assert.match(why, /^bad in \S+: Failed \d+s ago: 2 checks have failed; error-rate 42 > 5\./);
    assert.match(why, /^ +Check +error-rate Fail: 42, and has to be <= 5; \d+s ago$/m);
    const analysis = await plugin.ok('analysis', name, '--metric=error-rate', ...here);
    assert.equal(analysis.match(/10% +42 +Fail$/gm)?.length, 2, analysis);
    const watched = await plugin.run(['watch', name, ...here]);
    assert.equal(watched.exitCode, 4, watched.stderr);
    const { startedAt } = await until(name, ({ phase }) => phase === 'Failed', 'Failed');
    await type(shown);
    await until(name, (is) => is.startedAt !== startedAt, 'tried again');
  });

  it('says who may open a gate, and what may not be read, in its place', async () => {
    const name = 'gated';
    await initialized(name, { ...SLOW, webhooks: [{ name: 'qa', type: 'confirm-rollout' }] });
    await change(name);
    await until(name, ({ waitingFor }) => waitingFor?.gate === 'qa', 'at gate qa');
    const mine = await plugin.ok('status', name, ...here);
    assert.match(mine, /^ +◷ +qa +confirm-rollout +waiting +a person opens it: you may$/m);
    assert.match(mine, new RegExp(`^kubectl canary approve qa ${name} -n ${namespace} `, 'm'));
    const asRita = [`--kubeconfig=${await ritasKubeconfig()}`, ...here];
    const hers = await plugin.ok('status', name, ...asRita);
    assert.match(hers, /waiting +a person opens it: you may not/);
    assert.match(hers, /^the events could not be read: events\.events\.k8s\.io is forbidden/m);
    const tree = await plugin.ok('tree', name, ...asRita);
    assert.match(tree, /Deployment\/gated-primary +1\/1/);
    assert.match(tree, /services could not be read/);
    await type(mine);
    await until(name, ({ phase, approvals = [] }) => phase === 'Progressing' && approvals[0]?.gate === 'qa', 'open');
  });

  it('is of one canary that there is', async () => {
    for (const command of ['status', 'watch', 'why', 'tree', 'events', 'analysis']) {
      assert.deepEqual(await plugin.run([command, 'nothing', ...here]), {
        ...{ exitCode: 1, stdout: '' },
        stderr: 'Error from server (NotFound): canaries.flagger.app "nothing" not found\n',
      });
    }
    assert.equal((await plugin.run(['status', ...here])).exitCode, 2);
    assert.equal((await plugin.run(['status', 'steps', '-w', '-o', 'json', ...here])).exitCode, 2);
  });
});
