import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { queryPrometheus } from '../prometheus.ts';
import { assertShare } from '../split.ts';
import { type Load, type LoadReport, startLoad } from './load.ts';
import {
  assertInOrder,
  BUILT_IN_CHECKS,
  CONTOUR_GATEWAY,
  eventsOf,
  followStatus,
  releasedByContour,
  setImage,
  untilPhase,
} from './release.ts';

const OLD = '6.9.0';
const NEW = '6.9.1';

/** The release whose time Flagger 1.44 was measured with on two cores: 82.7 s, of which 50 are analysis. */
const ANALYSIS = {
  ...{ interval: '10s', threshold: 5, stepWeight: 10, maxWeight: 50 },
  metrics: BUILT_IN_CHECKS.map((metric) => ({ ...metric, interval: '10s' })),
};

describe('a good revision', { skip: sandboxOnly('the load reaches the gateway’s Service by its name') }, () => {
  const namespace = testNamespace('promotion');
  const followed = new AbortController();
  let transport: Transport;
  /** How each step was served: the weight, and what was answered while it was held. */
  const steps: { weight: number; report: LoadReport }[] = [];
  const phases: CanaryStatus['phase'][] = [];
  let load: Load | undefined;
  let failures: LoadReport['failures'] = [];
  let seconds = 0;
  let triggered = '';

  before(async () => {
    transport = await apiServer();
    const host = await releasedByContour(transport, namespace, { analysis: ANALYSIS }, { version: OLD });
    const steady = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: 30 });
    load = steady;
    // What came before Envoy knew the host is not the release's doing.
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    steady.take();
    let held: number | undefined;
    const following = followStatus(transport, namespace, followed.signal, ({ phase, actualWeight, desiredWeight }) => {
      if (phases.at(-1) !== phase) phases.push(phase);
      // Between two steps some requests still go by the weight before.
      const weight = phase === 'Progressing' && actualWeight === desiredWeight ? actualWeight : undefined;
      if (weight === held) return;
      const report = steady.take();
      failures = [...failures, ...report.failures];
      if (held !== undefined) steps.push({ weight: held, report });
      held = weight;
    });
    triggered = new Date().toISOString();
    const start = performance.now();
    await setImage(namespace, NEW);
    // The condition is that of the revision before until the change has been seen.
    await untilPhase(transport, namespace, 'podinfo', 'Progressing', 'Promoting');
    await kubectl('-n', namespace, 'wait', 'canary/podinfo', '--for=condition=promoted', '--timeout=150s');
    seconds = (performance.now() - start) / 1000;
    followed.abort();
    await following;
    failures = [...failures, ...(await steady.stop()).failures];
  });
  after(async () => {
    followed.abort();
    await load?.stop();
    transport.close();
  });

  it('is promoted soon after its last check', (t) => {
    t.diagnostic(`from kubectl set image to Succeeded: ${seconds.toFixed(1)} s, of which 50 are analysis`);
    assert.ok(seconds >= 50, `${seconds} s are fewer than five steps of ten`);
    assert.ok(seconds < 120, `${seconds} s`);
  });

  it('costs nobody a request', () => assert.deepEqual(failures, []));

  it('gets at each step the share of the requests that the step says', () => {
    const weights = steps.map(({ weight }) => weight).filter((weight) => weight > 0);
    assert.deepEqual(weights, [10, 20, 30, 40, 50]);
    for (const { weight, report } of steps.filter((step) => step.weight > 0)) {
      const answered = [...report.versions.values()].reduce((sum, count) => sum + count, 0);
      assert.ok(answered > 30, `${answered} answers at weight ${weight}`);
      assertShare(report.versions.get(NEW) ?? 0, answered, weight / 100);
    }
  });

  it('goes through the phases one after the other', () => {
    assert.deepEqual(phases, ['Initialized', 'Progressing', 'Promoting', 'Finalising', 'Succeeded']);
  });

  it('is told of in events', async () => {
    const canary = `podinfo.${namespace}`;
    const events = await eventually(async () => {
      const texts = await eventsOf(namespace);
      assert.ok(texts.includes(`Promotion completed! Scaling down ${canary}`), texts.join('\n'));
      return texts;
    });
    assertInOrder(events, [
      `New revision detected! Scaling up ${canary}`,
      ...[10, 20, 30, 40, 50].map((weight) => `Advance ${canary} canary weight ${weight}`),
      `Copying ${canary} template spec to podinfo-primary.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${canary}`,
    ]);
  });

  it('is the primary’s then, and the target has no pods', async () => {
    const image = '{.spec.template.spec.containers[0].image} {.spec.replicas}';
    const [target, primary] = await Promise.all(
      ['podinfo', 'podinfo-primary'].map((name) =>
        kubectl('-n', namespace, 'get', 'deployment', name, '-o', `jsonpath=${image}`),
      ),
    );
    assert.equal(target, `ghcr.io/stefanprodan/podinfo:${NEW} 0`);
    assert.equal(primary, `ghcr.io/stefanprodan/podinfo:${NEW} 1`);
  });

  it('leaves in the status what happened', async () => {
    const { status } = await kubectlJson<{ status: CanaryStatus }>('-n', namespace, 'get', 'canary', 'podinfo');
    const { history = [], checks = [], conditions = [], lastPromotedSpec, target } = status;
    assert.equal(lastPromotedSpec, target?.revision);
    assert.deepEqual(
      history.map(({ result, weight, revision }) => ({ result, weight, revision })),
      [{ result: 'Succeeded', weight: 50, revision: lastPromotedSpec }],
    );
    assert.ok((history[0]?.startedAt ?? '') >= triggered, `it began at ${history[0]?.startedAt}`);
    assert.deepEqual(
      checks.map(({ name, verdict }) => [name, verdict]),
      [
        ['request-success-rate', 'Pass'],
        ['request-duration', 'Pass'],
      ],
    );
    assert.deepEqual(
      conditions.map(({ type, status: is, reason }) => [type, is, reason]),
      [
        ['Promoted', 'True', 'Succeeded'],
        ['Ready', 'True', 'Ready'],
      ],
    );
    assert.notEqual(status.triggeredBy?.username, undefined);
  });

  it('is kept, as is the one before, to come back to', async () => {
    const { items } = await kubectlJson<{
      items: { data: { template: { spec: { containers: { image: string }[] } } } }[];
    }>(...['-n', namespace, 'get', 'controllerrevisions', '-l', 'flagger.app/canary=podinfo']);
    const images = items.map(({ data }) => data.template.spec.containers[0]?.image ?? '');
    for (const version of [OLD, NEW])
      assert.ok(images.includes(`ghcr.io/stefanprodan/podinfo:${version}`), images.join());
    assert.equal(images.length, 2);
  });

  it('is in the controller’s metrics and in its log', async () => {
    const labels = `name="podinfo",exported_namespace="${namespace}"`;
    await eventually(async () => {
      assert.equal(await queryPrometheus(`max(flagger_canary_status{${labels}})`), 1);
      assert.equal(await queryPrometheus(`sum(flagger_canary_successes_total{${labels}})`), 1);
      assert.equal(await queryPrometheus(`sum(flagger_canary_duration_seconds_count{${labels}})`), 1);
      assert.equal(
        await queryPrometheus(
          `max(flagger_canary_weight{workload="podinfo-primary",exported_namespace="${namespace}"})`,
        ),
        100,
      );
      assert.equal(
        await queryPrometheus(`max(flagger_canary_metric_analysis{${labels},metric="request-success-rate"})`),
        100,
      );
    });
    const selector = 'app.kubernetes.io/name=canary-controller';
    const log = await kubectl('-n', 'kubectl-canary', 'logs', '-l', selector, '--tail=-1', '--prefix=false');
    const lines = log
      .split('\n')
      .filter((line) => line.includes(`podinfo.${namespace}`))
      .map((line) => JSON.parse(line) as { msg: string; canary: string; revision: string; reconcileID: string });
    const done = lines.find(({ msg }) => msg.startsWith('Promotion completed!'));
    assert.equal(done?.canary, `podinfo.${namespace}`);
    assert.match(done.revision, /^[0-9a-f]{64}$/);
    assert.match(done.reconcileID, /^[0-9a-f-]{36}$/);
  });
});
