// Hooks of a real controller: what a receiver in the cluster is sent, what its answers do, and that nobody waits for another's.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { hookReceiver } from '../hook-receiver.ts';
import { getOk } from '../http.ts';
import type { ReceivedCall } from '../images/hook-receiver.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';
import {
  assertInOrder,
  eventsOf,
  follow,
  initializedCanary,
  readCanary,
  toldInOrder,
  untilPhase,
  untilStatus,
} from './release.ts';

interface Payload {
  readonly name: string;
  readonly namespace: string;
  readonly phase: string;
  readonly checksum: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Call extends ReceivedCall {
  readonly payload: Payload;
}

const FIRST = 'scale.test/nothing';
const SECOND = 'scale.test/second';
const THIRD = 'scale.test/third';
/** A pull that fails: its pods are never ready. */
const NOWHERE = 'nowhere.test/nothing';
const QUICK = { interval: '1s', threshold: 3, stepWeights: [25, 50], drainSeconds: 0 };
const SLOW_MS = 20_000;
const TOKEN = 't0k3n-of-a-Secret';

describe('hooks of a release, with pods that are ready at once,', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('hooks');
  const receiver = `http://hooks.${namespace}:8080`;
  let server: Transport;
  before(async () => {
    server = await apiServer();
    const token = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hooks', namespace } };
    await apply({ ...token, stringData: { token: `${TOKEN}\n` } }, ...hookReceiver(namespace));
    await rolledOut(namespace, 'hooks');
    // Events are told once: nobody may tell one before the Service leads to the pod.
    await eventually(() => getOk(`${receiver}/calls`));
  });
  after(() => server.close());

  const initialized = (name: string, analysis: object, spec: object = {}) =>
    initializedCanary(server, namespace, name, { ...spec, analysis: { ...QUICK, ...analysis } });
  const change = (name: string, image = SECOND) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${image}`);
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(server, namespace, name, isWanted, what);
  const status = async (name: string) => (await readCanary(server, namespace, name)).status ?? {};
  const imageOf = (name: string) =>
    kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={..containers[0].image}');
  const replicasOf = (name: string) =>
    kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}');
  const turn = (how: 'open' | 'close', gate: string, query = '') =>
    eventually(() => getOk(`${receiver}/${how}/${gate}${query}`));

  /** What the receiver got about a canary, on this path or on any. */
  async function callsOf(name: string, path?: string): Promise<readonly Call[]> {
    const calls = JSON.parse(await eventually(() => getOk(`${receiver}/calls`))) as ReceivedCall[];
    return calls
      .map((call) => ({ ...call, payload: JSON.parse(call.body) as Payload }))
      .filter((call) => call.payload.name === name && (path === undefined || call.path === path));
  }

  function untilCalled(name: string, path: string, times: number): Promise<readonly Call[]> {
    return eventually(async () => {
      const calls = await callsOf(name, path);
      assert.ok(calls.length >= times, `${path} was called ${calls.length} times, not ${times}`);
      return calls;
    });
  }

  /** The gate is asked again and again, and opens nothing while it is closed. */
  async function untilHeldAt(name: string, gate: string, phase: string, weight: number): Promise<void> {
    const closed = async () => (await callsOf(name, gate)).filter((call) => call.status === 403);
    const { length } = await eventually(async () => {
      const calls = await closed();
      assert.ok(calls.length > 0, `${gate} was not found closed`);
      return calls;
    });
    await until(name, (is) => is.phase === phase && is.actualWeight === weight, `${phase} at weight ${weight}`);
    await eventually(async () => {
      const again = (await closed()).length;
      assert.ok(again >= length + 2, `${gate} was asked ${again} times, before ${length}`);
    });
    const { phase: later, actualWeight, desiredWeight } = await status(name);
    assert.deepEqual([later, actualWeight, desiredWeight], [phase, weight, weight]);
  }

  describe('with all kinds of them', { concurrency: false }, () => {
    const name = 'gated';
    const CMD = 'hey -z 1m http://podinfo-canary.test/?a=1&b=<ü>';
    const hook = (type: string, path: string, more: object = {}) => ({
      ...{ name: path.slice(1).replaceAll('/', '-'), type, url: receiver + path },
      ...more,
    });
    const HEADERS = [
      { name: 'X-Token', valueFrom: { secretKeyRef: { name: 'hooks', key: 'token' } } },
      { name: 'X-Team', value: 'web' },
    ];
    const webhooks = [
      hook('confirm-rollout', '/gate/gated-rollout'),
      hook('pre-rollout', '/flaky/gated', { retries: 3 }),
      hook('pre-rollout', '/ok/gated-secret', { headers: HEADERS }),
      hook('rollout', '/created/gated-load', { metadata: { type: 'cmd', cmd: CMD } }),
      // Without a type it is called at each step.
      { name: 'untyped', url: `${receiver}/ok/gated-untyped` },
      hook('confirm-traffic-increase', '/gate/gated-traffic'),
      hook('confirm-promotion', '/gate/gated-promotion'),
      hook('post-rollout', '/ok/gated-after'),
      hook('event', '/ok/gated-events', { metadata: { team: 'web' } }),
    ];
    /** All calls up to the end of the first release, and of the second. */
    let first: readonly Call[] = [];
    let second: readonly Call[] = [];
    let notes: readonly string[] = [];

    before(async () => {
      await initialized(name, { webhooks });
      await change(name);
      await until(name, ({ phase }) => phase === 'Waiting', 'Waiting');
    });

    it('is held without pods while confirm-rollout is closed', async () => {
      await untilHeldAt(name, '/gate/gated-rollout', 'Waiting', 0);
      assert.equal(await replicasOf(name), '0');
      const paths = new Set((await callsOf(name)).map(({ path }) => path));
      assert.deepEqual([...paths].toSorted(), ['/gate/gated-rollout', '/ok/gated-events']);
      await turn('open', 'gated-traffic', '?calls=1');
      await turn('open', 'gated-rollout');
    });

    it('stays at its weight while confirm-traffic-increase is closed', async () => {
      await untilHeldAt(name, '/gate/gated-traffic', 'Progressing', 25);
      await turn('open', 'gated-traffic');
    });

    it('keeps its weight in WaitingPromotion while confirm-promotion is closed', async () => {
      await untilHeldAt(name, '/gate/gated-promotion', 'WaitingPromotion', 50);
      assert.equal(await imageOf(`${name}-primary`), FIRST);
      await turn('open', 'gated-promotion');
    });

    it('is promoted when all are open, and the next one at once', async () => {
      const promoted = await untilPhase(server, namespace, name, 'Succeeded');
      assert.equal(promoted.history?.[0]?.result, 'Succeeded');
      assert.equal(await imageOf(`${name}-primary`), SECOND);
      assert.equal(await replicasOf(name), '0');
      first = await eventually(() => settledCalls(1));
      notes = await eventually(async () => {
        const texts = await eventsOf(namespace, name);
        assert.ok(texts.includes(`Promotion completed! Scaling down ${name}.${namespace}`), texts.join('\n'));
        return texts;
      });
      await change(name, THIRD);
      await until(name, ({ history = [], phase }) => history.length === 2 && phase === 'Succeeded', 'promoted again');
      assert.equal(await imageOf(`${name}-primary`), THIRD);
      second = (await eventually(() => settledCalls(2))).slice(first.length);
    });

    /** Events are sent beside the release: all are there with the last. */
    async function settledCalls(releases: number): Promise<readonly Call[]> {
      const calls = await callsOf(name);
      const completed = calls.filter(({ payload }) => payload.metadata?.['eventMessage']?.startsWith('Promotion com'));
      assert.equal(completed.length, releases, calls.map(({ body }) => body).join('\n'));
      return calls;
    }
    const on = (calls: readonly Call[], path: string) => calls.filter((call) => call.path === path);

    it('calls each at its time', () => {
      const hooks = first.filter(({ path }) => path !== '/ok/gated-events');
      const order = hooks.map(({ path, status: answered }) => `${path} ${answered}`);
      assertInOrder(order, [
        '/gate/gated-rollout 403',
        '/gate/gated-rollout 200',
        '/flaky/gated 503',
        '/flaky/gated 503',
        '/flaky/gated 200',
        '/gate/gated-traffic 200',
        '/created/gated-load 204',
        '/gate/gated-traffic 403',
        '/gate/gated-traffic 403',
        '/gate/gated-traffic 200',
        '/created/gated-load 204',
        '/gate/gated-traffic 200',
        '/gate/gated-promotion 403',
        '/gate/gated-promotion 403',
        '/gate/gated-promotion 200',
        '/ok/gated-after 200',
      ]);
      assert.equal(order.at(-1), '/ok/gated-after 200');
      assert.equal(on(first, '/flaky/gated').length, 3);
      assert.equal(on(first, '/ok/gated-secret').length, 1);
      assert.equal(on(first, '/ok/gated-after').length, 1);
      assert.equal(on(first, '/ok/gated-untyped').length, on(first, '/created/gated-load').length);
      const counts = webhooks.slice(0, 8).map(({ url }) => on(second, url.slice(receiver.length)).length);
      // Two steps, each behind one gate, and the one before the promotion.
      assert.deepEqual(counts, [1, 1, 1, 2, 2, 3, 1, 1]);
    });

    it('sends to each byte what its receiver knows from Flagger', () => {
      const phases: Readonly<Record<string, string>> = {
        '/gate/gated-rollout': 'Waiting',
        '/flaky/gated': 'Progressing',
        '/ok/gated-secret': 'Progressing',
        '/created/gated-load': 'Progressing',
        '/ok/gated-untyped': 'Progressing',
        '/gate/gated-traffic': 'Progressing',
        '/gate/gated-promotion': 'Progressing',
        '/ok/gated-after': 'Succeeded',
      };
      const checksums = [first, second].map((calls) => calls.find(({ path }) => path.startsWith('/gate'))?.payload);
      const [one = '', other = ''] = checksums.map((payload) => payload?.checksum);
      for (const each of [one, other]) assert.match(each, /^[0-9a-f]{32}$/);
      assert.notEqual(one, other);
      for (const [calls, checksum] of [[first, one] as const, [second, other] as const]) {
        for (const { path, body, headers, payload } of calls) {
          assert.equal(headers['content-type'], 'application/json');
          assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
          if (path === '/ok/gated-events') continue;
          // A gate that has been found closed once is asked in the phase that this has led to.
          const isAskedAgain = path === '/gate/gated-promotion' || path === '/created/gated-load';
          const isWaiting = payload.phase === 'WaitingPromotion' && (isAskedAgain || /untyped|traffic/.test(path));
          const phase = isWaiting ? payload.phase : phases[path];
          const metadata = path === '/created/gated-load' ? { metadata: { cmd: CMD, type: 'cmd' } } : {};
          assert.equal(body, JSON.stringify({ name, namespace, phase, checksum, ...metadata }), path);
        }
      }
    });

    it('sends the headers of the hook, with what the Secret holds, and no others their own', () => {
      const sent = on(first, '/ok/gated-secret').map(({ headers }) => [headers['x-token'], headers['x-team']]);
      assert.deepEqual(sent, [[TOKEN, 'web']]);
      const others = first.filter(({ path }) => path !== '/ok/gated-secret');
      assert.deepEqual(
        others.filter(({ headers }) => 'x-token' in headers || 'authorization' in headers),
        [],
      );
    });

    it('tells of every event, with the run that it is of', () => {
      const { checksum } = first.find(({ path }) => path.startsWith('/gate'))?.payload ?? assert.fail('no gate');
      const told = on(first, '/ok/gated-events').filter(
        // Before the first revision is known there is no run that an event could be of.
        ({ payload }) => !isOfBootstrap(payload) && payload.phase !== 'Initializing',
      );
      for (const { body, payload, at } of told) {
        const { eventMessage = '', eventType = '', timestamp = '' } = payload.metadata ?? {};
        const metadata = { eventMessage, eventType, team: 'web', timestamp };
        assert.equal(body, JSON.stringify({ name, namespace, phase: payload.phase, checksum, metadata }), eventMessage);
        assert.equal(eventType, /^(Halt|Rolling|Waiting)/.test(eventMessage) ? 'Warning' : 'Normal', eventMessage);
        assert.ok(Math.abs(Number(timestamp) - at) < 30_000, `${eventMessage} is of ${timestamp}, and came at ${at}`);
      }
      const messages = told.map(({ payload }) => payload.metadata?.['eventMessage'] ?? '');
      assertInOrder(messages, STORY);
      assert.deepEqual(new Set(notes), new Set(on(first, '/ok/gated-events').map(messageOf)));
    });

    it('tells an event with the phase that it leads to', () => {
      const told = on(first, '/ok/gated-events');
      const phaseOf = (start: string) => told.find((call) => messageOf(call).startsWith(start))?.payload.phase;
      assert.deepEqual(['New revision', 'Starting canary', 'Copying', 'Promotion completed'].map(phaseOf), [
        'Waiting',
        'Progressing',
        'Promoting',
        'Succeeded',
      ]);
    });

    it('shows what a closed gate answered', () => {
      for (const gate of ['gated-rollout', 'gated-traffic', 'gated-promotion']) {
        const shown = notes.filter((text) => text.startsWith('Halt') && text.includes(gate));
        assert.ok(shown.length > 0, `nobody is told that ${gate} is closed:\n${notes.join('\n')}`);
        for (const text of shown) assert.match(text, /answered 403: closed by hand/);
      }
    });

    const title = `${name}.${namespace}`;
    const STORY = [
      `New revision detected! Scaling up ${title}`,
      new RegExp(`^Halt ${title} advancement waiting for approval gate-gated-rollout`),
      `Starting canary analysis for ${title}`,
      `Advance ${title} canary weight 25`,
      new RegExp(`^Halt ${title} advancement waiting for traffic increase approval gate-gated-traffic`),
      `Advance ${title} canary weight 50`,
      new RegExp(`^Halt ${title} advancement waiting for promotion approval gate-gated-promotion`),
      `Copying ${title} template spec to ${name}-primary.${namespace}`,
      `Promotion completed! Scaling down ${title}`,
    ];
    const messageOf = ({ payload }: Call) => payload.metadata?.['eventMessage'] ?? '';
    /** Before there is any release. */
    const isOfBootstrap = ({ metadata }: Payload) =>
      metadata?.['eventMessage']?.startsWith(`Canary ${title} is initialized:`) === true;
  });

  it('ask anew whether a revision that comes meanwhile may roll out', async () => {
    const name = 'confirmed';
    const webhooks = [
      { name: 'rollout', type: 'confirm-rollout', url: `${receiver}/gate/confirmed` },
      { name: 'traffic', type: 'confirm-traffic-increase', url: `${receiver}/gate/confirmed-traffic` },
    ];
    await initialized(name, { webhooks });
    await turn('open', 'confirmed', '?calls=1');
    await turn('open', 'confirmed-traffic', '?calls=1');
    await change(name);
    await untilHeldAt(name, '/gate/confirmed-traffic', 'Progressing', 25);
    await change(name, THIRD);
    await until(name, ({ history }) => history?.[0]?.result === 'Superseded', 'at the third revision');
    await untilHeldAt(name, '/gate/confirmed', 'Waiting', 0);
    const checksums = (await callsOf(name, '/gate/confirmed')).map(({ payload }) => payload.checksum);
    assert.equal(new Set(checksums).size, 2);
    assert.equal(await replicasOf(name), '0');
  });

  it('are called once for a step, however long its gate is closed', async () => {
    const name = 'repeated';
    const webhooks = [
      { name: 'smoke', type: 'pre-rollout', url: `${receiver}/ok/repeated` },
      { name: 'traffic', type: 'confirm-traffic-increase', url: `${receiver}/gate/repeated` },
    ];
    await initialized(name, { webhooks });
    await change(name);
    await untilHeldAt(name, '/gate/repeated', 'Progressing', 0);
    assert.equal((await callsOf(name, '/ok/repeated')).length, 1);
    const { waitingFor } = await until(name, (is) => is.waitingFor?.reason === 'GateClosed', 'at a closed gate');
    assert.match(waitingFor?.message ?? '', /confirm-traffic-increase/);
    await turn('open', 'repeated');
    await untilPhase(server, namespace, name, 'Succeeded');
  });

  it('take a release back that is under way', async () => {
    const name = 'called-back';
    const webhooks = [
      { name: 'traffic', type: 'confirm-traffic-increase', url: `${receiver}/gate/called-back-traffic` },
      { name: 'undo', type: 'rollback', url: `${receiver}/gate/called-back` },
      { name: 'after', type: 'post-rollout', url: `${receiver}/ok/called-back` },
    ];
    await initialized(name, { webhooks });
    await turn('open', 'called-back-traffic', '?calls=1');
    await change(name);
    await untilHeldAt(name, '/gate/called-back-traffic', 'Progressing', 25);
    await assertCalledBack(name, 'called-back');
    const afterwards = await callsOf(name, '/ok/called-back');
    assert.deepEqual(
      afterwards.map(({ payload }) => payload.phase),
      ['Failed'],
    );
    // With the gate still open, nothing is asked any more.
    const { length } = await callsOf(name);
    await sleep(3000);
    assert.equal((await callsOf(name)).length, length);
  });

  it('take a release back whose pods are not ready', async () => {
    const name = 'unready';
    const webhooks = [{ name: 'undo', type: 'rollback', url: `${receiver}/gate/unready` }];
    await initialized(name, { webhooks });
    await change(name, NOWHERE);
    await until(name, ({ waitingFor }) => waitingFor?.reason === 'CanaryReady', 'waiting for its pods');
    await untilHeldAt(name, '/gate/unready', 'Progressing', 0);
    await assertCalledBack(name, 'unready');
  });

  async function assertCalledBack(name: string, gate: string): Promise<void> {
    const { lastPromotedSpec, lastAppliedSpec } = await status(name);
    await turn('open', gate);
    const failed = await untilPhase(server, namespace, name, 'Failed');
    const message = 'rollback hook undo asked for it';
    assert.deepEqual([failed.failure?.reason, failed.failure?.message], ['RollbackHook', message]);
    const [run] = failed.history ?? [];
    assert.deepEqual([run?.result, run?.reason, run?.revision], ['Failed', 'RollbackHook', lastAppliedSpec]);
    assert.deepEqual([failed.lastPromotedSpec, failed.actualWeight], [lastPromotedSpec, 0]);
    assert.equal(await replicasOf(name), '0');
    assert.equal(await imageOf(`${name}-primary`), FIRST);
    await eventually(
      async () => await toldInOrder([namespace, name], [`Rolling back ${name}.${namespace} ${message}`]),
    );
  }

  it('that are slow delay nobody else, and are broken off when another revision comes', async () => {
    const name = 'slow';
    const webhooks = [{ name: 'test', type: 'pre-rollout', url: `${receiver}/slower/slow`, timeout: '2m' }];
    await Promise.all([initialized(name, { webhooks }), initialized('quick', {})]);
    await change(name);
    const [call = assert.fail('there is no call')] = await untilCalled(name, '/slower/slow', 1);
    const { lastAppliedSpec: second } = await status(name);
    await change('quick');
    await untilPhase(server, namespace, 'quick', 'Succeeded');
    const [same] = await callsOf(name, '/slower/slow');
    assert.equal(same?.status, 0, 'the slow hook has answered before the other release was over');
    await until(name, ({ waitingFor }) => waitingFor?.reason === 'HookRunning', 'waiting for its hook');

    await change(name, THIRD);
    const isThird = ({ lastAppliedSpec }: CanaryStatus) => lastAppliedSpec !== second;
    const third = await until(name, isThird, 'at the third revision');
    const [run] = third.history ?? [];
    assert.deepEqual([run?.result, run?.revision, run?.weight], ['Superseded', second, 0]);
    const [before_, again = assert.fail('there is no second call')] = await untilCalled(name, '/slower/slow', 2);
    assert.deepEqual([before_?.wasBrokenOff, before_?.status], [true, 0]);
    assert.notEqual(again.payload.checksum, call.payload.checksum);
    assert.equal(await imageOf(`${name}-primary`), FIRST);
    const ended = await untilPhase(server, namespace, name, 'Succeeded');
    assert.deepEqual(
      ended.history?.map(({ result }) => result),
      ['Succeeded', 'Superseded'],
    );
    assert.ok(ended.lastPromotedSpec === third.lastAppliedSpec, 'it is not the third revision that was promoted');
    assert.equal(await imageOf(`${name}-primary`), THIRD);
  });

  it('that are slow are called once, also where a rollback hook is asked all the while', async () => {
    const name = 'patient';
    const webhooks = [
      { name: 'test', type: 'pre-rollout', url: `${receiver}/slow/patient`, timeout: '1m' },
      { name: 'undo', type: 'rollback', url: `${receiver}/gate/patient` },
    ];
    await initialized(name, { webhooks });
    await change(name);
    await untilCalled(name, '/slow/patient', 1);
    await sleep(SLOW_MS);
    await untilPhase(server, namespace, name, 'Succeeded');
    assert.equal((await callsOf(name, '/slow/patient')).length, 1);
    const asked = (await callsOf(name, '/gate/patient')).length;
    assert.ok(asked >= 10, `the rollback hook was asked ${asked} times`);
  });

  for (const type of ['confirm-traffic-increase', 'confirm-promotion'] as const) {
    it(`that are slow are waited for without a word: ${type}`, async (t) => {
      const name = `slow-${type}`;
      const path = `/slow/${type}`;
      const webhooks = [
        { name: 'gate', type, url: receiver + path, timeout: '1m' },
        // So that it is looked at again and again meanwhile.
        { name: 'undo', type: 'rollback', url: `${receiver}/gate/${type}` },
      ];
      await initialized(name, { webhooks, stepWeights: [50] });
      const over = new AbortController();
      t.after(() => over.abort());
      const written: (CanaryStatus & { readonly at: number })[] = [];
      const collection = `/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries`;
      const followed = follow<{ metadata: { name: string }; status?: CanaryStatus }>(
        ...([server, collection, over.signal] as const),
        (canary) => {
          if (canary.metadata.name === name) written.push({ ...canary.status, at: Date.now() });
        },
      );
      await change(name);
      const [call] = await untilCalled(name, path, 1);
      await until(name, ({ waitingFor }) => waitingFor?.reason === 'HookRunning', 'waiting for its hook');
      await sleep(10_000);
      over.abort();
      await followed;
      const calledAt = call?.at ?? 0;
      const meanwhile = written.filter(({ at }) => at > calledAt);
      const shown = meanwhile.map(({ iterations, waitingFor }) => `${iterations} ${waitingFor?.reason}`);
      const counted = new Set(meanwhile.map(({ iterations }) => iterations));
      assert.ok(counted.size <= 2, `one step counts as iterations ${[...counted].join(', ')}`);
      assert.ok(meanwhile.length <= 5, `${meanwhile.length} writes in ten seconds: ${shown.slice(0, 20).join(', ')}`);
    });
  }
});
