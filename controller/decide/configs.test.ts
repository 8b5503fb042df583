import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedConfigs } from './configs.ts';
import { A, atRest, B, check, PretendRelease } from './pretend-release.ts';

const ANALYSIS = { stepWeight: 50, maxWeight: 50 };
const quick = (more: object = {}) => atRest({ config: 'x', analysis: { ...ANALYSIS, ...more } });
const scalings = (lines: readonly string[]) =>
  lines.filter((line) => /scale|route|keep|set primary/.test(line)).map((line) => line.replace(/^\S+ /, ''));
const withoutNames = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/(keep revision|set primary|mend copies) .*/, '$1'));

describe('a change of configuration', () => {
  it('is released like one of the pod template, and says what has changed', () => {
    const release = quick();
    release.configure('y');
    release.run(60);
    assert.deepEqual(release.texts().slice(0, 2), [
      'ConfigMap podinfo-env has changed',
      'New revision detected! Scaling up podinfo.test',
    ]);
    assert.deepEqual(withoutNames(scalings(release.lines())), [
      ...['keep revision', 'scale target to 1', 'route 50', 'set primary', 'route 0', 'scale target to 0'],
    ]);
    assert.equal(release.status.phase, 'Succeeded');
    assert.equal(release.primary?.template, `${A}y`);
    assert.deepEqual(release.status.trackedConfigs, release.configs);
  });

  it('in the midst of a release takes the traffic off it, and replaces its pods before it begins anew', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    assert.equal(release.served, 50);
    release.startStory();
    release.configure('y');
    release.run(2);
    assert.equal(release.status.stalePods, true);
    release.run(10);
    assert.deepEqual(withoutNames(scalings(release.lines())), [
      ...['route 0', 'keep revision', 'scale target to 0', 'scale target to 1', 'route 50'],
    ]);
    assert.deepEqual([release.status.stalePods, release.target?.hasReadConfig], [undefined, true]);
    assert.equal(release.status.history?.[0]?.result, 'Superseded');
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Succeeded', `${B}y`]);
  });

  it('that was made while everything was to stand still replaces the pods all the same', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    release.edit({}, { suspend: true });
    release.run(5);
    release.configure('y');
    release.run(5);
    assert.equal(release.status.stalePods, true);
    assert.ok(release.texts().includes('ConfigMap podinfo-env has changed'));
    release.edit({}, { suspend: false });
    release.run(20);
    assert.equal(release.target?.hasReadConfig, true);
  });

  it('is seen though it is taken back before anything could be done about it', () => {
    const release = quick();
    release.services = { backends: false, apex: false };
    release.servicesAreRefused = true;
    release.configure('y');
    release.makeTarget(B, 1);
    release.run(5);
    release.configure('x');
    release.run(5);
    assert.equal(release.status.stalePods, true);
    release.servicesAreRefused = false;
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Succeeded', `${B}x`]);
    assert.equal(release.target?.hasReadConfig, true);
  });

  it('that is taken back ends the release', () => {
    const release = quick();
    release.configure('y');
    release.run(5);
    release.configure('x');
    release.run(20);
    assert.deepEqual([release.status.phase, release.status.history?.[0]?.result], ['Succeeded', 'Reverted']);
    assert.equal(release.primary?.template, `${A}x`);
    assert.equal(release.target?.replicas, 0);
  });

  it('that fails leaves the primary with what it had, and is over when it is taken back', () => {
    const release = quick({ threshold: 1 });
    release.metrics = () => [check('errors', 'Fail')];
    release.configure('y');
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Failed', `${A}x`]);
    release.configure('x');
    release.run(10);
    assert.equal(release.status.phase, 'Succeeded');
    assert.equal(release.status.lastAppliedSpec, release.status.lastPromotedSpec);
  });

  it('was not made by who changed the pod template last', () => {
    const release = quick();
    release.land(B, 'anne');
    release.run(5);
    assert.equal(release.status.triggeredBy?.username, 'anne');
    for (const config of ['y', 'z']) {
      release.configure(config);
      release.run(60);
      assert.equal(release.status.triggeredBy, undefined);
    }
  });
});

describe('pods that are older than the first record of their configuration', () => {
  it('are replaced before their revision is released, where it is released as soon as its canary is there', () => {
    const release = new PretendRelease({ config: 'x', analysis: { ...ANALYSIS, drainSeconds: 0 } });
    release.configure('y');
    release.makePrimary(B, 1);
    release.primary?.becomeReady(0);
    release.run(5);
    assert.equal(release.status.phase, 'Progressing');
    assert.deepEqual(scalings(release.lines()).slice(-4), [
      ...['scale target to 0', `keep revision ${release.revision?.slice(0, 1)}`, 'scale target to 1', 'route 50'],
    ]);
    assert.deepEqual([release.status.stalePods, release.target?.hasReadConfig], [undefined, true]);
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Succeeded', `${A}y`]);
  });

  it('are replaced in the midst of a release that goes on, when their configuration is followed from then on', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    release.tracks = false;
    release.run(1);
    release.startStory();
    release.configure('y');
    release.tracks = true;
    release.run(10);
    assert.deepEqual(withoutNames(scalings(release.lines())), [
      ...['keep revision', 'route 0', 'scale target to 0', 'scale target to 1', 'route 50'],
    ]);
    assert.deepEqual([release.target?.hasReadConfig, release.status.history], [true, undefined]);
    release.run(60);
    assert.deepEqual([release.status.phase, release.status.history?.length], ['Succeeded', 1]);
  });

  it('are replaced when the status has nothing of their target, and get no traffic from then on', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    const { target: _, ...status } = release.status;
    release.status = status;
    release.startStory();
    release.run(0);
    assert.equal(release.served, 0);
    release.run(10);
    assert.deepEqual(scalings(release.lines()), ['route 0', 'scale target to 0', 'scale target to 1', 'route 50']);
  });

  it('stay where they have no configuration', () => {
    const release = atRest({ analysis: ANALYSIS });
    release.land(B);
    release.run(5);
    const { target: _, ...status } = release.status;
    release.status = status;
    release.run(1);
    assert.deepEqual([release.served, release.status.stalePods], [50, undefined]);
  });
});

describe('copies of configuration', () => {
  it('that are gone are made again, when nothing else is to be done', () => {
    const release = quick();
    release.run(5);
    release.lacksCopies = true;
    release.startStory();
    release.run(5);
    assert.deepEqual([release.lacksCopies, withoutNames(release.lines())], [false, ['105s mend copies']]);
  });
});

describe('configuration that cannot be read', () => {
  const UNREAD = { reason: 'ConfigUnread', message: 'no answer', againMs: 5000 } as const;

  it('starts nothing, and is read again', () => {
    const release = quick();
    release.unread = UNREAD;
    release.land(B);
    release.run(30);
    assert.deepEqual([release.status.phase, release.status.waitingFor?.reason], ['Initialized', 'ConfigUnread']);
    assert.equal(release.status.conditions?.find(({ type }) => type === 'Ready')?.reason, 'ConfigUnread');
    assert.ok(release.texts().includes('Halt podinfo.test advancement no answer'));
    release.unread = undefined;
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Succeeded', `${B}x`]);
  });

  it('neither ends a release under way nor moves it on', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    const { startedAt } = release.status;
    release.unread = UNREAD;
    release.run(60);
    assert.deepEqual([release.status.phase, release.served, release.status.startedAt], ['Progressing', 50, startedAt]);
    release.unread = undefined;
    release.run(60);
    assert.equal(release.status.phase, 'Succeeded');
    assert.equal(release.status.history?.length, 1);
  });

  it('takes traffic off pods that were started meanwhile, and replaces them when it is read', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    release.unread = UNREAD;
    release.configure('y');
    release.target?.change(release.elapsed, { replicas: 2 });
    release.startStory();
    release.run(30);
    assert.deepEqual([release.status.phase, release.served, release.target?.replicas], ['Progressing', 0, 0]);
    assert.deepEqual(scalings(release.lines()).slice(0, 2), ['route 0', 'scale target to 0']);
    const halt = 'pods may have read other ConfigMaps or Secrets, routing all traffic to primary';
    assert.ok(release.texts().includes(`Halt podinfo.test advancement ${halt}`));
    release.configure('x');
    release.unread = undefined;
    release.run(60);
    assert.deepEqual([release.status.phase, release.primary?.template], ['Succeeded', `${B}x`]);
    assert.equal(release.status.history?.length, 1);
  });

  it('does not keep traffic on pods that are gone', () => {
    const release = quick();
    release.land(B);
    release.run(5);
    release.unread = UNREAD;
    release.target?.crash(release.elapsed, 30_000);
    release.run(1);
    assert.equal(release.served, 0);
  });

  it('is waited for when the target becomes a canary’s', () => {
    const release = quick();
    release.status = {};
    release.unread = { reason: 'ConfigMissing', message: 'there is no ConfigMap podinfo-env' };
    release.run(10);
    assert.deepEqual([release.status.phase, release.status.waitingFor?.reason], ['Initializing', 'ConfigMissing']);
    release.unread = undefined;
    release.run(30);
    assert.equal(release.status.phase, 'Initialized');
  });
});

describe('configuration that is followed only from now on, or no longer', () => {
  for (const tracks of [true, false]) {
    it(`starts no release${tracks ? '' : ' when it is no longer'}`, () => {
      const release = atRest({ config: 'x', analysis: ANALYSIS });
      if (tracks) {
        release.tracks = false;
        release.run(10);
      }
      const { lastPromotedSpec } = release.status;
      const { generation } = release.primary ?? {};
      release.startStory();
      release.tracks = tracks;
      release.run(30);
      assert.notEqual(release.status.lastPromotedSpec, lastPromotedSpec);
      assert.equal(release.status.lastPromotedSpec, release.revision);
      assert.equal(release.primary?.generation, generation);
      assert.deepEqual([release.status.phase, release.status.history], ['Initialized', undefined]);
      assert.equal(release.status.trackedConfigs !== undefined, tracks);
      release.configure('y');
      release.run(60);
      assert.equal(release.status.phase, tracks ? 'Succeeded' : 'Initialized');
    });
  }

  it('is not taken for changed, nor is what Flagger has written down', () => {
    assert.deepEqual(changedConfigs({ 'configmap/a': A }, { 'configmap/a': B, 'configmap/b': B }), ['configmap/a']);
    assert.deepEqual(changedConfigs({ 'configmap/a': A, 'configmap/b': A }, { 'configmap/a': A }), []);
    assert.deepEqual(changedConfigs({ 'configmap/a': 'absent' }, { 'configmap/a': A }), ['configmap/a']);
    assert.deepEqual(changedConfigs({ 'configmap/a': '0123456789abcdef' }, { 'configmap/a': A }), []);
    assert.deepEqual(changedConfigs(undefined, { 'configmap/a': A }), []);
  });
});
