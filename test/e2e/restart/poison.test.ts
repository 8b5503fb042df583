// Canaries that hang, crash or fill the controller, and a release of another tenant beside them. In a cluster that it shares with
// no other test, as its controllers can be poisoned.
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
  eventsOf,
  followStatus,
  initializedCanary,
  releasedByContour,
  setImage,
  untilStatus,
} from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';

const SYSTEM = 'kubectl-canary';
const OLD = '6.9.0';
const NEW = '6.9.1';
/** Some time for each step, so that a death meets a release under way, and less than what no release may stand still for. */
const INTERVAL_MS = 6000;
const ANALYSIS = { interval: '6s', threshold: 5, stepWeights: [10, 20, 30, 40, 50], drainSeconds: 1 };
const LONGEST_STANDSTILL_MS = 60_000;
const POISONS = ['hang', 'crash', 'leak'] as const;

interface Pods {
  readonly items: readonly { readonly status: { readonly containerStatuses?: readonly { restartCount: number }[] } }[];
}

describe('a poisonous canary', { skip: sandboxOnly('it kills the controller of the whole cluster') }, () => {
  const tenant = testNamespace('tenant');
  /** One for each test: what was convicted in one of them is on record in the next. */
  const attackers = new Map([...POISONS, 'all'].map((each) => [each, testNamespace(`attacker-${each}`)]));
  let server: Transport;
  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    const args = ['--poison-for-tests', '--memory-limit=256Mi'].map((value) => ({
      ...{ op: 'add', path: '/spec/template/spec/containers/0/args/-', value },
    }));
    await kubectl('-n', SYSTEM, 'patch', 'deployment', 'canary-controller', '--type=json', '-p', JSON.stringify(args));
    server = await apiServer();
  });
  after(async () => {
    server.close();
    await kubectl('delete', '-k', 'manifests/controller', '--ignore-not-found', '--wait=false');
  });

  async function deaths(): Promise<number> {
    const { items } = await kubectlJson<Pods>(
      '-n',
      SYSTEM,
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name=canary-controller',
    );
    return items
      .flatMap(({ status }) => status.containerStatuses ?? [])
      .reduce((sum, { restartCount }) => sum + restartCount, 0);
  }

  async function poison(attacker: string, names: readonly string[], how: (name: string) => string): Promise<void> {
    await Promise.all(names.map((name) => kubectl('-n', attacker, 'label', '--overwrite', 'canary', name, how(name))));
  }

  /** New pods, so that the kubelet does not wait to restart them because of deaths in another test. */
  async function replaced(): Promise<void> {
    await kubectl('-n', SYSTEM, 'rollout', 'restart', 'deployment/canary-controller');
    await rolledOut(SYSTEM, 'canary-controller');
  }

  /** Releases another tenant's canary while the poison works, and asserts that it never stood still for long. */
  async function releasedBeside(t: TestContext, test: string, poisons: readonly string[]): Promise<void> {
    const name = `beside-${test}`;
    const attacker = attackers.get(test) ?? '';
    await replaced();
    for (const each of poisons) await initializedCanary(server, attacker, each);
    const host = await releasedByContour(server, tenant, { analysis: ANALYSIS }, { name, version: OLD });
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));
    const deathsBefore = await deaths();
    const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host });
    const over = new AbortController();
    const progress: { readonly at: number; readonly what: string }[] = [];
    const followed = followStatus(server, tenant, over.signal, ({ phase, desiredWeight = 0 }, of) => {
      const what = `${phase} ${desiredWeight}`;
      if (of === name && progress.at(-1)?.what !== what) progress.push({ at: Date.now(), what });
    });
    t.after(async () => {
      over.abort();
      await Promise.all([load.stop(), followed, poison(attacker, poisons, () => 'flagger.app/poison-for-tests-')]);
    });
    await setImage(tenant, NEW, name);
    const isUnderWay = ({ actualWeight = 0 }: CanaryStatus) => actualWeight >= 10;
    await untilStatus(server, tenant, name, isUnderWay, 'under way');
    await poison(attacker, poisons, (each) => `flagger.app/poison-for-tests=${each}`);
    const isOver = ({ phase }: CanaryStatus) => phase === 'Succeeded' || phase === 'Failed';
    const { phase } = await untilStatus(server, tenant, name, isOver, 'released', 400_000);
    assert.equal(phase, 'Succeeded');
    const gaps = progress.slice(1).map(({ at }, index) => at - (progress[index]?.at ?? at));
    const longest = Math.max(...gaps);
    const { requests, failures } = await load.stop();
    const died = (await deaths()) - deathsBefore;
    t.diagnostic(
      `${died} controllers died, the longest time between two steps was ${longest} ms, ${requests} requests`,
    );
    t.diagnostic(progress.map(({ at, what }) => `${at - (progress[0]?.at ?? 0)} ${what}`).join(', '));
    assert.ok(died >= 1, 'no controller died: the poison did nothing');
    assert.ok(longest < LONGEST_STANDSTILL_MS + INTERVAL_MS, `the release stood still for ${longest} ms`);
    assert.deepEqual(failures, []);
    await eventually(async () => {
      for (const each of poisons) {
        const events = await eventsOf(attacker, each);
        assert.ok(
          events.some((text) => /is in quarantine: the controller ended/.test(text)),
          `${each}: ${events.join('\n')}`,
        );
      }
    });
  }

  for (const how of POISONS) {
    it(`that lets the controller ${how} holds no other release up for long`, async (t) => {
      await releasedBeside(t, how, [how]);
    });
  }

  it('of each kind at the same time holds no other release up for long', async (t) => {
    await releasedBeside(t, 'all', POISONS);
  });
});
