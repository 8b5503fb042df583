import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { settled } from '../../kube/stepping-clock.ts';
import { depsWith, hookWith } from './hook-fixture.ts';
import { HookHeaderError, hookHeaders } from './hook-headers.ts';

const fromSecret = (name: string, secret = 'gate', key = 'token') => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});
const headersOf = (headers: readonly object[], given: Parameters<typeof depsWith>[0] = {}) =>
  hookHeaders('test', hookWith({ headers }).hook, depsWith(given));

describe('hookHeaders()', () => {
  it('has none of a hook that has none', async () => {
    assert.deepEqual(await hookHeaders('test', hookWith({}).hook, depsWith()), {});
  });

  it('reads each Secret once, in the canary’s namespace, without the newline at the end of its text', async () => {
    const read: string[] = [];
    const secret = (namespace: string, name: string) => {
      read.push(`${namespace}/${name}`);
      return Promise.resolve({ token: `Bearer ${name}\n`, team: 'grüße' });
    };
    const headers = [
      { name: 'X-A', value: 'a b' },
      fromSecret('Authorization'),
      fromSecret('X-Other', 'other'),
      fromSecret('X-Team', 'gate', 'team'),
      { name: 'X-Empty', value: '' },
    ];
    assert.deepEqual(Object.entries(await headersOf(headers, { secret })), [
      ['X-A', 'a b'],
      ['Authorization', 'Bearer gate'],
      ['X-Other', 'Bearer other'],
      ['X-Team', 'grüße'],
      ['X-Empty', ''],
    ]);
    assert.deepEqual(read, ['test/gate', 'test/other']);
  });

  const TROUBLE: Readonly<Record<string, [object, Record<string, string> | Error | undefined, string]>> = {
    'no Secret': [
      fromSecret('Authorization'),
      undefined,
      'Secret test/gate is not there: create it, or correct the secretKeyRef of header Authorization',
    ],
    'a Secret without the key': [
      fromSecret('Authorization'),
      { other: 's3cret' },
      'Secret test/gate has no key token: add it, or correct the secretKeyRef of header Authorization',
    ],
    'a key that every object has': [
      fromSecret('Authorization', 'gate', 'constructor'),
      { token: 's3cret' },
      'Secret test/gate has no key constructor: add it, or correct the secretKeyRef of header Authorization',
    ],
    'a text that no server would take': [
      fromSecret('Authorization'),
      { token: 's3cret'.repeat(2000) },
      'Secret test/gate has 12000 characters under token, and header Authorization takes 8192 at most: correct the secretKeyRef',
    ],
    'an empty text': [
      fromSecret('Authorization'),
      { token: '\n' },
      'Secret test/gate has nothing under the key token: add it, or correct the secretKeyRef of header Authorization',
    ],
    'a Secret that cannot be read': [
      fromSecret('Authorization'),
      new Error('403 forbidden'),
      'Secret test/gate for header Authorization cannot be read, 403 forbidden',
    ],
    'a text that would write another header': [
      fromSecret('Authorization'),
      { token: 's3cret\r\nx-admin: 1' },
      'Secret test/gate has under token characters that no header can have, such as a line break: ' +
        'correct it, as header Authorization is read from there',
    ],
    'a value that no header can have': [
      { name: 'X-A', value: 's3cret 🐤' },
      undefined,
      'the value of header X-A has characters that no header can have: correct it',
    ],
  };
  for (const [what, [header, found, message]] of Object.entries(TROUBLE)) {
    it(`says what to do about ${what}, without a value`, async () => {
      const secret = () => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found));
      await assert.rejects(headersOf([header], { secret }), (error: Error) => {
        assert.ok(error instanceof HookHeaderError);
        assert.equal(error.message, message);
        return true;
      });
    });
  }

  it('waits for a Secret for five seconds', async () => {
    const clock = new PretendClock();
    const call = assert.rejects(headersOf([fromSecret('X-A')], { clock, secret: () => new Promise(() => undefined) }), {
      name: 'HookHeaderError',
      message: /cannot be read, no answer within 5000 ms/,
    });
    await settled();
    clock.advance(5000);
    await call;
    assert.equal(clock.pending, 0);
  });

  it('throws the signal’s reason, and leaves nothing behind', async () => {
    const clock = new PretendClock();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('the lease is lost');
    const call = assert.rejects(
      headersOf([fromSecret('X-A')], { clock, signal, secret: () => new Promise(() => undefined) }),
      (error) => error === reason,
    );
    await settled();
    controller.abort(reason);
    await call;
    assert.equal(clock.pending, 0);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
