import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { withDefaults } from '../../api/defaults.ts';
import type { Canary, CheckStatus } from '../../api/generated/canary.ts';
import type { MetricTemplate } from '../../api/generated/metric-template.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { settled } from '../../kube/stepping-clock.ts';
import { type HttpAnswer, HttpCallError, type HttpRequest } from '../http-call.ts';
import { type MeasureDeps, measureAll } from './measure.ts';

function canaryOf(metrics: readonly object[], spec: object = {}): Canary {
  return withDefaults('Canary', {
    metadata: { name: 'release', namespace: 'test' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { name: 'front', port: 80 },
      analysis: { interval: '1m', threshold: 1, stepWeight: 10, metrics },
      ...spec,
    },
  }) as Canary;
}

function templateOf(provider: object, query = 'up'): MetricTemplate {
  const metadata = { name: '', namespace: '', uid: '', resourceVersion: '', generation: 1, creationTimestamp: '' };
  const spec = { provider: { type: 'prometheus', address: 'http://prom.test:9090', ...provider } as const, query };
  return { apiVersion: 'flagger.app/v1beta1', kind: 'MetricTemplate', metadata, spec };
}

function answerOf(value: string): HttpAnswer {
  const data = { resultType: 'vector', result: [{ metric: {}, value: [1, value] }] };
  return { status: 200, headers: {}, body: JSON.stringify({ status: 'success', data }) };
}

/** Answers 1 to everything. */
function depsOf(given: Partial<MeasureDeps> = {}): MeasureDeps & { readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    provider: 'istio',
    metricsServer: 'http://metrics.test:9090',
    template: () => undefined,
    secret: () => Promise.resolve(undefined),
    clock: new PretendClock(new Date('2026-11-21T10:00:00Z')),
    signal: new AbortController().signal,
    ...given,
    call: (request, limits) => {
      requests.push(request);
      return given.call?.(request, limits) ?? Promise.resolve(answerOf('1'));
    },
  };
}

async function checkOf(metric: object, given: Partial<MeasureDeps> = {}): Promise<CheckStatus> {
  const [check, ...more] = await measureAll(canaryOf([metric]), depsOf(given));
  assert.ok(check !== undefined && more.length === 0);
  return check;
}

const asked = ({ url }: HttpRequest) => new URL(url).searchParams.get('query');
const ofTemplate = { name: 'own', templateRef: { name: 'latency' }, thresholdRange: { max: 5 } };

describe('measureAll()', () => {
  it('gives the checks in the order of the metrics, whichever is answered first', async () => {
    const waiting: (() => void)[] = [];
    const deps = depsOf({ call: () => new Promise((resolve) => waiting.push(() => resolve(answerOf('1')))) });
    const names = ['a', 'b', 'c'];
    const all = measureAll(canaryOf(names.map((name) => ({ name, query: name, threshold: 1 }))), deps);
    await settled();
    assert.equal(waiting.length, 3);
    for (const answer of waiting.toReversed()) answer();
    assert.deepEqual(
      (await all).map(({ kind, name, verdict, value, checkedAt }) => [kind, name, verdict, value, checkedAt]),
      names.map((name) => ['Metric', name, 'Pass', 1, '2026-11-21T10:00:00.000Z']),
    );
  });

  it('asks eight at a time', async () => {
    let running = 0;
    let most = 0;
    const call = async (): Promise<HttpAnswer> => {
      most = Math.max(most, ++running);
      await settled();
      running--;
      return answerOf('1');
    };
    const metrics = Array.from({ length: 30 }, (_, index) => ({ name: `m${index}`, query: 'up', threshold: 1 }));
    assert.equal((await measureAll(canaryOf(metrics), depsOf({ call }))).length, 30);
    assert.equal(most, 8);
  });

  it('is nothing without metrics', async () => {
    assert.deepEqual(await measureAll(canaryOf([]), depsOf()), []);
  });

  it('asks the metrics server for built-in checks and inline queries, the canary’s own before the controller’s', async () => {
    const metrics = [
      { name: 'request-success-rate', threshold: 1, interval: '2m' },
      {
        name: 'own',
        threshold: 1,
        query: '{{ name }} {{namespace}} {{ target }} {{ service }} {{ ingress }} {{ route }}',
      },
    ];
    const deps = depsOf();
    await measureAll(canaryOf(metrics), deps);
    const [builtIn = '', own] = deps.requests.map(asked);
    assert.match(builtIn ?? '', /istio_requests_total\{.*destination_workload="podinfo".*\[2m\]/);
    assert.equal(own, 'release test podinfo front podinfo podinfo');
    assert.ok(deps.requests.every(({ url }) => url.startsWith('http://metrics.test:9090/')));
    const elsewhere = depsOf();
    await measureAll(canaryOf(metrics, { metricsServer: 'http://other.test/prom' }), elsewhere);
    assert.ok(elsewhere.requests.every(({ url }) => url.startsWith('http://other.test/prom/api/v1/query?')));
  });

  it('reads the layout of 2018, whose target is the canary’s Deployment', async () => {
    const firstLayout = {
      metadata: { name: 'release', namespace: 'test' },
      spec: {
        canary: { name: 'podinfo-canary', host: 'podinfo-canary' },
        primary: { name: 'podinfo', host: 'podinfo' },
        virtualService: { name: 'podinfo', weight: 10 },
        canaryAnalysis: {
          ...{ interval: '1m', threshold: 1, maxWeight: 50, stepWeight: 10 },
          metrics: [{ name: 'istio_requests_total', interval: '1m', threshold: 99 }],
        },
      },
    } as unknown as Canary;
    const deps = depsOf();
    const [check] = await measureAll(firstLayout, deps);
    assert.deepEqual([check?.name, check?.verdict], ['request-success-rate', 'Fail']);
    const [request] = deps.requests;
    assert.match((request && asked(request)) ?? '', /destination_workload="podinfo-canary"/);
  });

  it('asks a template with its variables, headers and Secret, in its own namespace', async () => {
    const lookups: string[] = [];
    const deps = depsOf({
      template: (namespace, name) => {
        lookups.push(`template ${namespace}/${name}`);
        return templateOf({ secretRef: { name: 'token' }, headers: { a: ['b'] } }, '{{ variables.x }} {{ interval }}');
      },
      secret: (namespace, name) => {
        lookups.push(`secret ${namespace}/${name}`);
        return Promise.resolve({ token: 's3cret' });
      },
    });
    const templateRef = { name: 'latency', namespace: 'shared' };
    const [check] = await measureAll(canaryOf([{ ...ofTemplate, templateRef, templateVariables: { x: 'y' } }]), deps);
    assert.deepEqual(
      [check?.verdict, check?.value, check?.thresholdRange, check?.message],
      ['Pass', 1, { max: 5 }, undefined],
    );
    assert.deepEqual(lookups, ['template shared/latency', 'secret shared/token']);
    const [request] = deps.requests;
    assert.equal(request && asked(request), 'y 1m');
    assert.deepEqual(request?.headers, { a: ['b'], authorization: 'Bearer s3cret', accept: 'application/json' });
  });

  const withTemplate = (provider: object, query?: string) => ({ template: () => templateOf(provider, query) });
  const secretRef = { name: 'token' };
  const AT = 'MetricTemplate test/latency (prom.test:9090)';
  const ERRORS: Readonly<Record<string, [object, Partial<MeasureDeps>, string]>> = {
    'no template': [ofTemplate, {}, 'MetricTemplate test/latency is not there: create it, or correct the templateRef'],
    'no Secret': [
      ofTemplate,
      withTemplate({ secretRef }),
      `${AT}: Secret test/token is not there: create it, or correct the secretRef`,
    ],
    'a Secret that cannot be read': [
      ofTemplate,
      { ...withTemplate({ secretRef }), secret: () => Promise.reject(new Error('forbidden')) },
      `${AT}: Secret test/token cannot be read, forbidden`,
    ],
    'a Secret without the keys': [
      ofTemplate,
      { ...withTemplate({ secretRef }), secret: () => Promise.resolve({ user: 's3cret' }) },
      `${AT}: its Secret needs the key token, or the keys username and password`,
    ],
    'a provider that is to come': [
      ofTemplate,
      withTemplate({ type: 'datadog', address: undefined }),
      'MetricTemplate test/latency: datadog cannot be asked yet: use a template for prometheus',
    ],
    'a query that cannot be read': [
      ofTemplate,
      withTemplate({}, '{{ range }}'),
      'the query of MetricTemplate test/latency: line 1, column 1: {{ range }} is none of ' +
        'name, namespace, target, service, ingress, route, interval, variables.NAME',
    ],
    'a variable that is not given': [
      ofTemplate,
      withTemplate({}, '{{ variables.x }}'),
      'the query of MetricTemplate test/latency: templateVariables has no x',
    ],
    'a password in the address': [
      ofTemplate,
      {
        ...withTemplate({ address: 'http://user:s3cret@prom.test:9090/?key=s3cret' }),
        call: () => Promise.reject(new HttpCallError('ConnectionFailed', 'GET http://prom.test:9090/: refused')),
      },
      `${AT}: GET http://prom.test:9090/: refused; check the address, and that it is up`,
    ],
    'an address that is none': [
      ofTemplate,
      withTemplate({ address: 's3cret' }),
      'MetricTemplate test/latency: its address is no URL: write one such as http://prometheus:9090',
    ],
    'a provider without built-in checks': [
      { name: 'request-duration', threshold: 500 },
      { provider: 'osm' },
      'no request-duration is built in for osm yet: write a MetricTemplate with the query and its templateRef',
    ],
    'a name of nothing': [
      { name: 'latency', threshold: 500 },
      {},
      'latency is no built-in check: write the templateRef of a MetricTemplate with its query',
    ],
    'a defect of ours': [
      { name: 'latency', threshold: 500, query: 'up' },
      { call: () => Promise.reject(new TypeError('x is undefined')) },
      'metrics server (metrics.test:9090): x is undefined',
    ],
  };
  for (const [what, [metric, given, message]] of Object.entries(ERRORS)) {
    it(`has an Error that says what to do for ${what}`, async () => {
      const check = await checkOf(metric, given);
      assert.deepEqual([check.verdict, check.message], ['Error', message]);
      assert.ok(!JSON.stringify(check).includes('s3cret'));
    });
  }

  it('judges the other metrics when one cannot be asked', async () => {
    const metrics = [
      { ...ofTemplate, name: 'a' },
      { name: 'request-duration', threshold: 500 },
    ];
    const checks = await measureAll(canaryOf(metrics), depsOf());
    assert.deepEqual(
      checks.map(({ verdict }) => verdict),
      ['Error', 'Pass'],
    );
  });

  it('has no data for NaN, and says what to look at', async () => {
    const check = await checkOf(
      { name: 'request-success-rate', threshold: 99 },
      { call: () => Promise.resolve(answerOf('NaN')) },
    );
    assert.equal(check.verdict, 'NoData');
    assert.equal(
      check.message,
      'metrics server (metrics.test:9090): the query gives NaN, as a ratio of no requests does; ' +
        'check that the canary gets requests and is scraped',
    );
  });

  it('has no message that the status has no room for', async () => {
    const body = JSON.stringify({ status: 'error', error: 'x'.repeat(5000) });
    const check = await checkOf(
      { ...ofTemplate, templateRef: { name: 'n'.repeat(253), namespace: 'm'.repeat(1000) } },
      { ...withTemplate({}), call: () => Promise.resolve({ status: 400, headers: {}, body }) },
    );
    assert.equal(check.message?.length, 1024);
  });

  it('waits for a Secret for five seconds', async () => {
    const clock = new PretendClock();
    const secret = () => new Promise<never>(() => undefined);
    const check = checkOf(ofTemplate, { ...withTemplate({ secretRef }), secret, clock });
    await settled();
    clock.advance(5000);
    assert.equal((await check).message, `${AT}: Secret test/token cannot be read, no answer within 5000 ms`);
    assert.equal(clock.pending, 0);
  });

  it('gives each call five seconds, and the signal', async () => {
    const deps = depsOf({
      call: (_request, { deadlineMs, signal }) => {
        assert.equal(deadlineMs, 5000);
        assert.equal(signal, deps.signal);
        return Promise.resolve(answerOf('1'));
      },
    });
    const [check] = await measureAll(canaryOf([{ name: 'a', query: 'up', threshold: 1 }]), deps);
    assert.equal(check?.verdict, 'Pass', check?.message);
  });

  it('throws when it is broken off, as no check says anything then, and leaves no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const call: MeasureDeps['call'] = (_request, limits) =>
      new Promise((_resolve, reject) => {
        const stop = (): void => reject(new HttpCallError('Aborted', 'the lease is lost'));
        limits.signal.addEventListener('abort', stop, { once: true });
      });
    const metrics = Array.from({ length: 12 }, (_, index) => ({ name: `m${index}`, query: 'up', threshold: 1 }));
    const all = assert.rejects(measureAll(canaryOf(metrics), depsOf({ call, signal })), /the lease is lost/);
    await settled();
    controller.abort(new Error('the lease is lost'));
    await all;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
