import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPool, AddressPoolExhaustedError } from './address-pool.ts';

test('take() counts upwards and leaves out .0 and .255', () => {
  const pool = new AddressPool('10.244.0.0/16');
  const taken = Array.from({ length: 256 }, () => pool.take());
  assert.equal(taken[0], '10.244.0.1');
  assert.equal(taken[253], '10.244.0.254');
  assert.equal(taken[254], '10.244.1.1');
});

test('take() gives a released address out again only after the rest of the network', () => {
  const pool = new AddressPool('10.244.0.0/29');
  assert.equal(pool.take(), '10.244.0.1');
  pool.release('10.244.0.1');
  assert.deepEqual(
    Array.from({ length: 7 }, () => pool.take()),
    [2, 3, 4, 5, 6, 7, 1].map((last) => `10.244.0.${last}`),
  );
  assert.throws(() => pool.take(), AddressPoolExhaustedError);
});

test('AddressPool rejects what is not a network', () => {
  assert.throws(() => new AddressPool('pods'), RangeError);
});
