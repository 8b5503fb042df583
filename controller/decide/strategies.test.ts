// Releases that do not go by weights of all requests alone. Times are in seconds, as in decide.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Analysis, CanaryWebhook } from '../../api/generated/canary.ts';
import { atRest, B, C, check, type PretendRelease } from './pretend-release.ts';

const UNOBSERVED = /has not been observed|rollout to finish/;
const told = (release: PretendRelease) => release.lines().filter((line) => !UNOBSERVED.test(line));
const gate = (type: CanaryWebhook['type']): CanaryWebhook => ({
  name: type,
  type,
  url: 'http://gate.test',
  timeout: '10s',
});
const passed = [check('gate', 'Pass', { kind: 'Webhook' })];
const closed = [check('gate', 'Fail', { kind: 'Webhook', message: 'closed' })];
/** What the status wanted of the route, each once: `50`, `50 matched`, `0+100` with copies. */
const traffic = (release: PretendRelease) =>
  release.moments
    .map(({ status: { desiredWeight = 0, matchedOnly, mirrorWeight = 0 } }) =>
      [
        `${desiredWeight}${mirrorWeight > 0 ? `+${mirrorWeight}` : ''}`,
        ...(matchedOnly === true ? ['matched'] : []),
      ].join(' '),
    )
    .filter((each, index, all) => each !== all[index - 1]);
const releasing = (analysis: Partial<Analysis>) => {
  const release = atRest({ analysis });
  release.land(B);
  return release;
};
const match = [{ headers: { 'x-user': { exact: 'insider' } } }];

describe('a blue/green release', () => {
  it('checks the canary without users, switches to it, checks once more, and is promoted', () => {
    assert.deepEqual(told(releasing({ iterations: 2 }).run(60)), [
      '100s keep revision b',
      '100s [Progressing 0%] New revision detected! Scaling up podinfo.test',
      '100s scale target to 1',
      '102.1s [Progressing 0%] Starting canary analysis for podinfo.test',
      '102.1s [Progressing 0%] Advance podinfo.test canary iteration 1/2',
      '112.1s measure',
      '112.1s [Progressing 0%] Advance podinfo.test canary iteration 2/2',
      '122.1s measure',
      '122.1s [Progressing 100%] Routing all traffic to canary podinfo.test',
      '122.1s route 100',
      '132.1s measure',
      '132.1s [Promoting 100%] Copying podinfo.test template spec to podinfo-primary.test',
      '132.1s set primary b',
      '135.2s [Succeeded, ending 0%] Routing all traffic to primary',
      '135.2s route 0',
      '140.2s scale target to 0',
      '140.2s [Succeeded 0%] Promotion completed! Scaling down podinfo.test',
    ]);
  });

  it('with a mirror has copies until the switch', () => {
    const release = releasing({ iterations: 2, mirror: true, mirrorWeight: 30 }).run(60);
    assert.deepEqual(traffic(release), ['0', '0+30', '100', '0']);
    const mirroring = release.texts().filter((text) => text.includes('mirroring'));
    assert.deepEqual(mirroring, ['Start traffic mirroring to podinfo.test', 'Stop traffic mirroring to podinfo.test']);
  });

  it('that fails its checks never meets a user', () => {
    const release = releasing({ iterations: 5, threshold: 2, mirror: true });
    release.metrics = () => [check('errors', 'Fail')];
    release.run(60);
    assert.deepEqual(traffic(release), ['0', '0+100', '0']);
    assert.equal(release.status.phase, 'Failed');
    assert.equal(release.target?.replicas, 0);
  });

  it('that fails after the switch goes back to the primary, which was never touched', () => {
    const release = releasing({ iterations: 1, threshold: 1 });
    release.metrics = (_, weight) => [check('errors', weight === 100 ? 'Fail' : 'Pass')];
    release.run(60);
    assert.deepEqual(traffic(release), ['0', '100', '0']);
    assert.equal(release.status.phase, 'Failed');
    assert.ok(
      release.moments.every(({ primary }) => primary?.startsWith('a')),
      'the primary was touched',
    );
  });

  it('asks for the promotion before the switch, and no second time', () => {
    const release = atRest({ analysis: { iterations: 1, webhooks: [gate('confirm-promotion')] } });
    let isOpen = false;
    let asked = 0;
    release.hooks = () => {
      asked += 1;
      return isOpen ? passed : closed;
    };
    release.land(B);
    release.run(40);
    assert.deepEqual([release.status.phase, release.served], ['WaitingPromotion', 0]);
    isOpen = true;
    const before = asked;
    release.run(60);
    assert.equal(release.status.phase, 'Succeeded');
    assert.deepEqual(traffic(release), ['0', '100', '0']);
    assert.equal(asked, before + 1);
  });

  it('asks whether more traffic may come at the switch and at the promotion, and not between two checks', () => {
    const release = atRest({ analysis: { iterations: 3, webhooks: [gate('confirm-traffic-increase')] } });
    let asked = 0;
    release.hooks = () => {
      asked += 1;
      return passed;
    };
    release.land(B);
    release.run(90);
    assert.equal(release.status.phase, 'Succeeded');
    assert.equal(asked, 2);
  });

  it('starts again at another revision, without copies', () => {
    const release = releasing({ iterations: 3, mirror: true });
    release.at(115, (world) => world.land(C));
    release.run(100);
    assert.deepEqual(traffic(release), ['0', '0+100', '0', '0+100', '100', '0']);
    assert.ok(release.primary?.template.startsWith('c'), 'the third revision is not promoted');
  });
});

describe('an A/B release', () => {
  it('gives the canary the requests that fit, for as many checks', () => {
    const release = releasing({ iterations: 2, match }).run(60);
    assert.deepEqual(traffic(release), ['0', '100 matched', '0']);
    assert.deepEqual(
      release.texts().filter((text) => text.startsWith('Advance')),
      ['Advance podinfo.test canary iteration 1/2', 'Advance podinfo.test canary iteration 2/2'],
    );
    assert.equal(release.status.phase, 'Succeeded');
    assert.equal(release.moments.filter(({ effect }) => effect?.kind === 'measure').length, 2);
  });

  it('may give them in steps', () => {
    const release = releasing({ stepWeights: [10, 50], match }).run(60);
    assert.deepEqual(traffic(release), ['0', '10 matched', '50 matched', '0']);
  });

  it('whose primary loses all its pods gives the canary everybody', () => {
    const release = releasing({ iterations: 1, match });
    release.at(113, (world) => world.primary?.crash(world.elapsed, 8000));
    release.run(80);
    assert.deepEqual(traffic(release), ['0', '100 matched', '100', '0']);
    assert.equal(release.status.phase, 'Succeeded');
  });

  it('begins anew when its match goes', () => {
    const release = releasing({ iterations: 5, match });
    release.at(115, (world) => world.edit({ iterations: undefined, match: undefined, stepWeights: [50] } as never));
    release.run(80);
    assert.deepEqual(traffic(release), ['0', '100 matched', '0', '50', '0']);
    assert.equal(release.status.phase, 'Succeeded');
  });
});

describe('a release by weight with a mirror', () => {
  it('has a step with copies before the first weight', () => {
    const release = releasing({ stepWeights: [50], mirror: true }).run(60);
    assert.deepEqual(traffic(release), ['0', '0+100', '50', '0']);
    assert.equal(release.status.history?.[0]?.weight, 50);
  });
});

describe('session affinity', () => {
  const sessionAffinity = { cookieName: 'canary', maxAge: 60 };
  const cookies = ({ status }: PretendRelease) => [
    status.sessionAffinityCookie,
    status.primarySessionAffinityCookie,
    status.previousSessionAffinityCookie,
  ];

  it('has a cookie of each release, which is expired after it', () => {
    const release = releasing({ stepWeights: [50], sessionAffinity });
    release.run(5);
    const [first, ofPrimary, previous] = cookies(release);
    assert.match(first ?? '', /^canary=[0-9a-f]+$/);
    assert.deepEqual([ofPrimary, previous], [undefined, undefined]);
    release.run(60);
    assert.deepEqual(cookies(release), [undefined, undefined, first]);
    release.land(C);
    release.run(5);
    const [second] = cookies(release);
    assert.match(second ?? '', /^canary=[0-9a-f]+$/);
    assert.notEqual(second, first);
  });

  it('splits the clients of the primary anew at each step', () => {
    const release = releasing({
      stepWeights: [20, 50],
      sessionAffinity: { ...sessionAffinity, primaryCookieName: 'primary' },
    });
    release.run(5);
    const [, atFirst] = cookies(release);
    release.run(10);
    const [, atSecond] = cookies(release);
    for (const cookie of [atFirst, atSecond]) assert.match(cookie ?? '', /^primary=[0-9a-f]+$/);
    assert.notEqual(atFirst, atSecond);
  });

  it('is nothing in a release that has no weights of all requests', () => {
    for (const analysis of [{ iterations: 2 }, { iterations: 2, match }]) {
      const release = releasing({ ...analysis, sessionAffinity: { ...sessionAffinity, primaryCookieName: 'primary' } });
      release.run(5);
      assert.deepEqual(cookies(release), [undefined, undefined, undefined]);
    }
  });

  it('that is taken out of the spec leaves no cookie', () => {
    const release = releasing({ stepWeights: [50], sessionAffinity });
    release.run(60).edit({ sessionAffinity: undefined } as never);
    release.land(C);
    release.run(5);
    assert.equal(cookies(release)[0], undefined);
  });
});
