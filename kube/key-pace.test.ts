import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyPace } from './key-pace.ts';

describe('KeyPace', () => {
  it('lets a burst through at once, and then one key each interval', () => {
    const pace = new KeyPace({ burst: 3, everyMs: 200 });
    const waits = Array.from({ length: 5 }, () => {
      const ms = pace.waitMs('a', 1000);
      pace.given('a', 1000 + ms);
      return ms;
    });
    assert.deepEqual(waits, [0, 0, 0, 200, 400]);
    assert.equal(pace.waitMs('b', 1000), 0);
    assert.equal(pace.waitMs('a', 5000), 0);
  });

  it('forgets keys that rest', () => {
    const pace = new KeyPace({ burst: 1, everyMs: 10 });
    for (let index = 0; index < 100_000; index++) pace.given(`key-${index}`, index * 20);
    assert.ok(pace.size <= 2000, `${pace.size}`);
  });
});
