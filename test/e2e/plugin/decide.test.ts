// People decide about real releases with `kubectl canary`, and have it from the controller what became of it.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { CanaryAction } from '../../../api/generated/canary-action.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { initializedCanary, readCanary, untilPhase, untilStatus } from '../controller/release.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin, type Ran } from './installed-plugin.ts';

const FIRST = 'scale.test/nothing';
const SECOND = 'scale.test/second';
/** A step is held until somebody goes on. */
const SLOW = { interval: '1h', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };
const QUICK = { ...SLOW, interval: '1s' };
const gate = (type: string, name: string) => ({ name, type });

describe('kubectl canary decides about a release, which', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('decide');
  const plugin = installedPlugin();
  let server: Transport;
  let folder = '';
  before(async () => {
    server = await apiServer();
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-users-'));
    const reader = ['--verb=get,list', '--resource=canaries.flagger.app'];
    await kubectl('-n', namespace, 'create', 'role', 'reader', ...reader);
    await kubectl('-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', '--user=joe', '--user=ann');
    const asker = ['--verb=create,promote', '--resource=canaryactions.flagger.app,canaries.flagger.app'];
    await kubectl('-n', namespace, 'create', 'role', 'asker', ...asker);
    await kubectl('-n', namespace, 'create', 'rolebinding', 'asker', '--role=asker', '--user=ann');
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]) => plugin.run([...args, '-n', namespace]);
  const status = async (name: string) => (await readCanary(server, namespace, name)).status ?? {};
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);
  const atWeight = (name: string, weight: number) =>
    until(name, (is) => is.actualWeight === weight && is.desiredWeight === weight, `at weight ${weight}`);
  const imageOf = (name: string) =>
    kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={..containers[0].image}');

  async function actionsOf(name: string): Promise<readonly CanaryAction[]> {
    const { items } = await kubectlJson<{ items: CanaryAction[] }>('-n', namespace, 'get', 'canaryactions');
    return items.filter(({ spec }) => spec.canary === name);
  }

  const initialized = (name: string, analysis: object) => initializedCanary(server, namespace, name, { analysis });

  /** A release that has begun, by the plugin itself. */
  async function begun(name: string, analysis: object = SLOW): Promise<void> {
    await initialized(name, analysis);
    const { lastAppliedSpec: first } = await status(name);
    says(await run('set', 'image', name, `nothing=${SECOND}`), `deployment.apps/${name} image updated`);
    await until(name, ({ lastAppliedSpec }) => lastAppliedSpec !== first, 'under way');
  }

  /** The kubeconfig of somebody who is not allowed everything. */
  async function kubeconfigOf(user: string): Promise<string> {
    const config = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '-o', 'json')) as {
      users: { user: object }[];
    };
    const users = config.users.map((each) => ({ ...each, user: { ...each.user, as: user } }));
    const file = join(folder, user);
    await writeFile(file, JSON.stringify({ ...config, users }));
    return file;
  }

  function says(ran: Ran, line: string | RegExp, exitCode = 0): void {
    assert.deepEqual([ran.exitCode, ran.stderr], [exitCode, '']);
    if (typeof line === 'string') assert.equal(ran.stdout, `${line}\n`);
    else assert.match(ran.stdout, line);
  }

  function fails(ran: Ran, line: RegExp, exitCode = 1): void {
    assert.deepEqual([ran.exitCode, ran.stdout], [exitCode, '']);
    assert.match(ran.stderr, line);
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
  }

  it('is promoted by one step for two presses, to a step, and to the end', async () => {
    const name = 'steps';
    await begun(name);
    await atWeight(name, 10);
    const canary = `canary.flagger.app/${name}`;
    says(await run('promote', name, '--dry-run=client'), `${canary} promoted (step 1 -> 2) (dry run)`);
    says(await run('promote', name, '--dry-run=server'), `${canary} promoted (step 1 -> 2) (server dry run)`);
    assert.deepEqual(await actionsOf(name), []);
    const presses = await Promise.all([run('promote', name), run('promote', name)]);
    const [done, again] = presses.toSorted((one, other) => (one.stdout < other.stdout ? -1 : 1));
    assert.equal(done?.stdout, `${canary} promoted (step 1 -> 2)\n`);
    says(again ?? presses[0], new RegExp(`^${canary} unchanged \\(.*step 2`));
    await atWeight(name, 25);
    const late = await run('promote', name, '--expect-step=1', '--error-unchanged');
    says(late, `${canary} unchanged (it is at step 2 by now)`, 3);
    says(await run('promote', name, '--to-step=3', '--reason=tested'), `${canary} promoted (step 2 -> 3)`);
    says(await run('promote', name, '--to-step=3'), `${canary} unchanged (it is at step 3 already)`);
    fails(await run('promote', name, '--to-step=9'), /^error: .*steps not promoted: there are only 3 steps$/m);
    await atWeight(name, 50);
    says(await run('promote', name, '--full'), `${canary} promoted (step 3 -> promotion)`);
    says(await run('promote', name, '--full'), new RegExp(`^${canary} unchanged`));
    await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal(await imageOf(`${name}-primary`), SECOND);
    says(await run('promote', name), new RegExp(`^${canary} unchanged \\(no release is under way`));
    fails(await run('pause', name), /^error: .*steps not paused: no release is under way: .* ended as Succeeded$/m);
    const reasons = (await actionsOf(name)).flatMap(({ spec }) => spec.reason ?? []);
    assert.deepEqual(reasons, ['tested']);
  });

  it('is paused, resumed, aborted and tried again, each once', async () => {
    const name = 'held';
    await begun(name);
    await atWeight(name, 10);
    const canary = `canary.flagger.app/${name}`;
    says(await run('resume', name), `${canary} unchanged (it is not paused)`);
    const paused = await run('pause', name, '--reason', 'lunch', '-o', 'json');
    const { spec, status: answer, metadata } = JSON.parse(paused.stdout) as CanaryAction;
    assert.deepEqual([spec.action, spec.reason, answer?.phase], ['pause', 'lunch', 'Done']);
    assert.match(metadata.name, /^held-pause-[0-9a-f]{8}$/);
    says(await run('pause', name), new RegExp(`^${canary} unchanged \\(it is paused already: .*: lunch\\)$`, 'm'));
    says(await run('resume', name), `${canary} resumed (goes on at weight 10)`);
    says(await run('retry', name), `${canary} unchanged (the release is under way)`);
    const drain = '{"spec":{"analysis":{"drainSeconds":600}}}';
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', drain);
    says(await run('abort', name), `${canary} aborted (all traffic goes to the primary)`);
    says(await run('abort', name), new RegExp(`^${canary} unchanged \\(the release is over`));
    // It is cleared away for ten minutes, and cannot begin again before.
    const late = await run('retry', name, '--timeout=1s');
    fails(
      late,
      /^error: .*held: not answered within 1s, and may still be carried out: see kubectl get canaryaction/,
      124,
    );
    const asked = await run('retry', name, '--wait=false');
    says(asked, new RegExp(`^${canary} asked to retry \\(canaryaction.flagger.app/held-retry-[0-9a-f]{8}\\)$`, 'm'));
  });

  it('waits at gates, which are approved and rejected', async () => {
    const name = 'gated';
    const webhooks = [gate('confirm-rollout', 'go'), gate('confirm-promotion', 'qa')];
    await begun(name, { ...QUICK, webhooks });
    await until(name, ({ waitingFor }) => waitingFor?.gate === 'go', 'at its first gate');
    const canary = `canary.flagger.app/${name}`;
    fails(await run('promote', name), /^error: .*gated not promoted: it has no pods before gate go is open/);
    fails(
      await run('approve', 'gone', name),
      /^error: .*gated not approved: there is no gate gone: there are go, qa$/m,
    );
    says(
      await run('approve', name),
      new RegExp(`^${canary} approved \\(gate go is open for revision [0-9a-f]{10}\\)$`, 'm'),
    );
    says(await run('approve', 'go', name), new RegExp(`^${canary} unchanged \\(gate go is open already`));
    await until(name, ({ phase }) => phase === 'WaitingPromotion', 'before its promotion');
    const rejected = await run('reject', 'qa', name, '--reason=not today');
    says(rejected, `${canary} rejected (gate qa is rejected, and the release has failed)`);
    const { failure } = await untilPhase(server, namespace, name, 'Failed');
    assert.match(failure?.message ?? '', /^gate qa was rejected: .*: not today$/);
    says(await run('reject', 'qa', name), new RegExp(`^${canary} unchanged`));
    says(await run('retry', name), `${canary} retried (it begins again)`);
    says(await run('approve', '--gate=qa', name), new RegExp(`^${canary} approved`));
    says(await run('approve', 'go', name), new RegExp(`^${canary} approved`));
    await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal(await imageOf(`${name}-primary`), SECOND);
  });

  it('is one of many, of which each is told and one fails', async () => {
    const labelled = async (name: string) => {
      await begun(name);
      await kubectl('-n', namespace, 'label', 'canary', name, 'team=many');
    };
    await Promise.all([labelled('many-a'), labelled('many-b'), initialized('many-c', SLOW)]);
    await kubectl('-n', namespace, 'label', 'canary', 'many-c', 'team=many');
    const ran = await run('pause', 'many-a', 'nothing', 'many-b', 'many-a');
    assert.equal(ran.exitCode, 1);
    assert.equal(ran.stderr, 'Error from server (NotFound): canaries.flagger.app "nothing" not found\n');
    assert.match(ran.stdout, /^canary.flagger.app\/many-a paused \(.*\)\ncanary.flagger.app\/many-b paused \(.*\)\n$/);
    const selected = await run('pause', '-l', 'team=many', '--error-unchanged');
    assert.deepEqual([selected.exitCode, selected.stderr], [3, '']);
    assert.deepEqual(
      selected.stdout.trimEnd().split('\n'),
      ['a', 'b']
        .map((each) => `canary.flagger.app/many-${each} unchanged (it is paused already)`)
        .concat('canary.flagger.app/many-c unchanged (no release is under way)'),
    );
    assert.equal((await actionsOf('many-c')).length, 0);
    const names = await run('resume', '-l', 'team=many', '-o', 'name');
    assert.match(names.stdout, /^(canaryaction.flagger.app\/many-[ab]-resume-\w{8}\n){2}$/);
    fails(await run('abort', '-l', 'team=none'), new RegExp(`^No resources found in ${namespace} namespace.$`, 'm'));
  });

  it('is left alone by command lines that do not say of which', async () => {
    for (const args of [
      ['abort'],
      ['abort', '--all', '-A'],
      ['abort', 'x', '--all'],
      ['promote', '--full', '--to-step=2'],
    ]) {
      const { exitCode, stdout } = await run(...args);
      assert.deepEqual([exitCode, stdout], [2, ''], args.join(' '));
    }
  });

  it('is not decided about by who may not', async () => {
    const name = 'guarded';
    await begun(name);
    await atWeight(name, 10);
    const joe = await run('promote', name, '--kubeconfig', await kubeconfigOf('joe'));
    fails(
      joe,
      /^Error from server \(Forbidden\): .*guarded not promoted: canaryactions.flagger.app is forbidden: User "joe"/,
    );
    const tried = await run('abort', name, '--dry-run=server', '--kubeconfig', await kubeconfigOf('joe'));
    fails(tried, /^Error from server \(Forbidden\): .*guarded not aborted: /);
    assert.deepEqual(await actionsOf(name), []);
    // Who may ask and not read is told so, and what was asked for stands.
    const ann = await run('pause', name, '--kubeconfig', await kubeconfigOf('ann'));
    fails(
      ann,
      /^Error from server \(Forbidden\): .*guarded not paused: .*User "ann" cannot get resource "canaryactions"/,
    );
    const [action] = await actionsOf(name);
    assert.equal(action?.spec.requestedBy, 'ann');
  });

  it('begins with set image or restart, and ends with undo', async () => {
    const name = 'target';
    await begun(name);
    const target = `deployment.apps/${name}`;
    const image = `nothing=${SECOND}`;
    says(await run('set', 'image', name, image), `${target} unchanged (it has these images)`);
    fails(
      await run('set', 'image', name, 'web=x'),
      /^error: .*target not image updated: there is no container web: there are nothing$/m,
    );
    await atWeight(name, 10);
    says(
      await run('undo', name, '--dry-run=server'),
      /^deployment.apps\/target rolled back \(revision [0-9a-f]{10}\) \(server dry run\)$/m,
    );
    assert.equal(await imageOf(name), SECOND);
    says(await run('undo', name), /^deployment.apps\/target rolled back \(revision [0-9a-f]{10}\)$/m);
    assert.equal(await imageOf(name), FIRST);
    await until(name, ({ history }) => history?.[0]?.result === 'Reverted', 'reverted');
    says(await run('set', 'image', name, `*=${SECOND}`, '--reason=again'), `${target} image updated`);
    const cause = 'jsonpath={.metadata.annotations.kubernetes\\.io/change-cause}';
    assert.equal(await kubectl('-n', namespace, 'get', 'deployment', name, '-o', cause), 'again');
    await atWeight(name, 10);
    says(await run('promote', name, '--full'), /promoted/);
    await untilPhase(server, namespace, name, 'Succeeded');
    says(await run('restart', name), `${target} restarted`);
    says(await run('restart', name), /^deployment.apps\/target unchanged \(its restart of .* is under way\)$/m);
    await atWeight(name, 10);
    says(await run('undo', name), /rolled back/);
    await until(name, ({ history }) => history?.[0]?.result === 'Reverted', 'reverted again');
    // What was there before the first release.
    says(await run('undo', name), /rolled back/);
    assert.equal(await imageOf(name), FIRST);
    says(
      await run('undo', name),
      /^deployment.apps\/target unchanged \(it has the pod template of revision [0-9a-f]{10}\)$/m,
    );
    fails(
      await run('undo', name, '--to-revision=99'),
      /^error: .*target not rolled back: there is no revision 99: there are 1 \(/,
    );
    says(await run('undo', name, '--to-revision=2'), /rolled back/);
    assert.equal(await imageOf(name), SECOND);
  });
});
