import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Analysis, CanaryMatch, CanaryService, RequestMatch } from '../../api/generated/canary.ts';
import { lanesOf } from './lanes.ts';
import { routed } from './routed-fixture.ts';
import type { Traffic } from './router.ts';

const lanes = (traffic: Traffic, service: Partial<CanaryService> = {}, match: readonly CanaryMatch[] = []) => {
  const { canary, ...rest } = routed(service);
  const analysis = { interval: '10s', threshold: 1, match } as unknown as Analysis;
  const spec = { ...canary.spec, analysis };
  return lanesOf({ ...rest, canary: { ...canary, spec } }, spec.service as CanaryService, traffic);
};
const plain = (canaryWeight: number, match: readonly RequestMatch[] = []) => ({
  ...{ match, canaryWeight, mirrorWeight: 0, setCookie: {} },
});
const holding = (cookie: string) => ({ headers: { cookie: { regex: `^(.*?;\\s*)?(${cookie})(;.*)?$` } } });

describe('lanesOf()', () => {
  it('is one for all requests, with the canary’s copies', () => {
    const match = [{ uri: { prefix: '/api' } }];
    assert.deepEqual(lanes({ canaryWeight: 30 }, { match }), [plain(30, match)]);
    assert.deepEqual(lanes({ canaryWeight: 0, mirrorWeight: 20 }), [{ ...plain(0), mirrorWeight: 20 }]);
  });

  it('is of an A/B release one for each way to fit on each way in, before all others, who get the primary', () => {
    const ways = [{ uri: { prefix: '/api' }, headers: { host: { exact: 'a' } } }, { method: { exact: 'GET' } }];
    const match = [{ headers: { 'x-user': { exact: 'b' } } }, { queryParams: { beta: {} } }];
    assert.deepEqual(lanes({ canaryWeight: 40, matchedOnly: true }, { match: ways }, match), [
      plain(40, [
        { uri: { prefix: '/api' }, headers: { host: { exact: 'a' }, 'x-user': { exact: 'b' } } },
        { method: { exact: 'GET' }, headers: { 'x-user': { exact: 'b' } } },
        { uri: { prefix: '/api' }, headers: { host: { exact: 'a' } }, queryParams: { beta: {} } },
        { method: { exact: 'GET' }, queryParams: { beta: {} } },
      ]),
      plain(0, ways),
    ]);
  });

  it('has a match for nobody while the canary gets nothing, and where the canary helps out for everybody', () => {
    const match = [{ headers: { 'x-user': { exact: 'b' } } }];
    assert.deepEqual(lanes({ canaryWeight: 0, matchedOnly: true }, {}, match), [plain(0)]);
    assert.deepEqual(lanes({ canaryWeight: 100 }, {}, match), [plain(100)]);
  });

  it('writes suffixes as regular expressions', () => {
    const match = [{ headers: { 'x-user': { suffix: '@example.com' } }, sourceLabels: { app: 'web' } }];
    const [first] = lanes({ canaryWeight: 100, matchedOnly: true }, {}, match);
    const headers = { 'x-user': { regex: '.*@example\\.com' } };
    assert.deepEqual(first?.match, [{ headers, sourceLabels: { app: 'web' } }]);
  });

  const affinity = {
    cookieName: 'side',
    maxAge: 60,
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'None',
  } as const;
  const attributes = 'Path=/; HttpOnly; Secure; SameSite=None';

  it('keeps who has met a side on it', () => {
    const primary = { cookie: 'primary=1', seconds: 10 };
    const stickiness = { affinity, canary: 'side=b', primary, expired: 'side=a' };
    assert.deepEqual(lanes({ canaryWeight: 30, stickiness }), [
      plain(100, [holding('side=b')]),
      plain(0, [holding('primary=1')]),
      {
        ...plain(30),
        setCookie: {
          canary: `side=b; Max-Age=60; ${attributes}`,
          primary: `primary=1; Max-Age=10; ${attributes}`,
        },
      },
    ]);
  });

  it('has browsers forget the cookie of the release before, and knows none of a canary without traffic', () => {
    const stickiness = { affinity, canary: 'side=b', expired: 'side=a' };
    assert.deepEqual(lanes({ canaryWeight: 0, stickiness }), [
      { ...plain(0, [holding('side=a')]), setCookie: { primary: `side=a; Max-Age=-1; ${attributes}` } },
      plain(0),
    ]);
    assert.deepEqual(lanes({ canaryWeight: 0, stickiness: { affinity, canary: 'side=b' } }), [plain(0)]);
    assert.deepEqual(lanes({ canaryWeight: 30, stickiness: { affinity } }), [plain(30)]);
  });

  it('finds a cookie among others, and none that only looks like it', () => {
    const [lane] = lanes({ canaryWeight: 30, stickiness: { affinity, canary: 'side=b' } });
    const regex = new RegExp(lane?.match[0]?.headers?.['cookie']?.regex ?? 'none');
    for (const header of ['side=b', 'a=1; side=b', 'side=b; a=1', 'a=1;side=b;c=2']) assert.match(header, regex);
    for (const header of ['side=bb', 'aside=b', 'a=side=b', 'side=a']) assert.doesNotMatch(header, regex);
  });
});
