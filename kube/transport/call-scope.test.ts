import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import { callScope, Timeout } from './call-scope.ts';

describe('callScope()', () => {
  it('aborts with a Timeout when the time is over, and not before', () => {
    const clock = new PretendClock();
    const { signal } = callScope(clock, 1000, []);
    clock.advance(999);
    assert.equal(signal.aborted, false);
    clock.advance(1);
    assert.ok(signal.reason instanceof Timeout);
    assert.equal(signal.reason.message, 'no answer within 1000 ms');
    assert.equal(clock.pending, 0);
  });

  it('counts anew from each time that it is extended', () => {
    const clock = new PretendClock();
    const scope = callScope(clock, 1000, []);
    for (let step = 0; step < 10; step++) {
      clock.advance(900);
      scope.extend();
    }
    assert.deepEqual([scope.signal.aborted, clock.pending], [false, 1]);
    clock.advance(1000);
    assert.ok(scope.signal.reason instanceof Timeout);
  });

  it('aborts with the reason of whichever signal aborts first, before or after its start', () => {
    const clock = new PretendClock();
    const [first, second] = [new AbortController(), new AbortController()];
    const scope = callScope(clock, 1000, [first.signal, undefined, second.signal]);
    second.abort('second');
    first.abort('first');
    assert.equal(scope.signal.reason, 'second');
    assert.equal(callScope(clock, 1000, [first.signal]).signal.reason, 'first');
  });

  it('leaves neither timer nor listener once ended, and ends what hangs on it', () => {
    const clock = new PretendClock();
    const { signal: long } = new AbortController();
    const scopes = Array.from({ length: 100 }, () => callScope(clock, 1000, [long]));
    assert.equal(getEventListeners(long, 'abort').length, 100);
    for (const scope of scopes) {
      scope.extend();
      scope.end();
      assert.equal(scope.signal.aborted, true);
    }
    assert.deepEqual([clock.pending, getEventListeners(long, 'abort').length], [0, 0]);
  });

  it('ends quietly after it has aborted', () => {
    const clock = new PretendClock();
    const scope = callScope(clock, 1000, [AbortSignal.abort('before')]);
    scope.end();
    scope.end();
    assert.equal(scope.signal.reason, 'before');
    assert.equal(clock.pending, 0);
  });
});
