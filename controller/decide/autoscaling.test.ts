// Stories of releases whose primary has an autoscaler. What holds whatever happens is in safety/.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atRest, B, check, type PretendOptions, PretendRelease } from './pretend-release.ts';

const SCALER = { minReplicas: 1, maxReplicas: 8, load: 5 };

function rested(options: PretendOptions = {}): PretendRelease {
  const release = atRest({ scaler: SCALER, ...options });
  release.run(90);
  return release.startStory();
}

/** Effects and times, without what is told. */
const deeds = (release: PretendRelease) => release.lines().filter((line) => !line.includes('['));
const sizeOf = ({ primary }: PretendRelease) => primary?.replicas;

describe('a primary with an autoscaler', () => {
  it('is made as large as the target, and gets an autoscaler that leaves it so before it takes its place', () => {
    const release = new PretendRelease({ scaler: { ...SCALER, load: 1 }, replicas: 4 });
    release.run(20);
    assert.deepEqual(
      deeds(release).map((line) => line.replace(/^\S+ /, '')),
      [
        'hold canary',
        'apply backend services',
        'create primary',
        'apply autoscaler',
        'apply all services',
        'route 0',
        'scale target to 0',
      ],
    );
    assert.deepEqual([sizeOf(release), release.status.primaryReplicas], [4, 4]);
    release.run(60);
    assert.deepEqual([sizeOf(release), release.status.primaryReplicas], [1, undefined]);
  });

  it('grows with a target that is scaled out while it is made', () => {
    const release = new PretendRelease({ scaler: { ...SCALER, load: 1 }, replicas: 2 });
    release.at(1, ({ target, elapsed }) => target?.change(elapsed, { replicas: 6 }));
    release.run(30);
    assert.equal(release.status.phase, 'Initialized');
    assert.equal(sizeOf(release), 6);
  });

  it('is held from before the first request goes until all are seen to be back', () => {
    const release = rested();
    assert.equal(sizeOf(release), 5);
    release.land(B);
    release.run(40);
    const order = deeds(release).map((line) => line.replace(/^\S+ /, ''));
    assert.deepEqual(order.slice(order.indexOf('apply autoscaler'), order.indexOf('apply autoscaler') + 2), [
      ...['apply autoscaler', 'route 50'],
    ]);
    assert.equal(release.status.phase, 'Succeeded');
    assert.deepEqual([sizeOf(release), release.scaler?.ofPrimary?.minReplicas], [5, 5]);
    release.run(70);
    assert.deepEqual([sizeOf(release), release.scaler?.ofPrimary?.minReplicas], [5, 1]);
  });

  it('is held at what it has grown to since', () => {
    const release = rested();
    release.land(B);
    release.at(release.elapsed / 1000 + 5, ({ scaler }) => scaler !== undefined && (scaler.sharedLoad = 7));
    release.at(release.elapsed / 1000 + 15, ({ scaler }) => scaler !== undefined && (scaler.sharedLoad = 1));
    release.run(40);
    assert.equal(release.status.phase, 'Succeeded');
    assert.deepEqual([sizeOf(release), release.status.primaryReplicas], [7, 7]);
  });

  it('gets its pods back at once when its release fails, and keeps what its autoscaler was', () => {
    const release = rested({ analysis: { threshold: 1 } });
    release.metrics = () => [check('errors', 'Fail')];
    release.land(B);
    release.scaler?.write(3);
    release.run(30);
    assert.equal(release.status.phase, 'Failed');
    assert.equal(sizeOf(release), 5);
    release.run(70);
    assert.equal(release.scaler?.ofPrimary?.minReplicas, 1);
  });

  it('gets what its target’s says by now with the promotion, before its pods do', () => {
    const release = rested();
    release.scaler?.write(2);
    release.run(10);
    assert.equal(release.scaler?.ofPrimary?.minReplicas, 1);
    release.land(B);
    release.run(40);
    const order = deeds(release).map((line) => line.replace(/^\S+ /, ''));
    const set = order.indexOf('set primary b');
    assert.equal(order[set - 1], 'apply autoscaler', order.join('\n'));
    assert.equal(release.status.scaler?.minReplicas, 2);
    assert.equal(release.status.previousScaler, undefined);
    release.run(70);
    assert.equal(release.scaler?.ofPrimary?.minReplicas, 2);
  });

  it('has the autoscaler of its last good revision again when the next does not come up', () => {
    const release = rested();
    release.scaler?.write(2);
    release.delays.primary.set(B, Number.POSITIVE_INFINITY);
    release.land(B);
    release.run(200);
    assert.equal(release.status.phase, 'Failed');
    assert.deepEqual([release.status.scaler?.minReplicas, release.status.previousScaler], [1, undefined]);
    assert.ok(release.moments.some(({ status }) => status.previousScaler?.minReplicas === 1));
  });

  it('is not waited for where no pod of the primary is left, and the canary answers', () => {
    const release = rested({ spec: { skipAnalysis: true } });
    release.delays.primary.set(B, 20_000);
    release.land(B);
    release.at(release.elapsed / 1000 + 4, ({ primary, elapsed }) => primary?.crash(elapsed, 60_000));
    release.run(6);
    const lines = release.lines();
    const helps = lines.findIndex((line) => line.includes('routing all traffic to canary'));
    assert.ok(helps > 0, lines.join('\n'));
    assert.match(lines[helps + 1] ?? '', /route 100$/);
  });

  it('has none for as long as there is none to copy, and its target serves', () => {
    const release = new PretendRelease({ scaler: SCALER, replicas: 2 });
    if (release.scaler !== undefined) release.scaler.ofTarget = undefined;
    release.run(60);
    assert.deepEqual(
      [release.status.phase, release.status.waitingFor?.reason, release.target?.replicas],
      ['Initializing', 'AutoscalerMissing', 2],
    );
    release.scaler?.write(1);
    release.run(20);
    assert.equal(release.status.phase, 'Initialized');
  });

  it('of which the target’s is gone keeps its own, and releases nothing', () => {
    const release = rested();
    release.scaler?.happen('delete target’s', 0);
    release.scaler?.happen('delete', 0);
    release.land(B);
    release.run(30);
    assert.equal(release.status.waitingFor?.reason, 'AutoscalerMissing');
    assert.equal(release.scaler?.ofPrimary?.minReplicas, 1);
    release.scaler?.write(1);
    release.run(60);
    assert.equal(release.status.lastPromotedSpec, B);
  });

  it('that the canary names no more goes', () => {
    const release = rested();
    const { autoscalerRef: _none, ...spec } = release.spec;
    release.spec = spec;
    release.run(1);
    assert.deepEqual(deeds(release).slice(-1), [`${release.elapsed / 1000 - 1}s delete autoscaler`]);
    assert.equal(release.status.scaler, undefined);
  });

  it('that somebody scaled to zero stays there', () => {
    const release = rested();
    release.primary?.change(release.elapsed, { replicas: 0 });
    release.run(5);
    assert.equal(sizeOf(release), 0);
  });
});
