import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { type LoadReport, startLoad } from './load.ts';
import { CONTOUR_GATEWAY, QUICK_ANALYSIS, readCanary, releasedByContour, untilStatus } from './release.ts';
import { rightAnswers } from './right-answers.ts';

const APPS = ['one', 'two', 'three', 'four', 'five'];
const ROUNDS = 4;
const TAGS = ['6.9.0', '6.9.1', '6.9.2'];

const analysis = {
  ...QUICK_ANALYSIS,
  interval: '3s',
  metrics: [
    {
      ...{ name: 'right-answers', templateRef: { name: 'right-answers' }, thresholdRange: { min: 90 } },
      // In two seconds Prometheus may not have looked twice.
      ...{ interval: '6s', onNoData: 'hold' },
    },
  ],
};

/**
 * Promotions and rollbacks one after the other under a load that does not stop. What the bad version itself fails, podinfo
 * answers with a bare 500; everything else that is not an answer of 2xx to 4xx would be the release's doing.
 */
describe('releases under steady load', {
  skip: sandboxOnly('the load reaches the gateway’s Service by its name'),
}, () => {
  const namespace = testNamespace('steady');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  const command = (...flags: string[]) => ['./podinfo', '--port=9898', '--port-metrics=9797', '--level=info', ...flags];

  /** How a revision ended. Another `attempt` is another revision. */
  async function release(name: string, version: string, flags: string[], attempt = 0): Promise<string> {
    const { status: last } = await readCanary(transport, namespace, name);
    const container = { name: 'podinfo', image: `ghcr.io/stefanprodan/podinfo:${version}`, command: command(...flags) };
    const metadata = { annotations: { attempt: String(attempt) } };
    const patch = { spec: { template: { metadata, spec: { containers: [container] } } } };
    await kubectl('-n', namespace, 'patch', 'deployment', name, '-p', JSON.stringify(patch));
    const { history = [], phase } = await untilStatus(
      ...([transport, namespace, name] as const),
      ({ history: [run] = [], ending }) => run?.finishedAt !== last?.history?.[0]?.finishedAt && ending === undefined,
      `through with ${version} ${flags.join(' ')}`,
    );
    return `${phase} ${history[0]?.result}`;
  }

  /** Of requests as few as these none may have failed, and then it was rightly promoted: so often did a bad one have luck. */
  async function rollBack(name: string, version: string): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      if ((await release(name, version, ['--random-error'], attempt)) === 'Failed Failed') return attempt;
    }
  }

  it('cost no request in 20 promotions and 20 rollbacks', { timeout: 600_000 }, async (t) => {
    await apply(rightAnswers(namespace));
    const ends: string[] = [];
    let lucky = 0;
    const reports: LoadReport[] = [];
    await Promise.all(
      APPS.map(async (name) => {
        const host = await releasedByContour(
          transport,
          namespace,
          { analysis },
          { name, version: TAGS[0] ?? '', replicas: 2 },
        );
        await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
        const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: 40 });
        try {
          // Prometheus counts nothing of the first sample of a series: those of errors have to be there before they matter.
          await release(name, TAGS[0] ?? '', ['--random-error']);
          for (let round = 1; round <= ROUNDS; round++) {
            const version = TAGS[round % TAGS.length] ?? '';
            ends.push(await release(name, version, []));
            lucky += await rollBack(name, version);
            ends.push('Failed Failed');
          }
        } finally {
          reports.push(await load.stop());
        }
      }),
    );
    assert.deepEqual(
      Object.fromEntries([...new Set(ends)].map((end) => [end, ends.filter((each) => each === end).length])),
      { 'Succeeded Succeeded': APPS.length * ROUNDS, 'Failed Failed': APPS.length * ROUNDS },
    );
    const requests = reports.reduce((sum, report) => sum + report.requests, 0);
    const failures = reports.flatMap((report) => report.failures);
    const own = failures.filter(({ what }) => what === '500 ');
    assert.ok(lucky <= 3, `${lucky} bad revisions were promoted`);
    t.diagnostic(
      `${requests} requests, of which the bad version itself failed ${own.length} with a 500; ${lucky} bad ones had luck`,
    );
    assert.ok(own.length > 0, 'the bad version was never met: nothing was tried');
    assert.deepEqual(
      failures.filter(({ what }) => what !== '500 '),
      [],
    );
  });
});
