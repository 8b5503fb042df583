import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryService, RequestMatch } from '../../api/generated/canary.ts';
import { gatewayApiV1, gatewayApiV1Beta1 } from './gateway-api.ts';
import { routed, specOf, stored, withExisting } from './routed-fixture.ts';
import type { Router } from './router.ts';

interface Route {
  readonly hostnames?: readonly string[];
  readonly parentRefs: readonly object[];
  readonly rules: readonly Record<string, unknown>[];
}

const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' };
const routeOf = (service: Partial<CanaryService>, router: Router = gatewayApiV1) =>
  specOf<Route>(router.desired(routed({ gatewayRefs: [gateway], ...service }), { canaryWeight: 20 }), 'HTTPRoute');
const ruleOf = (service: Partial<CanaryService>, router?: Router) => {
  const { matches: _, backendRefs: _b, ...rest } = routeOf(service, router).rules[0] ?? {};
  return rest;
};
const matchesOf = (...match: RequestMatch[]) => routeOf({ match }).rules.map(({ matches }) => matches);

describe('an HTTPRoute', () => {
  it('has one rule with two backends', () => {
    const backend = { group: '', kind: 'Service', port: 9898 };
    assert.deepEqual(routeOf({}), {
      parentRefs: [gateway],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [
            { ...backend, name: 'podinfo-primary', weight: 80 },
            { ...backend, name: 'podinfo-canary', weight: 20 },
          ],
        },
      ],
    });
  });

  it('has the apiVersion of its provider', () => {
    const apiVersions = [gatewayApiV1, gatewayApiV1Beta1].map(({ resources }) => resources[0]?.apiVersion);
    assert.deepEqual(apiVersions, ['gateway.networking.k8s.io/v1', 'gateway.networking.k8s.io/v1beta1']);
  });

  it('has hosts, in lower case, and none where all are meant', () => {
    assert.deepEqual(routeOf({ hosts: ['App.example.com', 'app.example.com'] }).hostnames, ['app.example.com']);
    assert.equal(routeOf({ hosts: ['*', 'app.example.com'] }).hostnames, undefined);
  });

  it('has matches', () => {
    const texts = { a: { exact: 'x' }, b: { prefix: 'x.' }, c: { regex: 'x+' }, d: {}, e: { exact: '' } };
    const values = [
      { type: 'Exact', name: 'a', value: 'x' },
      { type: 'RegularExpression', name: 'b', value: 'x\\..*' },
      { type: 'RegularExpression', name: 'c', value: 'x+' },
      { type: 'RegularExpression', name: 'd', value: '.*' },
      { type: 'RegularExpression', name: 'e', value: '^$' },
    ];
    const root = { path: { type: 'PathPrefix', value: '/' } };
    assert.deepEqual(
      matchesOf(
        { uri: { prefix: '/api' }, method: { exact: 'GET' } },
        { uri: { exact: '/a' } },
        { uri: { regex: '/b.*' } },
        { headers: texts },
        { queryParams: texts },
      ),
      [
        [
          { path: { type: 'PathPrefix', value: '/api' }, method: 'GET' },
          { path: { type: 'Exact', value: '/a' } },
          { path: { type: 'RegularExpression', value: '/b.*' } },
          { ...root, headers: values },
          { ...root, queryParams: values },
        ],
      ],
    );
  });

  it('has timeouts, but not in v1beta1', () => {
    const service = { timeout: '1.5s', backendTimeout: '500ms' };
    assert.deepEqual(ruleOf(service), { timeouts: { request: '1s500ms', backendRequest: '500ms' } });
    assert.deepEqual(ruleOf(service, gatewayApiV1Beta1), {});
  });

  it('replaces the path, or the prefix in a rule for each match', () => {
    const urlRewrite = (path: object) => ({ filters: [{ type: 'URLRewrite', urlRewrite: path }] });
    assert.deepEqual(
      ruleOf({ rewrite: { uri: '/v2', authority: 'app.test' } }),
      urlRewrite({ hostname: 'app.test', path: { type: 'ReplaceFullPath', replaceFullPath: '/v2' } }),
    );
    const rewrite = { uri: '/v2', type: 'ReplacePrefixMatch' } as const;
    const match = [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }];
    assert.deepEqual(
      ruleOf({ rewrite, match }),
      urlRewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/v2' } }),
    );
    assert.equal(routeOf({ rewrite, match }).rules.length, 2);
    assert.deepEqual(ruleOf({ rewrite: { uri: '' } }), {});
  });

  it('changes headers', () => {
    const headers = { request: { add: { a: '1' }, set: { b: '2' }, remove: ['c', 'c'] }, response: { remove: ['d'] } };
    assert.deepEqual(ruleOf({ headers }).filters, [
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          add: [{ name: 'a', value: '1' }],
          set: [{ name: 'b', value: '2' }],
          remove: ['c'],
        },
      },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { remove: ['d'] } },
    ]);
    assert.deepEqual(ruleOf({ headers: { request: { add: {} } } }), {});
  });

  it('sends copies to more backends', () => {
    const backendRef = { group: '', kind: 'Service', name: 'shadow', port: 80 };
    assert.deepEqual(ruleOf({ mirror: [{ backendRef }] }).filters, [
      { type: 'RequestMirror', requestMirror: { backendRef } },
    ]);
  });

  it('has cross-origin rules, but not in v1beta1', () => {
    const corsPolicy = {
      allowOrigin: ['https://a.test'],
      allowOrigins: [{ exact: 'https://b.test' }, { regex: '.*' }],
      allowMethods: ['GET'],
      allowHeaders: ['x-a'],
      exposeHeaders: ['x-b'],
      allowCredentials: true,
      maxAge: '24h',
    };
    assert.deepEqual(ruleOf({ corsPolicy }).filters, [
      {
        type: 'CORS',
        cors: {
          allowOrigins: ['https://a.test', 'https://b.test'],
          allowMethods: ['GET'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          allowCredentials: true,
          maxAge: 86_400,
        },
      },
    ]);
    assert.deepEqual(ruleOf({ corsPolicy }, gatewayApiV1Beta1), {});
    assert.deepEqual(ruleOf({ corsPolicy: { allowOrigins: [{ regex: '.*' }] } }), {});
  });
});

describe('the status of an HTTPRoute', () => {
  const acceptance = (...parents: object[]) => {
    const before = routed({ gatewayRefs: [gateway, { ...gateway, namespace: 'test', name: 'second' }] });
    const existing = stored(gatewayApiV1.desired(before, { canaryWeight: 20 }), { status: { parents }, generation: 2 });
    return gatewayApiV1.observed(withExisting(before, existing))?.acceptance;
  };
  const is = (type: string, status: string, observedGeneration = 2) => ({
    type,
    status,
    reason: `${type}Reason`,
    message: 'told',
    observedGeneration,
  });
  const good = [is('Accepted', 'True'), is('ResolvedRefs', 'True')];
  const first = { name: 'public', namespace: 'infra' };
  const accepted = { kind: 'accepted' };
  const pending = { kind: 'pending' };

  it('accepts when all that report do', () => {
    assert.deepEqual(acceptance({ parentRef: first, conditions: good }), accepted);
    assert.deepEqual(
      acceptance({ parentRef: first, conditions: [...good, is('PartiallyInvalid', 'False')] }),
      accepted,
    );
    // Its namespace is that of the route.
    const second = { parentRef: { name: 'second' }, conditions: good };
    assert.deepEqual(acceptance({ parentRef: first, conditions: good }, second), accepted);
  });

  it('is waited for until one reports, and all that report have seen this generation', () => {
    assert.deepEqual(acceptance(), pending);
    assert.deepEqual(acceptance({ parentRef: first }), pending);
    assert.deepEqual(acceptance({ parentRef: first, conditions: [is('Accepted', 'True')] }), pending);
    for (const type of ['Accepted', 'ResolvedRefs']) {
      const other = good.filter((condition) => condition.type !== type);
      assert.deepEqual(acceptance({ parentRef: first, conditions: [...other, is(type, 'True', 1)] }), pending);
      assert.deepEqual(acceptance({ parentRef: first, conditions: [...other, is(type, 'False', 1)] }), pending);
      assert.deepEqual(acceptance({ parentRef: first, conditions: [...other, is(type, 'Unknown')] }), pending);
    }
    const second = { parentRef: { name: 'second' }, conditions: [is('Accepted', 'True', 1)] };
    assert.deepEqual(acceptance({ parentRef: first, conditions: good }, second), pending);
  });

  it('refuses when one does', () => {
    for (const type of ['Accepted', 'ResolvedRefs']) {
      const second = { parentRef: { name: 'second' }, conditions: [is(type, 'False')] };
      assert.deepEqual(acceptance({ parentRef: first, conditions: good }, second), {
        kind: 'refused',
        message: `second: ${type}Reason: told`,
      });
    }
  });

  it('does not look at parents that the route has left', () => {
    for (const parentRef of [{ name: 'public' }, { ...first, port: 80 }, { ...first, sectionName: 'http' }]) {
      assert.deepEqual(acceptance({ parentRef, conditions: good }), pending);
      const left = { parentRef, conditions: [is('Accepted', 'False')] };
      assert.deepEqual(acceptance({ parentRef: first, conditions: good }, left), accepted);
    }
  });
});
