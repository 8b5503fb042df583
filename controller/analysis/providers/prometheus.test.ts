import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type MetricQuestion, MetricQuestionError } from '../metric-provider.ts';
import { prometheus } from './prometheus.ts';

function question(given: Partial<MetricQuestion['provider']> = {}, rest: Partial<MetricQuestion> = {}): MetricQuestion {
  const provider = { type: 'prometheus', address: 'http://prometheus:9090', ...given } as const;
  return { query: 'sum(a{b="c"}) > 1', provider, credentials: undefined, ...rest };
}

const success = (data: unknown) =>
  prometheus.value({ status: 200, headers: {}, body: json({ status: 'success', data }) });
const json = (value: unknown): string => JSON.stringify(value);
const vector = (...result: unknown[]) => success({ resultType: 'vector', result });
const sample = (value: string) => ({ metric: {}, value: [1700000000.1, value] });

describe('prometheus.request()', () => {
  const URLS = {
    'http://prometheus:9090': 'http://prometheus:9090/api/v1/query?query=up',
    'http://prometheus:9090/': 'http://prometheus:9090/api/v1/query?query=up',
    'https://a.test/select/0/prometheus//': 'https://a.test/select/0/prometheus/api/v1/query?query=up',
    'https://a.test/prom?tenant=x&query=y#z': 'https://a.test/prom/api/v1/query?tenant=x&query=up',
    'http://user:pass@[::1]:9090': 'http://user:pass@[::1]:9090/api/v1/query?query=up',
  };
  for (const [address, url] of Object.entries(URLS)) {
    it(`asks ${address} at ${url}`, () => {
      assert.equal(prometheus.request(question({ address }, { query: 'up' })).url, url);
    });
  }

  it('encodes any query so that it comes out the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 5000 }), (query) => {
        const { url, body } = prometheus.request(question({}, { query }));
        const form = body === undefined ? new URL(url).searchParams : new URLSearchParams(body);
        assert.equal(form.get('query'), query);
        assert.ok(url.length < 3100);
      }),
    );
  });

  it('posts a query that is too long for a URL', () => {
    const request = prometheus.request(question({ address: 'http://a/?tenant=x' }, { query: 'a'.repeat(4000) }));
    assert.deepEqual([request.method, request.url], ['POST', 'http://a/api/v1/query?tenant=x']);
    assert.equal(request.headers?.['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(request.body, `query=${'a'.repeat(4000)}`);
  });

  it('sends the headers of the template, and the Secret’s credentials before them', () => {
    const headers = { 'X-Scope-OrgID': ['a', 'b'], Authorization: ['Basic x'] };
    const accept = 'application/json';
    assert.deepEqual(prometheus.request(question({ headers })).headers, {
      'x-scope-orgid': ['a', 'b'],
      authorization: ['Basic x'],
      accept,
    });
    const token = prometheus.request(question({ headers }, { credentials: { token: 'abc\n', username: 'u' } }));
    assert.deepEqual(token.headers?.['authorization'], 'Bearer abc');
    const basic = prometheus.request(question({}, { credentials: { username: 'u', password: 'p\n' } }));
    assert.deepEqual(basic.headers?.['authorization'], `Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  it('says what a Secret lacks, and nothing of what it has', () => {
    for (const credentials of [{}, { username: 's3cret' }, { token: '' }, { password: 's3cret' }]) {
      assert.throws(
        () => prometheus.request(question({}, { credentials })),
        new MetricQuestionError('its Secret needs the key token, or the keys username and password'),
      );
    }
  });

  it('needs nothing else of a Secret that is there for the authority of the server', () => {
    assert.equal(
      prometheus.request(question({}, { credentials: { 'ca.crt': 'PEM' } })).headers?.['authorization'],
      undefined,
    );
    const both = prometheus.request(question({}, { credentials: { 'ca.crt': 'PEM', token: 'abc' } }));
    assert.equal(both.headers?.['authorization'], 'Bearer abc');
  });

  it('says so of an address that is no URL', () => {
    assert.throws(() => prometheus.request(question({ address: 'prometheus 9090' })), MetricQuestionError);
  });

  it('takes any certificate where the template says so', () => {
    assert.equal(prometheus.request(question()).insecureSkipVerify, false);
    assert.equal(prometheus.request(question({ insecureSkipVerify: true })).insecureSkipVerify, true);
  });
});

describe('prometheus.value()', () => {
  it('is a scalar or the one sample of a vector', () => {
    assert.deepEqual(success({ resultType: 'scalar', result: [1.5, '2.5'] }), { kind: 'value', value: 2.5 });
    assert.deepEqual(vector(sample('-1e-3')), { kind: 'value', value: -0.001 });
    assert.deepEqual(vector(sample('+Inf')), { kind: 'value', value: Infinity });
    assert.deepEqual(vector(sample('-Inf')), { kind: 'value', value: -Infinity });
  });

  it('is no data where there is no series, and for NaN', () => {
    assert.equal(vector().kind, 'no data');
    assert.equal(vector(sample('NaN')).kind, 'no data');
    assert.equal(success({ resultType: 'scalar', result: [1, 'NaN'] }).kind, 'no data');
  });

  it('is an error for several series, which says how many there are', () => {
    assert.deepEqual(vector(sample('1'), sample('1'), sample('2')), {
      kind: 'error',
      message: 'the query gives 3 series: make them one with sum(), max() or avg()',
    });
  });

  it('is an error for what is no number, which says what to write', () => {
    const matrix = success({ resultType: 'matrix', result: [{ metric: {}, values: [[1, '1']] }] });
    assert.match(matrix.kind === 'error' ? matrix.message : '', /values over time: wrap it/);
    const text = success({ resultType: 'string', result: [1, 'a'] });
    assert.match(text.kind === 'error' ? text.message : '', /gives a text/);
    const histogram = vector({ metric: {}, histogram: [1, {}] });
    assert.match(histogram.kind === 'error' ? histogram.message : '', /histogram_quantile/);
  });

  const REFUSALS = [
    [400, json({ status: 'error', error: 'parse\n error' }), 'status 400, parse error'],
    [503, json({ status: 'error', error: 'x'.repeat(1000) }), `status 503, ${'x'.repeat(300)}`],
    [200, json({ status: 'error', error: 'odd' }), 'status 200, odd'],
    [404, '404 s3cret', 'status 404 and no answer of Prometheus: check the address and its path'],
    [200, '<html>s3cret', 'status 200 and no answer of Prometheus: check the address and its path'],
    [401, 's3cret', 'status 401: check the credentials in the template’s secretRef'],
    [302, '', 'status 302, a redirect, which is not followed: write the address that it leads to'],
  ] as const;
  for (const [status, body, message] of REFUSALS) {
    it(`is an error for ${status} ${body.slice(0, 40)}`, () => {
      assert.deepEqual(prometheus.value({ status, headers: {}, body }), { kind: 'error', message });
    });
  }

  it('tells of the error of a server of others only its kind', () => {
    const error = 'found duplicate series for the match group {team="other"}';
    const refused = (more: object) =>
      prometheus.value({ status: 422, headers: {}, isForeign: true, body: json({ status: 'error', error, ...more }) });
    assert.deepEqual(refused({ errorType: 'execution' }), { kind: 'error', message: 'status 422, execution' });
    const message = 'status 422 and no answer of Prometheus: check the address and its path';
    assert.deepEqual(refused({ errorType: 'a word of anybody' }), { kind: 'error', message });
  });

  it('unpacks nothing', () => {
    const answer = { status: 200, headers: { 'content-encoding': 'gzip' }, body: '' };
    const message = 'its answer is compressed, which was not asked for';
    assert.deepEqual(prometheus.value(answer), { kind: 'error', message });
  });

  it('never throws, and gives no NaN', () => {
    const tree = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('vector', 'scalar', 'NaN', '1', '', 'Inf', '0x', null, 1, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.record({ resultType: fc.constantFrom('vector', 'scalar', 'matrix'), result: tie('tree') }),
        fc.record({ metric: fc.constant({}), value: tie('tree') }),
      ),
    })).tree;
    fc.assert(
      fc.property(tree, (data) => {
        const measured = success(data);
        assert.ok(measured.kind !== 'value' || !Number.isNaN(measured.value));
      }),
    );
  });
});
