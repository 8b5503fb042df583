import assert from 'node:assert/strict';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { eventually } from '../eventually.ts';
import type { ProxiedRequest, Fault as RequestFault } from '../kube/fault.ts';
import type { Fault } from './fault.ts';
import { CLOCK_JUMP } from './own-controllers.ts';
import type { Stage } from './stage.ts';

const ADVANCED = { where: 'event', text: 'Advance podinfo.test canary weight 50' } as const;
const COMPLETED = { where: 'event', text: 'Promotion completed! Scaling down podinfo.test' } as const;
/** For whoever tries again to be met again. */
const ENOUGH = 4;

/** What befalls the controller alone: here each has its own, of its namespace. */
export const CONTROLLER_FAULTS: readonly Fault[] = [
  {
    name: 'throttled',
    what: 'The API server answers 429 with `Retry-After: 2` to all that the controller reads or writes',
    controllers: { count: 1, isProxied: true },
    befall: (stage) =>
      refusing(stage, ({ isWatch }) => !isWatch, { kind: 'status', status: 429, retryAfterSeconds: 2 }),
    during: [{ where: 'controller log', text: 'reconcile failed, trying again' }],
    afterwards: [ADVANCED, COMPLETED],
    release: 'stands still, tries again after 2 s and after pauses that grow, and goes on',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'conflicting',
    what: 'Somebody else has always written before: 409 to two of three of the controller’s writes',
    controllers: { count: 1, isProxied: true },
    befall: (stage) => refusing(stage, isSecondOrThird(), { kind: 'status', status: 409 }),
    during: [{ where: 'controller log', text: 'someone wrote before us, trying again' }],
    afterwards: [ADVANCED, COMPLETED],
    release: 'looks anew each time, decides anew, and goes on',
    end: 'Succeeded',
    traffic: 'none',
  },
  {
    name: 'clock-forth',
    what: 'The controller’s clock jumps an hour forth',
    controllers: { count: 1, jumpHours: 1 },
    async befall(stage) {
      await jumped(stage);
      // On a machine that is too busy to renew its Lease it may end so once more.
      const [first] = stage.controllers.flatMap(({ exitCodes }) => exitCodes);
      assert.equal(first, 1);
    },
    during: [{ where: 'controller log', text: 'the lease is lost, ending' }, ADVANCED],
    afterwards: [COMPLETED],
    release:
      'stands still: so much later the Lease may be another’s, so that the controller ends; whoever takes it after 15 s goes on, and no deadline is over that was not',
    end: 'Succeeded',
    traffic: 'none',
  },
  {
    name: 'clock-back',
    what: 'The controller’s clock jumps an hour back',
    controllers: { count: 1, jumpHours: -1 },
    async befall(stage) {
      const begun = Date.now();
      await jumped(stage);
      const isByItsTime = ({ nextCheckAt = '' }: CanaryStatus) => Date.parse(nextCheckAt) < begun;
      await stage.until(isByItsTime, 'held by the time that the controller has');
    },
    during: [ADVANCED],
    afterwards: [COMPLETED],
    release: 'holds the step for one interval more at most, and goes on',
    end: 'Succeeded',
    traffic: 'none',
  },
  {
    name: 'leader-frozen',
    what: 'Two controllers: the one that leads is frozen (SIGSTOP) until the other leads, and goes on then',
    controllers: { count: 2 },
    async befall({ controllers, untilSeen }) {
      const [leader, ...others] = controllers.filter(({ leads }) => leads);
      assert.ok(leader !== undefined && others.length === 0, `${others.length + 1} lead`);
      leader.signal('SIGSTOP');
      await eventually(() =>
        Promise.resolve(
          assert.ok(
            controllers.every(({ leads }) => leads),
            'nobody follows',
          ),
        ),
      );
      leader.signal('SIGCONT');
      await eventually(() => Promise.resolve(assert.equal(leader.exitCodes[0], 1, 'it has not ended by itself')));
      await untilSeen();
    },
    during: [
      { where: 'controller log', text: 'the lease is lost, ending' },
      { where: 'event', text: 'Advance podinfo.test canary weight 50' },
    ],
    afterwards: [COMPLETED],
    release:
      'stands still until the other leads, 15 s or so, which goes on; the one that was frozen writes nothing more and ends',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
];

/** Has the proxy refuse such requests until some were, and the controller has said so. */
async function refusing(
  { proxy, untilSeen }: Stage,
  isMet: (request: ProxiedRequest) => boolean,
  fault: RequestFault,
): Promise<void> {
  assert.ok(proxy !== undefined);
  let met = 0;
  proxy.faults = (request) => {
    // Who renews a Lease and who tells of events stands apart, as in the API server's own priorities.
    if (/\/(leases|events)(\/|$)/.test(request.path) || !isMet(request)) return undefined;
    met++;
    return fault;
  };
  await untilSeen();
  await eventually(() => Promise.resolve(assert.ok(met >= ENOUGH, `only ${met} requests were refused`)), 120_000);
  proxy.faults = () => undefined;
}

function isSecondOrThird(): (request: ProxiedRequest) => boolean {
  let writes = 0;
  return ({ method }) => method !== 'GET' && writes++ % 3 > 0;
}

async function jumped({ controllers: [controller], untilSeen }: Stage): Promise<void> {
  controller?.signal(CLOCK_JUMP);
  await untilSeen();
}
