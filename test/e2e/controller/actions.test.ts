// What people ask for of real releases: by kubectl, answered in the action's own status, and carried out once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { CanaryAction, CanaryActionSpec } from '../../../api/generated/canary-action.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { eventsOf, initializedCanary, readCanary, untilPhase, untilStatus } from './release.ts';

const FIRST = 'scale.test/nothing';
const SECOND = 'scale.test/second';
const THIRD = 'scale.test/third';
/** A pull that fails: its pods are never ready. */
const NOWHERE = 'nowhere.test/nothing';
/** A step is held until somebody goes on. */
const SLOW = { interval: '1h', threshold: 3, stepWeights: [10, 25, 50], drainSeconds: 0 };
const QUICK = { ...SLOW, interval: '1s' };
const gate = (type: string, name = type) => ({ name, type });

type Asked = Pick<CanaryActionSpec, 'action'> & Partial<CanaryActionSpec>;

describe('people who ask for something of a release, with pods that are ready at once,', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('actions');
  let server: Transport;
  before(async () => {
    server = await apiServer();
    const kinds = '--resource=canaryactions.flagger.app,canaries.flagger.app';
    const verbs = ['--verb=create,promote,approve,promote-past-gates', kinds];
    await kubectl('-n', namespace, 'create', 'role', 'operator', ...verbs);
    await kubectl('-n', namespace, 'create', 'rolebinding', 'operator', '--role=operator', '--user=jane', '--user=joe');
  });
  after(() => server.close());

  const status = async (name: string) => (await readCanary(server, namespace, name)).status ?? {};
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);
  const change = (name: string, image = SECOND) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
  const read = (kind: string, name: string, path: string) =>
    kubectl('-n', namespace, 'get', kind, name, '-o', `jsonpath={${path}}`);
  const imageOf = (name: string) => read('deployment', name, '..containers[0].image');
  const replicasOf = (name: string) => read('deployment', name, '.spec.replicas');
  const atWeight = (name: string, weight: number) =>
    until(name, (is) => is.actualWeight === weight && is.desiredWeight === weight, `at weight ${weight}`);

  const initialized = (name: string, analysis: object) => initializedCanary(server, namespace, name, { analysis });

  /** A release that has begun, of a canary of its own. */
  async function begun(name: string, analysis: object, image = SECOND): Promise<CanaryStatus> {
    await initialized(name, analysis);
    const { lastAppliedSpec: first } = await status(name);
    await change(name, image);
    return until(name, ({ lastAppliedSpec }) => lastAppliedSpec !== first, 'under way');
  }

  let asked = 0;
  /** `kubectl create` as somebody; of the revision that is released, unless it says another. The name of the action. */
  async function create(canary: string, spec: Asked, as = 'jane'): Promise<string> {
    const name = `${canary}-${spec.action}-${++asked}`;
    const { lastAppliedSpec: revision } = await status(canary);
    const object = { apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name, namespace } };
    const created = await tryKubectl(
      { ...object, spec: { canary, revision, ...spec } },
      ...['create', '-f', '-', `--as=${as}`],
    );
    assert.equal(created.exitCode, 0, created.stderr);
    return name;
  }

  /** The answer, which kubectl waits for. */
  async function answerTo(action: string): Promise<NonNullable<CanaryAction['status']>> {
    await kubectl('-n', namespace, 'wait', `canaryaction/${action}`, '--for=condition=Answered', '--timeout=60s');
    const { status: answer = {} } = await kubectlJson<CanaryAction>('-n', namespace, 'get', 'canaryaction', action);
    return answer;
  }

  async function isDone(canary: string, spec: Asked, message: RegExp | string): Promise<void> {
    const action = await create(canary, spec);
    const answer = await answerTo(action);
    assert.equal(answer.phase, 'Done', `${action}: ${answer.message}`);
    assert.match(answer.message ?? '', new RegExp(message));
    await kubectl('-n', namespace, 'wait', `canaryaction/${action}`, '--for=condition=Done', '--timeout=60s');
  }

  async function isRejected(canary: string, spec: Asked, message: RegExp | string): Promise<void> {
    const before_ = await status(canary);
    const answer = await answerTo(await create(canary, spec));
    assert.equal(answer.phase, 'Rejected', answer.message);
    assert.match(answer.message ?? '', new RegExp(message));
    const { phase, desiredWeight, paused, approvals } = await status(canary);
    assert.deepEqual(
      { phase, desiredWeight, paused, approvals },
      {
        ...{ phase: before_.phase, desiredWeight: before_.desiredWeight },
        ...{ paused: before_.paused, approvals: before_.approvals },
      },
    );
  }

  const told = (name: string, ...texts: readonly string[]) =>
    eventually(async () => {
      const events = await eventsOf(namespace, name);
      for (const text of texts) assert.ok(events.includes(text), `no event "${text}":\n${events.join('\n')}`);
    });

  it('go on step by step, to a step, and out of a pause, and promote from the last', async () => {
    const name = 'steps';
    await begun(name, SLOW);
    await atWeight(name, 10);
    await isDone(name, { action: 'pause', reason: 'lunch' }, 'held at weight 10');
    await until(name, ({ waitingFor }) => waitingFor?.reason === 'Paused', 'Paused');
    await isRejected(name, { action: 'pause' }, 'paused already: jane asked for it: lunch');
    await isRejected(name, { action: 'promote', toStep: 1 }, 'at step 1 already');
    await isRejected(name, { action: 'promote', toStep: 9 }, 'there are only 3 steps');
    await isDone(name, { action: 'promote' }, 'step 1 is passed, step 2 has weight 25');
    await atWeight(name, 25);
    assert.equal((await status(name)).paused, undefined);
    await isRejected(name, { action: 'resume' }, 'it is not paused');
    await isDone(name, { action: 'promote', toStep: 3 }, 'step 3 has weight 50');
    await atWeight(name, 50);
    // Once more without a step is either the same press or another one, five seconds later.
    await eventually(async () => {
      const { phase = '' } = await answerTo(await create(name, { action: 'promote' }));
      assert.equal(phase, 'Done');
    });
    const {
      history: [run] = [],
      lastAppliedSpec,
      lastPromotedSpec,
    } = await untilPhase(...([server, namespace, name, 'Succeeded'] as const));
    assert.deepEqual([run?.result, run?.reason, run?.by], ['Succeeded', 'PromotedByHand', 'jane']);
    assert.equal(lastPromotedSpec, lastAppliedSpec);
    assert.equal(await imageOf(`${name}-primary`), SECOND);
    await isRejected(name, { action: 'abort' }, 'no release is under way: the last one has ended as Succeeded');
    await told(
      ...([name, `Paused ${name}.${namespace}: jane asked for it: lunch`] as const),
      `Step 1 of ${name}.${namespace} is passed: jane asked for it`,
    );
  });

  it('pause and resume', async () => {
    const name = 'paused';
    await initialized(name, { ...QUICK, interval: '3s' });
    await change(name);
    await atWeight(name, 10);
    await isDone(name, { action: 'pause' }, 'held at weight');
    const { desiredWeight } = await until(name, ({ waitingFor }) => waitingFor?.reason === 'Paused', 'Paused');
    const { resourceVersion } = (await readCanary(server, namespace, name)).metadata;
    await new Promise((resolve) => setTimeout(resolve, 8000));
    const later = await readCanary(server, namespace, name);
    assert.equal(later.status?.desiredWeight, desiredWeight);
    assert.equal(later.metadata.resourceVersion, resourceVersion, 'something was written while nothing happened');
    await isDone(name, { action: 'resume' }, 'goes on at weight');
    await untilPhase(server, namespace, name, 'Succeeded');
    await told(name, `Resumed ${name}.${namespace}: jane asked for it`);
  });

  it('promote at once without what is left, but for pods that are not there', async () => {
    const name = 'full';
    await begun(name, SLOW, NOWHERE);
    await until(name, ({ waitingFor }) => waitingFor?.reason === 'CanaryReady', 'waiting for its pods');
    await isRejected(name, { action: 'promote', full: true }, 'the canary is not ready');
    const { lastAppliedSpec: bad } = await status(name);
    await change(name);
    const { lastAppliedSpec: good = '' } = await atWeight(name, 10);
    await isRejected(
      name,
      { action: 'promote', full: true, revision: bad! },
      'the canary is at revision [0-9a-f]{10} by now',
    );
    await isDone(name, { action: 'promote', full: true, revision: good.slice(0, 32) }, 'is promoted');
    const { history: [run] = [] } = await untilPhase(server, namespace, name, 'Succeeded');
    assert.deepEqual([run?.reason, run?.by, run?.weight], ['PromotedByHand', 'jane', 10]);
    assert.equal(await imageOf(`${name}-primary`), SECOND);
  });

  it('abort, and have the same revision tried again', async () => {
    const name = 'aborted';
    await begun(name, SLOW);
    await atWeight(name, 10);
    await isRejected(name, { action: 'retry' }, 'the release is under way');
    await isDone(name, { action: 'abort', reason: 'too many errors' }, 'all traffic goes to the primary');
    // Asked for in one breath: it waits until the release has ended.
    const retry = await create(name, { action: 'retry' }, 'joe');
    assert.equal((await answerTo(retry)).phase, 'Done');
    const again = await atWeight(name, 10);
    const [run] = again.history ?? [];
    assert.deepEqual([run?.result, run?.reason, run?.by], ['Aborted', 'Aborted', 'jane']);
    assert.equal(run?.message, 'jane asked for it: too many errors');
    assert.deepEqual([again.triggeredBy?.username, run?.revision], ['joe', again.lastAppliedSpec]);
    assert.equal(await imageOf(`${name}-primary`), FIRST);
    await isDone(name, { action: 'abort' }, 'all traffic goes to the primary');
    const failed = await untilPhase(server, namespace, name, 'Failed');
    assert.deepEqual([failed.failure?.reason, failed.failure?.by, failed.actualWeight], ['Aborted', 'jane', 0]);
    assert.equal(await replicasOf(name), '0');
    await told(
      ...([name, `Aborted ${name}.${namespace}: jane asked for it: too many errors`] as const),
      `Canary failed! Scaling down ${name}.${namespace}`,
    );
  });

  it('approve gates without a URL, each for one revision', async () => {
    const name = 'approved';
    const webhooks = [
      gate('confirm-rollout', 'go'),
      gate('confirm-traffic-increase', 'more'),
      gate('confirm-promotion', 'out'),
    ];
    await initialized(name, { ...QUICK, webhooks });
    await change(name);
    const waiting = await until(name, ({ waitingFor }) => waitingFor?.gate === 'go', 'at its first gate');
    assert.deepEqual([waiting.phase, waiting.waitingFor?.reason], ['Waiting', 'Approval']);
    assert.equal(await replicasOf(name), '0');
    await isRejected(name, { action: 'promote' }, 'it has no pods before gate go is open');
    await isRejected(name, { action: 'approve', gate: 'gone' }, 'there is no gate gone: there are go, more, out');
    // The last one before it is reached.
    await isDone(name, { action: 'approve', gate: 'out' }, 'gate out is open for revision');
    await isDone(name, { action: 'approve', gate: 'go' }, 'gate go is open for revision');
    await until(name, ({ waitingFor }) => waitingFor?.gate === 'more', 'at its second gate');
    const { actualWeight, approvals } = await status(name);
    assert.equal(actualWeight, 0);
    assert.deepEqual(
      approvals?.map(({ gate: open, by }) => [open, by]),
      [
        ['out', 'jane'],
        ['go', 'jane'],
      ],
    );
    await isDone(name, { action: 'approve', gate: 'more' }, 'gate more is open');
    const { history: [run] = [] } = await untilPhase(server, namespace, name, 'Succeeded');
    assert.deepEqual([run?.result, run?.reason], ['Succeeded', 'Promoted']);
    await told(name, `Approved gate go of ${name}.${namespace}: jane asked for it`);
    await change(name, THIRD);
    await until(
      name,
      ({ waitingFor, history }) => waitingFor?.gate === 'go' && history?.length === 1,
      'at its gate anew',
    );
    assert.equal(await replicasOf(name), '0');
    await isDone(name, { action: 'reject', gate: 'go', reason: 'not today' }, 'gate go is rejected');
    const { failure, history: [last] = [] } = await untilPhase(server, namespace, name, 'Failed');
    assert.deepEqual([failure?.reason, failure?.by], ['Rejected', 'jane']);
    assert.equal(failure?.message, 'gate go was rejected: jane asked for it: not today');
    assert.deepEqual([last?.result, last?.by], ['Failed', 'jane']);
    assert.equal(await imageOf(`${name}-primary`), SECOND);
  });

  it('hold and reject a release before it is promoted', async () => {
    const name = 'rejected';
    await begun(name, { ...QUICK, webhooks: [gate('confirm-promotion')] });
    const { actualWeight } = await until(name, (is) => is.phase === 'WaitingPromotion', 'waiting for its promotion');
    assert.equal(actualWeight, 50);
    await isDone(name, { action: 'reject' }, 'gate confirm-promotion is rejected');
    const failed = await untilPhase(server, namespace, name, 'Failed');
    assert.deepEqual([failed.failure?.reason, failed.actualWeight], ['Rejected', 0]);
    assert.equal(await imageOf(`${name}-primary`), FIRST);
    assert.equal(await replicasOf(name), '0');
  });

  it('cannot act in another’s name, nor decide twice', async () => {
    const name = 'forged';
    const { lastAppliedSpec: revision } = await begun(name, SLOW);
    const object = (more: object) => ({
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata: { name: 'forged', namespace } },
      spec: { canary: name, revision, action: 'pause', ...more },
    });
    const refused = await tryKubectl(object({ requestedBy: 'joe' }), 'create', '-f', '-', '--as=jane');
    assert.match(refused.stderr, /leave it out, or write jane, who is asking/);
    const action = await create(name, { action: 'pause' }, 'joe');
    await answerTo(action);
    const [by, at] = [await read('canaryaction', action, '.spec.requestedBy'), (await status(name)).paused];
    assert.deepEqual([by, at?.by], ['joe', 'joe']);
    const patch = ['-p', '{"spec":{"action":"abort"}}', '--type=merge'];
    const edited = await tryKubectl({}, '-n', namespace, 'patch', 'canaryaction', action, ...patch);
    assert.match(edited.stderr, /a decision cannot be changed/);
  });

  it('are answered about what there is not, and about a canary that goes', async () => {
    const name = 'nothing';
    const metadata = { name, namespace };
    const spec = { canary: 'nobody', revision: 'a'.repeat(64), action: 'abort' };
    await apply({ apiVersion: 'flagger.app/v1beta1', kind: 'CanaryAction', metadata, spec });
    const answer = await answerTo(name);
    assert.deepEqual([answer.phase, answer.message], ['Rejected', 'there is no canary nobody']);
    await begun('going', SLOW);
    await atWeight('going', 10);
    const action = await create('going', { action: 'pause' });
    await answerTo(action);
    await kubectl('-n', namespace, 'delete', 'canary', 'going');
    await eventually(async () => {
      const { stderr } = await tryKubectl({}, '-n', namespace, 'get', 'canaryaction', action);
      assert.match(stderr, /not found/, 'the action is there after its canary');
    });
  });

  it('leave no more than twenty answers behind', async () => {
    const name = 'many';
    await begun(name, SLOW);
    const { lastAppliedSpec: revision } = await status(name);
    const action = (number: number) => ({
      apiVersion: 'flagger.app/v1beta1',
      kind: 'CanaryAction',
      metadata: { name: `many-${String(number).padStart(2, '0')}`, namespace },
      spec: { canary: name, revision, action: 'resume' },
    });
    await apply(...Array.from({ length: 25 }, (_, number) => action(number)));
    await eventually(async () => {
      const { items } = await kubectlJson<{ items: CanaryAction[] }>('-n', namespace, 'get', 'canaryactions');
      const ours = items.filter(({ spec }) => spec.canary === name);
      const answered = ours.filter(({ status: answer }) => answer?.phase === 'Rejected');
      assert.deepEqual([ours.length, answered.length], [20, 20]);
    });
    assert.equal((await status(name)).decisions?.length, 20);
  });
});
