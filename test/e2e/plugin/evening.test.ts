// A person's evening on a release that fails its users, with nothing but `kubectl canary`.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { startLoad } from '../controller/load.ts';
import { CONTOUR_GATEWAY, releasedByContour, toldInOrder } from '../controller/release.ts';
import { assertItsOwnFailures, FAILING, setRevision } from '../controller/revision.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

const FIXED = 'ghcr.io/stefanprodan/podinfo:6.9.2';
const ANALYSIS = {
  // Nobody is rolled back before somebody has looked.
  ...{ interval: '8s', threshold: 50, stepWeights: [20, 50] },
  metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '10s' }],
  webhooks: [{ name: 'qa', type: 'confirm-promotion' }],
};

interface Shop {
  readonly status: {
    readonly history?: readonly { readonly result: string; readonly message?: string }[];
  };
}

describe('an evening on a failing release', {
  skip: sandboxOnly('the load reaches the gateway’s Service by its name'),
}, () => {
  const namespace = testNamespace('evening');
  const plugin = installedPlugin();
  let server: Transport;
  let host = '';
  before(async () => {
    server = await apiServer();
    host = await releasedByContour(server, namespace, { analysis: ANALYSIS }, { name: 'shop', version: '6.9.0' });
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
  });
  after(() => server.close());

  const canary = (...args: readonly string[]) => plugin.ok(...args, '-n', namespace);
  /** The line of the canary in `get`, once it is as expected. */
  const seen = (expected: RegExp) =>
    eventually(async () => {
      const [, line = ''] = (await canary('get')).split('\n');
      assert.match(line, expected);
      return line;
    }, 180_000);

  it('ends with what was meant being promoted, and with no failure but those of the release itself', async (t) => {
    const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: 30 });
    t.after(() => load.stop());
    // What somebody has left behind in the afternoon.
    await setRevision(namespace, 'shop', { version: '6.9.1', flags: FAILING });

    t.diagnostic('notice');
    // A measuring that began with its first error counters knows of none yet, and may have let one step pass.
    await seen(/^shop +Deployment\/shop +Progressing +[12]\/2 +[25]0 +0\/1 /);

    t.diagnostic('understand');
    const why = await canary('why', 'shop');
    assert.match(why, /Check +request-success-rate Fail: \d+(\.\d+)?%, and has to be >= 99%/);
    const status = await canary('status', 'shop');
    assert.match(status, /▶ +[12] +[25]0%/);
    assert.match(status, /✖ +request-success-rate +\d+(\.\d+)?% +>= 99% +Fail/);

    t.diagnostic('abort');
    assert.equal(
      await canary('abort', 'shop', '--reason', 'a third of its answers are errors'),
      'canary.flagger.app/shop aborted (all traffic goes to the primary)\n',
    );
    await seen(/^shop +Deployment\/shop +Failed /);
    assert.match(await canary('why', 'shop'), /a third of its answers are errors/);
    // From here on nobody meets it.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assertItsOwnFailures(load.take());

    t.diagnostic('fix');
    await canary('undo', 'shop');
    assert.equal(await canary('set', 'image', 'shop', `podinfo=${FIXED}`), 'deployment.apps/shop image updated\n');
    await seen(/^shop +Deployment\/shop +WaitingPromotion +2\/2 +50 +1\/1 /);

    t.diagnostic('reject, think again, and retry');
    assert.match(
      await canary('reject', 'shop', '--reason', 'is it the right one?'),
      /^canary.flagger.app\/shop rejected/,
    );
    await seen(/^shop +Deployment\/shop +Failed /);
    assert.equal(
      await canary('retry', 'shop', '--reason', 'it is'),
      'canary.flagger.app/shop retried (it begins again)\n',
    );
    await seen(/^shop +Deployment\/shop +WaitingPromotion +2\/2 +50 +1\/1 /);
    const gate = await canary('status', 'shop');
    assert.ok(gate.includes(`kubectl canary approve qa shop -n ${namespace}`), gate);

    t.diagnostic('approve');
    assert.match(
      await canary('approve', 'qa', 'shop'),
      /^canary.flagger.app\/shop approved \(gate qa is open for revision/,
    );

    t.diagnostic('see it promoted');
    assert.match(await canary('wait', 'shop', '--for', 'promoted', '--timeout', '3m'), /shop/);
    const { history = [] } = (JSON.parse(await canary('get', 'shop', '-o', 'json')) as Shop).status;
    const results = history.map(({ result }) => result);
    assert.deepEqual([results[0], results.at(-1)], ['Succeeded', 'Aborted']);
    assert.match(history.at(-1)?.message ?? '', /a third of its answers are errors$/);
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    t.diagnostic(`none of ${requests} requests failed once it was aborted`);
    await toldInOrder([namespace, 'shop'], [/^Aborted shop/, /^Approved gate qa/, /^Promotion completed!/]);
  });
});
