import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryService, RequestMatch } from '../../api/generated/canary.ts';
import { contour } from './contour.ts';
import { one, routed, specOf, stored, withExisting } from './routed-fixture.ts';

interface Proxy {
  readonly virtualhost?: object;
  readonly routes: readonly Record<string, unknown>[];
}

const proxyOf = (service: Partial<CanaryService>) =>
  specOf<Proxy>(contour.desired(routed(service), { canaryWeight: 20 }), 'HTTPProxy');
const routeOf = (service: Partial<CanaryService>) => {
  const { conditions: _, services: _s, ...policies } = proxyOf(service).routes[0] ?? {};
  return policies;
};
const conditionsOf = (...match: RequestMatch[]) => proxyOf({ match }).routes.map(({ conditions }) => conditions);

describe('an HTTPProxy', () => {
  it('has two services and no virtualhost', () => {
    const service = (name: string, weight: number) => ({
      name,
      port: 9898,
      weight,
      requestHeadersPolicy: { set: [{ name: 'l5d-dst-override', value: `${name}.test.svc.cluster.local:9898` }] },
    });
    assert.deepEqual(proxyOf({}), {
      routes: [{ services: [service('podinfo-primary', 80), service('podinfo-canary', 20)] }],
    });
  });

  it('has a route for each entry of match', () => {
    assert.deepEqual(
      conditionsOf({ uri: { prefix: '/api' } }, { uri: { exact: '/a' } }, { uri: { regex: '/b.*' } }, { uri: {} }),
      [[{ prefix: '/api' }], [{ exact: '/a' }], [{ regex: '/b.*' }], undefined],
    );
  });

  it('has no condition for any path, which would not fit that of the include itself', () => {
    assert.deepEqual(conditionsOf({ uri: { prefix: '' } }, { uri: { prefix: '/' } }), [undefined, [{ prefix: '/' }]]);
  });

  it('has conditions on headers and parameters', () => {
    const texts = { a: { exact: 'x' }, b: { prefix: 'x.' }, c: { regex: 'x+' }, d: {} };
    assert.deepEqual(conditionsOf({ method: { exact: 'GET' }, headers: texts, queryParams: texts }), [
      [
        { header: { name: ':method', exact: 'GET' } },
        { header: { name: 'a', exact: 'x' } },
        { header: { name: 'b', regex: 'x\\..*' } },
        { header: { name: 'c', regex: 'x+' } },
        { header: { name: 'd', present: true } },
        { queryParameter: { name: 'a', exact: 'x' } },
        { queryParameter: { name: 'b', prefix: 'x.' } },
        { queryParameter: { name: 'c', regex: 'x+' } },
        { queryParameter: { name: 'd', present: true } },
      ],
    ]);
    assert.deepEqual(conditionsOf({ withoutHeaders: texts }), [
      [
        { header: { name: 'a', notexact: 'x', treatMissingAsEmpty: true } },
        { header: { name: 'd', notpresent: true } },
      ],
    ]);
  });

  it('has the timeout', () => {
    assert.deepEqual(routeOf({ timeout: 'infinity' }), { timeoutPolicy: { response: 'infinity' } });
  });

  it('has retries, with status codes on their own', () => {
    assert.deepEqual(routeOf({ retries: { attempts: 3, perTryTimeout: '5s', retryOn: '5xx, reset,503' } }), {
      retryPolicy: {
        count: 3,
        perTryTimeout: '5s',
        retryOn: ['5xx', 'reset', 'retriable-status-codes'],
        retriableStatusCodes: [503],
      },
    });
    assert.deepEqual(routeOf({ retries: { attempts: 0 } }), { retryPolicy: { count: -1 } });
    // As the definition's own default says.
    assert.deepEqual(routeOf({ retries: {} }), { retryPolicy: { count: 1 } });
  });

  it('replaces the prefix, where it matched one', () => {
    const rewrite = { uri: '/v2' };
    assert.deepEqual(routeOf({ rewrite }), { pathRewritePolicy: { replacePrefix: [{ replacement: '/v2' }] } });
    assert.deepEqual(routeOf({ rewrite, match: [{ uri: { exact: '/a' } }] }), {});
  });

  it('changes headers, each name once', () => {
    const headers = {
      request: { add: { 'X-A': '1', b: '2' }, set: { 'x-a': '3' }, remove: ['c', 'C'] },
      response: { set: { d: '4' } },
    };
    assert.deepEqual(routeOf({ headers, rewrite: { authority: 'app.test' } }), {
      requestHeadersPolicy: {
        set: [
          { name: 'x-a', value: '3' },
          { name: 'b', value: '2' },
          { name: 'Host', value: 'app.test' },
        ],
        remove: ['C'],
      },
      responseHeadersPolicy: { set: [{ name: 'd', value: '4' }] },
    });
  });

  it('makes nothing but the routes of a root proxy of that name its own', () => {
    const virtualhost = { fqdn: 'app.example.com', tls: { secretName: 'app' } };
    const root = { metadata: { name: 'podinfo' }, spec: { virtualhost, routes: [{ services: [] }] } };
    const { routes } = proxyOf({});
    const desired = contour.desired(routed({}, one('HTTPProxy', root)), { canaryWeight: 20 });
    assert.deepEqual(specOf(desired, 'HTTPProxy'), { routes });
  });
});

describe('the status of an HTTPProxy', () => {
  const acceptance = (status: unknown) => {
    const before = routed();
    const existing = stored(contour.desired(before, { canaryWeight: 20 }), { status, generation: 2 });
    return contour.observed(withExisting(before, existing))?.acceptance;
  };
  const reported = (currentStatus: string, condition: object = {}) => ({
    currentStatus,
    description: 'described',
    conditions: [{ type: 'Valid', observedGeneration: 2, ...condition }],
  });

  it('accepts what is valid or an orphan', () => {
    assert.deepEqual(acceptance(reported('valid')), { kind: 'accepted' });
    assert.deepEqual(acceptance(reported('orphaned')), { kind: 'accepted' });
  });
  it('refuses what is invalid, with the errors or the description', () => {
    assert.deepEqual(acceptance(reported('invalid', { errors: [{ message: 'a' }, { message: 'b' }] })), {
      kind: 'refused',
      message: 'a; b',
    });
    assert.deepEqual(acceptance(reported('invalid')), { kind: 'refused', message: 'described' });
  });
  it('is waited for while it is missing, or of another generation', () => {
    for (const status of [
      undefined,
      { currentStatus: 'NotReconciled', description: 'Waiting for controller' },
      reported('NotReconciled'),
      reported('valid', { observedGeneration: 1 }),
      reported('invalid', { observedGeneration: 1 }),
      { currentStatus: 'valid' },
    ]) {
      assert.deepEqual(acceptance(status), { kind: 'pending' });
    }
  });
});

describe('a root proxy that is about to be taken over', () => {
  const introduced = (services: readonly object[]) => {
    const root = { metadata: { name: 'podinfo' }, spec: { routes: [{ conditions: [{ prefix: '/' }], services }] } };
    const manifests = contour.introduced?.(routed({}, one('HTTPProxy', root))) ?? [];
    const { routes } = manifests[0]!.manifest.spec as { routes: { services: { name: string; weight: number }[] }[] };
    return routes[0];
  };
  const weights = (services: readonly object[]) =>
    introduced(services)?.services.map(({ name, weight }) => [name, weight]);

  it('gets our backends beside its own, without a share', () => {
    assert.deepEqual(weights([{ name: 'podinfo', port: 9898 }]), [
      ['podinfo', 1],
      ['podinfo-primary', 0],
      ['podinfo-canary', 0],
    ]);
    assert.deepEqual(introduced([{ name: 'podinfo', port: 9898 }])?.['conditions' as never], [{ prefix: '/' }]);
  });

  it('keeps its own split, also when it is introduced again', () => {
    const split = [
      { name: 'a', port: 80, weight: 70 },
      { name: 'b', port: 80, weight: 30 },
    ];
    const once = introduced(split)?.services ?? [];
    assert.deepEqual(weights(once), weights(split));
    assert.deepEqual(weights(split)?.slice(0, 2), [
      ['a', 70],
      ['b', 30],
    ]);
  });

  it('is left alone where there is none', () => {
    assert.deepEqual(contour.introduced?.(routed({})), []);
  });
});
