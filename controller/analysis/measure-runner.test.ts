import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withDefaults } from '../../api/defaults.ts';
import type { Canary, CheckStatus } from '../../api/generated/canary.ts';
import { silentLog } from '../../kube/log.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { settled } from '../../kube/stepping-clock.ts';
import { createMeasureRunner } from './measure-runner.ts';

const KEY = 'test/podinfo';
const CHECKS: readonly CheckStatus[] = [{ kind: 'Metric', name: 'errors', verdict: 'Pass' }];
const about = (status: object = {}, generation = 1): Canary =>
  withDefaults('Canary', {
    metadata: { name: 'podinfo', namespace: 'test', generation },
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, service: { port: 80 } },
    status: { lastAppliedSpec: 'b', step: 1, nextCheckAt: 'at ten', ...status },
  }) as Canary;

/** A runner whose measurements are ended by hand. */
function runner() {
  const asked: { readonly signal: AbortSignal; end(checks: readonly CheckStatus[] | Error): void }[] = [];
  const woken: string[] = [];
  const clock = new PretendClock();
  const over = new AbortController();
  const measurements = createMeasureRunner<{ readonly canary: Canary }>({
    ...{ clock, log: silentLog, signal: over.signal, onAnswer: (key) => void woken.push(key) },
    measure: (_subject, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        asked.push({ signal, end: (checks) => (checks instanceof Error ? reject(checks) : resolve(checks)) });
      }),
  });
  return { measurements, asked, woken, clock, over };
}

describe('createMeasureRunner()', () => {
  it('measures once a round, wakes the canary, and gives what was measured once', async () => {
    const { measurements, asked, woken, clock } = runner();
    assert.equal(measurements.take(about()), undefined);
    for (let time = 0; time < 3; time++) measurements.start({ canary: about() });
    assert.equal(asked.length, 1);
    assert.equal(measurements.take(about()), 'under way');
    asked[0]?.end(CHECKS);
    await settled();
    assert.deepEqual(woken, [KEY]);
    assert.deepEqual(measurements.take(about()), CHECKS);
    assert.equal(measurements.take(about()), undefined);
    assert.equal(clock.pending, 0);
  });

  it('says so of servers that take long', async () => {
    const { measurements, asked, woken, clock } = runner();
    measurements.start({ canary: about() });
    clock.advance(5000);
    assert.deepEqual([measurements.take(about()), woken], ['overdue', [KEY]]);
    asked[0]?.end(CHECKS);
    await settled();
    assert.deepEqual([measurements.take(about()), woken], [CHECKS, [KEY, KEY]]);
  });

  const OTHERS: Readonly<Record<string, Canary>> = {
    'another revision': about({ lastAppliedSpec: 'c' }),
    'another step': about({ step: 2 }),
    'another try': about({ nextCheckAt: 'at eleven' }),
    'another run': about({ startedAt: 'later' }),
    'another spec': about({}, 2),
  };
  for (const [what, other] of Object.entries(OTHERS)) {
    it(`gives nothing for ${what}, and breaks off what is under way`, async () => {
      const { measurements, asked, woken, clock } = runner();
      measurements.start({ canary: about() });
      assert.equal(measurements.take(other), undefined);
      assert.equal(asked[0]?.signal.aborted, true);
      measurements.start({ canary: other });
      await settled();
      assert.deepEqual([measurements.take(other), asked.length, woken], ['under way', 2, []]);
      asked[1]?.end(CHECKS);
      await settled();
      assert.deepEqual([measurements.take(other), clock.pending], [CHECKS, 0]);
    });
  }

  it('measures again a while after a fault of ours', async () => {
    const { measurements, asked, woken, clock } = runner();
    measurements.start({ canary: about() });
    asked[0]?.end(new Error('a fault'));
    await settled();
    assert.deepEqual([measurements.take(about()), woken], ['under way', []]);
    clock.advance(10_000);
    await settled();
    assert.deepEqual([measurements.take(about()), woken.at(-1)], [undefined, KEY]);
  });

  it('leaves nothing of a canary that is gone, nor at its end', async () => {
    const { measurements, asked, woken, clock, over } = runner();
    measurements.start({ canary: about() });
    measurements.forget(KEY);
    measurements.start({ canary: about() });
    over.abort(new Error('the lease is lost'));
    await settled();
    assert.deepEqual(
      [asked.map(({ signal }) => signal.aborted), woken, measurements.take(about()), clock.pending],
      [[true, true], [], undefined, 0],
    );
  });
});
