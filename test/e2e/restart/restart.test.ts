// The controller is replaced while it releases, as in an upgrade or a downgrade; and removed. In a cluster that it shares with
// no other test, as those count on its metrics and its log.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { startLoad } from '../controller/load.ts';
import {
  CONTOUR_GATEWAY,
  canaryOf,
  followStatus,
  releasedByContour,
  setImage,
  untilPhase,
  untilStatus,
} from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { scaleDeployment } from '../scale.ts';

const CONTROLLER = 'deployment/canary-controller';
const PODS = 'app.kubernetes.io/name=canary-controller';
const OLD = '6.9.0';
const NEW = '6.9.1';
/** Steps that a controller which has just come finds held still. */
const ANALYSIS = { interval: '15s', threshold: 2, stepWeights: [25, 50], drainSeconds: 5 };

const controllers = (...args: readonly string[]) => kubectl('-n', 'kubectl-canary', ...args);

/** In good order: the one that leads hands over. */
async function rolled(): Promise<void> {
  await controllers('rollout', 'restart', CONTROLLER);
  await controllers('rollout', 'status', CONTROLLER, '--timeout=100s');
}

/** All at once, with whatever they are in the midst of. */
async function killed(): Promise<void> {
  await controllers('delete', 'pods', '-l', PODS, '--force', '--grace-period=0', '--wait=false');
  await controllers('rollout', 'status', CONTROLLER, '--timeout=100s');
}

describe('a controller that is replaced', {
  skip: sandboxOnly('it is the controller of the whole cluster'),
}, () => {
  const namespace = testNamespace('restart');
  let server: Transport;
  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    server = await apiServer();
  });
  after(() => server.close());

  /** A release under load, with everything that its status has been. */
  async function released(t: TestContext, name: string) {
    const host = await releasedByContour(server, namespace, { analysis: ANALYSIS }, { name, version: OLD });
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host });
    const over = new AbortController();
    const statuses: CanaryStatus[] = [];
    const followed = followStatus(server, namespace, over.signal, (status, of) => {
      if (of === name) statuses.push(status);
    });
    t.after(async () => {
      over.abort();
      await Promise.all([load.stop(), followed]);
    });
    return {
      statuses: statuses as readonly CanaryStatus[],
      assertSucceeds: async (): Promise<void> => {
        const { history } = await untilPhase(server, namespace, name, 'Succeeded', 'Failed');
        assert.deepEqual(
          history?.map(({ result, weight }) => [result, weight]),
          [['Succeeded', 50]],
        );
        const { requests, failures } = await load.stop();
        t.diagnostic(`${requests} requests`);
        assert.ok(requests > 100, `only ${requests} requests`);
        assert.deepEqual(failures, []);
        const runs = new Set(
          statuses.flatMap(({ phase, startedAt = '' }) => (phase === 'Progressing' ? [startedAt] : [])),
        );
        assert.equal(runs.size, 1, `it began ${runs.size} times`);
        const weights = statuses
          .filter(({ phase }) => phase === 'Progressing')
          .map(({ desiredWeight = 0 }) => desiredWeight);
        assert.deepEqual([...new Set(weights)], [0, 25, 50]);
        assert.deepEqual(
          weights,
          weights.toSorted((one, other) => one - other),
          'a weight was taken back',
        );
      },
    };
  }

  for (const [title, name, replaced] of [
    ['in good order', 'ordered', rolled],
    ['by force', 'forced', killed],
  ] as const) {
    it(`${title} at every stage of a release goes on where it was, and nobody loses a request`, async (t) => {
      const { assertSucceeds } = await released(t, name);
      await setImage(namespace, NEW, name);
      const stages: readonly (readonly [string, (status: CanaryStatus) => boolean])[] = [
        ['started', ({ phase }) => phase === 'Progressing'],
        ['at 25 %', ({ actualWeight = 0, phase }) => actualWeight >= 25 || phase !== 'Progressing'],
        ['at 50 %', ({ actualWeight = 0, phase }) => actualWeight >= 50 || phase !== 'Progressing'],
        ['promoted', ({ phase }) => phase !== 'Progressing'],
      ];
      for (const [what, isThere] of stages) {
        await untilStatus(server, namespace, name, isThere, what);
        await replaced();
      }
      await assertSucceeds();
    });
  }

  it('by another version goes on with a status that lacks what this one writes, or has more', async (t) => {
    const name = 'stripped';
    const { assertSucceeds } = await released(t, name);
    await setImage(namespace, NEW, name);
    await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 25, 'at 25 %');
    const nothing = [
      ...['summary', 'checks', 'waitingFor', 'stepStartedAt', 'nextCheckAt', 'conditions', 'target', 'triggeredBy'],
      ...['actualWeight', 'steps', 'observedGeneration', 'iterations'],
    ].map((field) => [field, null] as const);
    const status = { ...Object.fromEntries(nothing), ofTheNextVersion: { step: 7 } };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await kubectl('-n', namespace, 'patch', 'canary', name, ...patch);
    await rolled();
    await assertSucceeds();
    assert.doesNotMatch(await kubectl('-n', namespace, 'get', 'canary', name, '-o', 'json'), /ofTheNextVersion/);
  });

  it('that is gone leaves what serves to whoever removes the rest: make undeploy', async () => {
    const [back, left] = ['back', 'left'];
    const analysis = { ...ANALYSIS, drainSeconds: 1 };
    const selectorOf = (name: string) =>
      kubectl('-n', namespace, 'get', 'service', name, '-o', 'jsonpath={.spec.selector.app}');
    const podsOf = (name: string) =>
      kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.status.readyReplicas}');
    const undeploy = async () => (await execa('make', ['undeploy'], { all: true, timeout: 300_000 })).all;
    const initialized = async (name: string) => {
      await apply(scaleDeployment(namespace, name, 2), canaryOf(namespace, { analysis }, name));
      await untilPhase(server, namespace, name, 'Initialized');
    };

    await initialized(back);
    await undeploy();
    assert.deepEqual([await podsOf(back), await selectorOf(back)], ['2', back]);
    assert.equal(await kubectl('get', 'crd', 'canaries.flagger.app', '--ignore-not-found'), '');

    await execa('make', ['deploy'], { timeout: 240_000 });
    await initialized(left);
    await controllers('delete', CONTROLLER);
    await eventually(async () => assert.equal(await controllers('get', 'pods', '-l', PODS, '-o', 'name'), ''));
    assert.match(await undeploy(), new RegExp(`${namespace}/${left} is let go as it is`));
    assert.equal(await kubectl('get', 'crd', 'canaries.flagger.app', '--ignore-not-found'), '');
    await eventually(async () =>
      assert.equal(
        await kubectl(
          '-n',
          namespace,
          'get',
          'deployment',
          `${left}-primary`,
          '-o',
          'jsonpath={.metadata.ownerReferences[*].kind}',
        ),
        'Deployment',
      ),
    );
    assert.deepEqual([await podsOf(`${left}-primary`), await selectorOf(left)], ['2', `${left}-primary`]);
  });
});
