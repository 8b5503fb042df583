// Deletions in a pretend world, as stories and whatever happens: the canary always goes, and nobody who was answered is not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation, Refusal } from './observation.ts';
import { A, atRest, B, C, Conflict, check, type Decide, PretendRelease } from './pretend-release.ts';
import { changed } from './status.ts';

const acts = (release: PretendRelease) =>
  release.moments.flatMap(({ effect, kind }) => (effect === undefined || kind !== 'act' ? [] : [effect.kind]));
const end = ({ going, target, primary }: PretendRelease) =>
  `${going.isGone ? 'gone' : 'there'}, target ${target?.replicas}, ${primary === undefined ? 'no primary' : 'a primary'}`;
const HANDED_BACK = ['scale target', 'hand back service', 'hand back route', 'let go'];

function deleted(release: PretendRelease): PretendRelease {
  release.startStory();
  release.going.delete(release);
  return release;
}

describe('a canary that is deleted', () => {
  it('gives its target pods, then the Service and the route, and goes with the primary', () => {
    const release = deleted(atRest({ replicas: 3 })).run(60);
    assert.deepEqual(
      release.lines().filter((line) => !/has not been observed|^\S+ \[Terminating \d+%\]$/.test(line)),
      [
        '100s [Terminating 0%] Canary podinfo.test is being deleted: podinfo.test gets its pods and its traffic back',
        '100s scale target to 3',
        '100.1s [Terminating 0%] Waiting for podinfo.test rollout to finish: 0 of 3 updated replicas are available',
        '102.1s hand back service',
        '102.1s hand back route',
        '107.1s [Terminated 0%] Canary podinfo.test is gone: podinfo.test serves all traffic',
        '107.1s let go',
      ],
    );
    assert.equal(end(release), 'gone, target 3, no primary');
  });

  it('in a run takes the traffic off a revision that nobody has promoted, until it has as many pods as the primary', () => {
    const release = atRest({ replicas: 4, analysis: { interval: '1h' }, spec: { canaryReplicas: 1 } });
    release.land(B);
    release.run(10);
    assert.deepEqual([release.served, release.target?.replicas], [50, 1]);
    deleted(release).run(60);
    assert.deepEqual(acts(release), ['route', ...HANDED_BACK]);
    assert.match(
      release.texts().join('\n'),
      /podinfo\.test gets its pods and its traffic back, at a revision that was never promoted/,
    );
    assert.equal(end(release), 'gone, target 4, no primary');
  });

  it('gives up when its time is over, and leaves the primary', () => {
    const release = atRest();
    release.delays.target.set(A, Number.POSITIVE_INFINITY);
    deleted(release).run(59);
    assert.equal(release.going.isGone, false);
    release.run(2);
    assert.deepEqual(acts(release), ['scale target', 'let go']);
    assert.equal(end(release), 'gone, target 1, a primary');
    assert.match(release.texts().at(-1) ?? '', /is gone and podinfo-primary\.test stays .*: Waiting for podinfo\.test/);
  });

  it('leaves the primary where the gateway does not take up that it is to go', () => {
    const release = atRest();
    release.routeRefusal = 'no such Service';
    deleted(release).run(70);
    assert.equal(end(release), 'gone, target 1, a primary');
    assert.match(release.texts().at(-1) ?? '', /: the gateway refuses route podinfo: no such Service$/);
  });

  it('is not waited for where nothing is left to serve', () => {
    for (const what of ['target', 'namespace'] as const) {
      const release = atRest();
      release.land(B);
      release.run(5);
      if (what === 'target') release.target = undefined;
      else release.going.namespaceIsGoing = true;
      const at = release.elapsed;
      deleted(release).run(1);
      assert.deepEqual([acts(release), release.moments[0]?.seconds], [['let go'], at / 1000], what);
      assert.equal(release.primary, undefined);
    }
  });

  it('waits for the clients of a target that falls over while it takes over', () => {
    const release = deleted(atRest());
    release.at(104, (world) => world.target?.crash(world.elapsed, 10_000));
    release.run(60);
    assert.deepEqual(acts(release), [
      ...['scale target', 'hand back service', 'hand back route'],
      // Back to the primary.
      ...['route', 'apply services'],
      ...['hand back service', 'hand back route', 'let go'],
    ]);
    assert.equal(end(release), 'gone, target 1, no primary');
  });

  it('is let go at once of what is not ours, with a word', () => {
    for (const reason of ['InvalidSpec', 'OwnedByAnother']) {
      const release = atRest();
      release.refusals = [{ reason, message: 'odd', holds: 'everything' }];
      deleted(release).run(1);
      assert.deepEqual(acts(release), ['let go'], reason);
      assert.equal(end(release), 'gone, target 0, a primary');
    }
  });

  it('gives back what it can where the route cannot be written, and leaves the primary', () => {
    const release = atRest();
    release.refusals = [{ reason: 'ProviderNotInstalled', message: 'no HTTPProxy', holds: 'everything' }];
    release.routeWeight = undefined;
    deleted(release).run(60);
    assert.deepEqual(acts(release), ['scale target', 'hand back service', 'let go']);
    assert.match(release.texts().at(-1) ?? '', /: no HTTPProxy$/);
    assert.equal(end(release), 'gone, target 1, a primary');
  });

  it('leaves the primary where a write is refused', () => {
    const release = atRest();
    release.servicesAreRefused = true;
    deleted(release).run(60);
    assert.match(release.texts().at(-1) ?? '', /: no Service is taken$/);
    assert.equal(end(release), 'gone, target 1, a primary');
  });

  it('goes in a moment with all that was made for it, where it has taken nothing of its target yet', () => {
    const release = new PretendRelease();
    release.delays.primary.set(A, Number.POSITIVE_INFINITY);
    release.run(10);
    assert.deepEqual([release.going.isHeld, release.going.primaryIsShared], [true, true]);
    deleted(release).run(4);
    // The garbage collector may still be at what it owns.
    assert.equal(release.going.isGone, false);
    release.run(2);
    assert.deepEqual(acts(release), ['let go']);
    assert.equal(end(release), 'gone, target 1, no primary');
  });

  it('leaves a primary that serves in the place of a target without pods, though it has led nobody there itself', () => {
    const release = new PretendRelease({ replicas: 0 });
    release.makePrimary(A, 2);
    release.primary?.becomeReady(0);
    release.refusals = [{ reason: 'ProviderNotInstalled', message: 'no HTTPProxy', holds: 'everything' }];
    release.going.isHeld = true;
    release.going.primaryIsShared = true;
    deleted(release).run(6);
    assert.equal(end(release), 'gone, target 0, a primary');
  });

  it('in the last moments of its bootstrap gives its target back as later', () => {
    const release = new PretendRelease();
    release.run(4);
    assert.deepEqual([release.status.phase, release.services.apex], ['Initializing', true]);
    deleted(release).run(30);
    assert.deepEqual(acts(release), ['hand back service', 'hand back route', 'let go']);
    assert.equal(end(release), 'gone, target 1, no primary');
  });

  it('while it is suspended goes as any other', () => {
    const release = atRest({ spec: { suspend: true } });
    release.edit({}, { suspend: false });
    release.run(30);
    release.edit({}, { suspend: true });
    deleted(release).run(60);
    assert.equal(end(release), 'gone, target 1, no primary');
  });

  it('with a primary of the user’s own leaves that and all traffic on it', () => {
    const release = atRest({ analysis: { interval: '1h' } });
    release.land(B);
    release.run(10);
    const { names } = release.observe();
    const decider: Decide = (seen, now) => decide({ ...seen, names: { ...names, adopted: true } }, now);
    release.decide = decider;
    deleted(release).run(60);
    assert.deepEqual(acts(release), ['route', 'let go']);
    assert.equal(release.served, 0);
  });

  it('gets its finalizer back where somebody took it away, and another owner for its primary', () => {
    const release = atRest();
    release.going.isHeld = false;
    release.going.primaryIsShared = false;
    release.run(1);
    assert.deepEqual(acts(release), ['hold canary', 'share primary']);
  });
});

type Happening = (release: PretendRelease) => void;

const happenings: Readonly<Record<string, Happening>> = {
  'a new revision': (release) => release.land(C),
  'no more target': (release) => {
    release.target = undefined;
  },
  'no more primary': (release) => {
    release.primary = undefined;
  },
  'a target that falls over': (release) => release.target?.crash(release.elapsed, 8000),
  'a target that falls over for good': (release) => release.target?.crash(release.elapsed, 10_000_000),
  'a primary that falls over': (release) => release.primary?.crash(release.elapsed, 8000),
  'a target that is scaled down': (release) => release.target?.change(release.elapsed, { replicas: 0 }),
  'a target that is scaled up': (release) => release.target?.change(release.elapsed, { replicas: 5 }),
  'a namespace that goes': (release) => {
    release.going.namespaceIsGoing = true;
  },
  'a gateway that refuses': (release) => {
    release.routeRefusal = 'no';
  },
  'a gateway that takes it up again': (release) => {
    release.routeRefusal = undefined;
  },
  'a slow gateway': (release) => {
    release.routeDelayMs = 7000;
  },
  'no more route': (release) => {
    release.routeWeight = undefined;
    release.going.routeIsBack = false;
  },
  'a route that is edited': (release) => release.writeRoute(30),
  'Services that are refused': (release) => {
    release.servicesAreRefused = true;
  },
  'a spec that is refused': (release) => {
    release.refusals = [{ reason: 'InvalidSpec', message: 'no', holds: 'everything' }];
  },
  'a provider that is gone': (release) => {
    release.refusals = [{ reason: 'ProviderNotInstalled', message: 'no', holds: 'everything' }];
  },
  'somebody who suspends it': (release) => release.edit({}, { suspend: true }),
  'a clock that is set on': (release) => {
    release.shiftMs += 20_000;
  },
  'a clock that is set back': (release) => {
    release.shiftMs -= 20_000;
  },
};

interface Schedule {
  readonly replicas: number;
  readonly runSeconds: number;
  readonly targetMs: number;
  readonly primaryMs: number;
  readonly isBad: boolean;
  readonly lazy: boolean;
  readonly what: readonly (readonly [steps: number, isMeanwhile: boolean, name: string])[];
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  replicas: fc.integer({ min: 1, max: 3 }),
  // From a bootstrap that has just begun over a run and a promotion to rest.
  runSeconds: fc.constantFrom(0, 1, 3.2, 6, 9, 102, 105, 115, 127, 130, 136, 200),
  targetMs: fc.constantFrom(0, 2000, 2000, Number.POSITIVE_INFINITY),
  primaryMs: fc.constantFrom(3000, 3000, Number.POSITIVE_INFINITY),
  isBad: fc.boolean(),
  lazy: fc.boolean(),
  what: fc.array(fc.tuple(fc.nat(6), fc.boolean(), fc.constantFrom(...Object.keys(happenings))), { maxLength: 4 }),
});

/** What a deletion may not do, whatever happens while it goes on. */
function play({ replicas, runSeconds, targetMs, primaryMs, isBad, lazy, what }: Schedule, decider: Decide): void {
  const release = new PretendRelease({ replicas });
  release.lazy = lazy;
  release.metrics = () => [check('errors', isBad ? 'Fail' : 'Pass')];
  release.delays.target.set(B, targetMs);
  release.delays.primary.set(B, primaryMs);
  release.at(100, (world) => world.land(B));
  release.run(runSeconds);
  release.decide = decider;
  deleted(release);
  const began = release.elapsed;
  try {
    finish(release, what);
    const seconds = (release.elapsed - began) / 1000;
    assert.ok(seconds < 300, `it went only after ${seconds} s`);
  } catch (error) {
    const story = release.lines().slice(-30).join('\n');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${story}`, { cause: error });
  }
}

function finish(release: PretendRelease, what: Schedule['what']): void {
  const planned = what.map(([steps, isMeanwhile, name]) => ({ steps, isMeanwhile, happen: happenings[name]! }));
  for (let looks = 0, since = 0; !release.going.isGone; looks++, since++) {
    assert.ok(looks < 400, 'it hangs');
    const [next] = planned;
    const isDue = next !== undefined && since >= next.steps;
    if (isDue) {
      planned.shift();
      since = 0;
      if (!next.isMeanwhile) next.happen(release);
    }
    release.settle();
    try {
      const before = release.going.isAnswered(release);
      const decision = release.step(() => {
        if (isDue && next.isMeanwhile) next.happen(release);
      });
      if (decision.kind !== 'wait') {
        // What happens between a look and what is done about it, nobody could have known.
        if (!isDue || !next.isMeanwhile) assertAnswered(release, before, decision);
        continue;
      }
      const due = decision.until === undefined ? Number.POSITIVE_INFINITY : decision.until - release.now;
      const pause = Math.min(due, release.nextAt - release.elapsed);
      // A controller is told of much else, and looks anew now and then.
      release.pass(Number.isFinite(pause) ? Math.max(1, pause) : 20_000);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      release.pass(1000);
    }
  }
}

/** Nothing that is decided takes the answer from those who had one. */
function assertAnswered(
  release: PretendRelease,
  before: { readonly byName: boolean; readonly byGateway: boolean },
  decision: Decision,
): void {
  if (release.target === undefined || release.going.namespaceIsGoing) return;
  const after = release.going.isAnswered(release);
  const what = decision.kind === 'act' ? decision.effect.kind : decision.kind;
  assert.ok(after.byName || !before.byName, `who calls by name has no answer after ${what}`);
  assert.ok(after.byGateway || !before.byGateway, `who comes by the gateway has no answer after ${what}`);
}

const kept = (decider: Decide, options: Parameters<typeof fc.assert>[1] = {}) =>
  fc.assert(
    fc.property(schedule, (of) => {
      play(of, decider);
    }),
    { includeErrorInReport: true, ...options },
  );

describe('a deletion, whatever happens,', () => {
  it('comes to its end, and takes nobody’s answer away', () => {
    kept(decide, { numRuns: Number(process.env['RUNS'] ?? 800) });
  });
});

const isDeleted = ({ canary }: Observation) => canary.metadata.deletionTimestamp !== undefined;

const WRONG: readonly (readonly [title: string, rule: RegExp, decider: Decide])[] = [
  [
    'lets go without waiting for the target',
    /has no answer after let go/,
    (seen, now) => {
      const decision = decide(seen, now);
      const isWait = decision.kind === 'wait' && isDeleted(seen);
      return isWait ? { kind: 'act', effect: { kind: 'let go', collects: true } } : decision;
    },
  ],
  [
    'hands the Service back to pods that are not there',
    /by name has no answer after hand back service/,
    (seen, now) => {
      const { deletion } = seen;
      if (deletion?.service.isThere !== true || deletion.service.isBack) return decide(seen, now);
      return { kind: 'act', effect: { kind: 'hand back service' } };
    },
  ],
  [
    'does not wait for the gateway',
    /by the gateway has no answer after let go/,
    (seen, now) => {
      const { deletion } = seen;
      if (deletion === undefined) return decide(seen, now);
      const route = { ...deletion.route, acceptance: 'accepted' } as const;
      const analysis = { ...seen.analysis, drainSeconds: 0 };
      return decide({ ...seen, deletion: { ...deletion, route }, analysis }, now);
    },
  ],
  [
    'never gives up',
    /it hangs|it went only after/,
    (seen, now) => {
      const { status = {} } = seen.canary;
      if (!isDeleted(seen) || status.phase !== 'Terminating') return decide(seen, now);
      const fresh = changed(status, { lastTransitionTime: new Date(now).toISOString() });
      return decide({ ...seen, canary: { ...seen.canary, status: fresh } }, now);
    },
  ],
  [
    'waits for what is refused',
    /it hangs|it went only after/,
    (seen, now) => {
      const refusal: Refusal | undefined = seen.refusals[0];
      if (!isDeleted(seen) || refusal === undefined) return decide(seen, now);
      return { kind: 'wait', status: seen.canary.status ?? {} };
    },
  ],
];

describe('a deletion that', () => {
  for (const [title, rule, decider] of WRONG) {
    it(`${title} is caught`, () => {
      assert.throws(() => kept(decider, { numRuns: 2000, endOnFailure: true, seed: 3 }), rule);
    });
  }
});
