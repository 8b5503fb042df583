// The controller is killed before and after each of its writes. The writes are those that an undisturbed run was seen to do; each
// killed run has to end as that one did, by the same way, with no write that it did not do and no request lost.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { assertOnlyUnknownClusters } from '../controller/unknown-clusters.ts';
import { eventually } from '../eventually.ts';
import { type Bundle, bundle } from '../kube/bundle.ts';
import { kubectl } from '../kubectl.ts';
import { SCENARIOS, type Scenario } from './kill-scenarios.ts';
import { isDone, type Moment, type SeenWrite } from './kill-trial.ts';
import { type RunReport, runKilled } from './killed-run.ts';
import { turningPoints, wayOf, weightsOf } from './way.ts';

const MOMENTS: readonly Moment[] = ['before', 'after'];
const installed = (...args: readonly string[]) => kubectl('-n', 'kubectl-canary', ...args);

describe('a controller that is killed at each write', {
  skip: sandboxOnly('no other controller may be at work'),
}, () => {
  let server: Transport;
  let program: Bundle;
  before(async () => {
    await execa('make', ['deploy'], { timeout: 240_000 });
    await installed('scale', 'deployment/canary-controller', '--replicas=0');
    await eventually(async () => {
      const pods = await installed('get', 'pods', '-l', 'app.kubernetes.io/name=canary-controller', '-o', 'name');
      assert.equal(pods, '');
    });
    [server, program] = await Promise.all([apiServer(), bundle('controller/main.ts')]);
  });
  after(async () => {
    server.close();
    await program.remove();
    await installed('scale', 'deployment/canary-controller', '--replicas=2');
  });

  for (const scenario of SCENARIOS) {
    it(`of ${scenario.title} goes on where it was`, async (t) => {
      const options = { server, program: program.program };
      const undisturbed = await runKilled(t, scenario, options);
      assertNothingWrong(undisturbed, scenario);
      assert.deepEqual(
        [weightsOf(wayOf(undisturbed.writes)), undisturbed.results],
        [scenario.weights, scenario.results],
      );
      const points = new Set(undisturbed.writes.filter(({ isArmed }) => isArmed).map(({ point }) => point));
      const disturbed = await Promise.all(
        MOMENTS.map(async (moment) => ({ moment, run: await runKilled(t, scenario, { ...options, moment, points }) })),
      );
      t.diagnostic(`undisturbed: ${figures(undisturbed)}`);
      for (const { moment, run } of disturbed) t.diagnostic(`killed ${moment}: ${figures(run)}`);
      for (const point of points) {
        const at = disturbed.flatMap(({ moment, run }) => (killedAt(run.writes).has(point) ? [moment] : []));
        t.diagnostic(`${at.length === 0 ? 'never killed at' : `killed ${at.join(' and ')}`} ${point}`);
      }
      for (const { moment, run } of disturbed) {
        assertNothingWrong(run, scenario);
        const extra = [...killedAt(run.writes)].filter((point) => !points.has(point));
        if (extra.length > 0) t.diagnostic(`killed ${moment} also at: ${extra.join('; ')}`);
        assert.deepEqual(
          wayOf(run.writes),
          wayOf(undisturbed.writes),
          `killed ${moment} each write, it went another way`,
        );
        assert.deepEqual(run.outcome, undisturbed.outcome, `killed ${moment} each write, it ended otherwise`);
        const missed = turningPoints(undisturbed.writes).filter((point) => !killedAt(run.writes).has(point));
        assert.deepEqual(missed, [], `it was not killed ${moment} these writes`);
      }
    });
  }
});

function killedAt(writes: readonly SeenWrite[]): ReadonlySet<string> {
  return new Set(writes.filter(({ killed }) => killed !== undefined).map(({ point }) => point));
}

/** Of the rules, of what the API server refuses but for what is done already, of actions, and of requests. */
function assertNothingWrong({ writes, load }: RunReport, { takesRouteOver = false }: Scenario): void {
  const broken = writes.flatMap(({ object, state, broken: rule }) =>
    rule === undefined ? [] : [`${object}: ${state}: ${rule}`],
  );
  assert.deepEqual(broken, []);
  const refused = writes.filter(({ status }) => status !== undefined && status !== 409 && status >= 300);
  assert.deepEqual(refused, []);
  const answers = writes.filter((write) => isDone(write) && /^canaryactions \S+ status$/.test(write.object));
  assert.equal(new Set(answers.map(({ object }) => object)).size, answers.length, 'an action was answered twice');
  if (takesRouteOver) assertOnlyUnknownClusters(load.failures.map(({ what }) => what));
  else assert.deepEqual(load.failures, []);
  assert.ok(load.requests > 100, `only ${load.requests} requests`);
}

function figures({ writes, lives, load, seconds }: RunReport): string {
  const armed = writes.filter(({ isArmed }) => isArmed);
  const done = armed.filter(isDone).length;
  const refused = armed.filter(({ status }) => status === 409).length;
  const requests = `${load.requests} requests, ${load.failures.length} failed`;
  return `${done} writes done, ${refused} answered 409, ${lives} lives, ${requests}, ${seconds.toFixed(0)} s`;
}
