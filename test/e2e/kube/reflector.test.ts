import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fixedConnection } from '../../../kube/transport/connection.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import type { Fault, ProxiedRequest } from './fault.ts';
import { hurriedClock } from './hurried-clock.ts';
import { openScenario } from './scenario.ts';

const HOUR_MS = 3_600_000;

describe('a reflector', { concurrency: true, timeout: 240_000 }, () => {
  const namespace = testNamespace('reflector');

  it('tells every single state through 1,000 watches cut short, and lists only once', async (t) => {
    const scenario = await openScenario(t, namespace, 'cuts');
    const { proxy } = scenario;
    const ways = ['end', 'reset', 'mid-line'] as const;
    let cuts = 0;
    proxy.faults = ({ isWatch }) => {
      if (!isWatch || cuts === 1000) return undefined;
      cuts++;
      const afterEvents = cuts % 10 === 0 ? 0 : 1 + (cuts % 3);
      return { kind: 'cut', afterEvents, how: ways[Math.floor(cuts / 3) % 3] ?? 'end' };
    };
    // A reset overtakes the events before it, and after no event there is a pause.
    const witness = scenario.follow({ clock: hurriedClock(20) });
    await witness.reflector.synced;
    const writer = scenario.write({ keys: 60, pauseMs: 50 });
    await eventually(() => Promise.resolve(assert.equal(cuts, 1000)), 400_000);
    // When the machine stands still for some seconds, the hurried clock takes a watch for dead before its cut has arrived.
    const ended = () => witness.ends.timeout + witness.ends.error + witness.ends.idle;
    await eventually(() => Promise.resolve(assert.ok(ended() >= 1000, JSON.stringify(witness.ends))));
    await scenario.assertWhole(witness, writer);
    assert.ok(witness.ends.timeout > 200 && witness.ends.error > 500);
    scenario.tellFigures(witness, writer);
  });

  it('comes through an hour of 410s of every kind, without hammering', async (t) => {
    const scenario = await openScenario(t, namespace, 'expired');
    const { proxy } = scenario;
    const clock = hurriedClock(80);
    // More than two pages.
    const writer = scenario.write({ keys: 1400, workers: 8, pauseMs: 60 });
    await eventually(() => Promise.resolve(assert.equal(writer.states.size, 1400)));
    let watches = 0;
    proxy.faults = ({ isWatch, query }) => expiry(isWatch ? ++watches : 0, query.has('continue'));
    const witness = scenario.follow({ clock });
    const start = clock.now();
    await eventually(() => Promise.resolve(assert.ok(clock.now() - start > HOUR_MS)), 120_000);
    assert.ok(witness.lists > 10);
    const { expired, ...others } = witness.ends;
    assert.ok(expired > 50);
    assert.deepEqual(others, { timeout: 0, idle: 0, error: 0 });
    // Lists take a share of the hour; what is left are pauses of 15 to 30 seconds, and up to 4 requests between two.
    assert.ok(proxy.requests.length < 1200, `${proxy.requests.length} requests`);
    proxy.faults = () => undefined;
    await scenario.assertFaithful(witness, writer);
    scenario.tellFigures(witness, writer);
  });

  it('goes on after a freeze of five seconds as if there had been none', async (t) => {
    const scenario = await openScenario(t, namespace, 'freeze');
    const { proxy } = scenario;
    const witness = scenario.follow();
    await witness.reflector.synced;
    const writer = scenario.write({ keys: 50, pauseMs: 50 });
    await eventually(() => Promise.resolve(assert.ok(witness.changes > 50)));
    proxy.freeze();
    // What had passed before may take a moment to be read.
    await sleep(500);
    const [writes, changes] = [writer.writes, witness.changes];
    await sleep(5000);
    assert.ok(writer.writes > writes);
    assert.equal(witness.changes, changes);
    proxy.thaw();
    await scenario.assertWhole(witness, writer);
    assert.equal(proxy.requests.length, 2);
    scenario.tellFigures(witness, writer);
  });

  it('restarts a watch that says nothing, not even a bookmark, and misses nothing', async (t) => {
    const scenario = await openScenario(t, namespace, 'silence');
    const { proxy } = scenario;
    // Two and a half minutes without a word are five seconds.
    const clock = hurriedClock(30);
    proxy.faults = ({ number }) => (number === 2 ? { kind: 'silence' } : undefined);
    const witness = scenario.follow({ clock, transportClock: clock });
    await witness.reflector.synced;
    const writer = scenario.write({ keys: 50, pauseMs: 50 });
    await eventually(() => Promise.resolve(assert.equal(witness.ends.idle, 1)));
    await eventually(() => Promise.resolve(assert.ok(witness.changes > 50)));
    // Nor one that has been heard of, on a connection that is dead and does not know.
    proxy.freeze();
    await eventually(() => Promise.resolve(assert.ok(witness.ends.idle >= 2)));
    proxy.thaw();
    await scenario.assertWhole(witness, writer);
    scenario.tellFigures(witness, writer);
  });

  it('comes through a minute of 429s and 500s, resets and slow answers, without hammering', async (t) => {
    const scenario = await openScenario(t, namespace, 'overload');
    const { proxy } = scenario;
    const watching = scenario.follow({ userAgent: 'watching' });
    await watching.reflector.synced;
    const writer = scenario.write({ keys: 50, pauseMs: 50 });
    await eventually(() => Promise.resolve(assert.ok(watching.changes > 50)));

    const seen = { watching: 0, listing: 0 };
    proxy.faults = ({ userAgent }) => overload(++seen[userAgent === 'watching' ? 'watching' : 'listing']);
    proxy.cutAll();
    const listing = scenario.follow({ userAgent: 'listing' });
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await sleep(10_000);
      // What got through meanwhile does not last.
      proxy.cutAll();
    }
    assert.ok(seen.watching > 5 && seen.listing > 5);
    assert.ok(seen.watching < 60 && seen.listing < 60, `${seen.watching} and ${seen.listing} requests`);
    proxy.faults = () => undefined;
    await listing.reflector.synced;
    await scenario.assertFaithful(listing, writer);
    await scenario.assertWhole(watching, writer);
    scenario.tellFigures(watching, writer);
  });

  it('waits where it may not read, says so, and follows once it may', async (t) => {
    const scenario = await openScenario(t, namespace, 'forbidden');
    const { upstream } = scenario;
    await kubectl('-n', namespace, 'create', 'serviceaccount', 'reader');
    const token = await kubectl('-n', namespace, 'create', 'token', 'reader');
    const headers = { authorization: `Bearer ${token}` };
    const { ca = '' } = await upstream.credentials();
    const writer = scenario.write({ keys: 10, pauseMs: 50 });
    // What is half a minute is a second.
    const clock = hurriedClock(30);
    const witness = scenario.follow({ clock, connection: fixedConnection(upstream.server, { ca, headers }) });
    const refused = 'error: may not list or watch: look at the role of our ServiceAccount';
    await eventually(() => Promise.resolve(assert.ok((witness.logged.get(refused) ?? 0) >= 3)));
    assert.equal(witness.lists, 0);
    await kubectl(
      '-n',
      namespace,
      'create',
      'rolebinding',
      'reader',
      '--clusterrole=view',
      `--serviceaccount=${namespace}:reader`,
    );
    await witness.reflector.synced;
    await scenario.assertFaithful(witness, writer);
    assert.equal(witness.lists, 1);
    scenario.tellFigures(witness, writer);
  });

  it('renews a watch of a quiet collection from its last bookmark', async (t) => {
    const scenario = await openScenario(t, namespace, 'quiet');
    const { proxy } = scenario;
    const witness = scenario.follow();
    await witness.reflector.synced;
    // The list was heard, and then a minute later, with nothing to tell, the bookmark.
    await eventually(() => Promise.resolve(assert.ok(witness.heard > 1)), 150_000);
    proxy.cutAll();
    const versionOf = ({ query }: ProxiedRequest) => query.get('resourceVersion');
    await eventually(() => Promise.resolve(assert.equal(proxy.requests.filter(({ isWatch }) => isWatch).length, 2)));
    const [first, second] = proxy.requests.filter(({ isWatch }) => isWatch).map(versionOf);
    assert.notEqual(second, first);
    const writer = scenario.write({ keys: 10 });
    await eventually(() => Promise.resolve(assert.ok(writer.writes > 100)));
    await scenario.assertWhole(witness, writer);
    scenario.tellFigures(witness, writer);
  });
});

/** 410 for a watch at once, as its first event or after another, by its number; and for every third list in the middle. */
let pages = 0;
function expiry(watch: number, isLaterPage: boolean): Fault | undefined {
  if (isLaterPage) return ++pages % 5 === 0 ? { kind: 'status', status: 410 } : undefined;
  if (watch === 0) return undefined;
  const inside = { kind: 'watch-error', status: 410 } as const;
  if (watch % 3 === 0) return { kind: 'status', status: 410 };
  return { ...inside, afterEvents: watch % 3 === 1 ? 0 : 1 };
}

function overload(request: number): Fault {
  switch (request % 5) {
    case 0:
      return { kind: 'status', status: 429, retryAfterSeconds: 1 };
    case 1:
      return { kind: 'status', status: 500 };
    case 2:
      return { kind: 'reset' };
    case 3:
      return { kind: 'status', status: 429, retryAfterSeconds: 1 };
    default:
      return { kind: 'delay', ms: 2000 };
  }
}
