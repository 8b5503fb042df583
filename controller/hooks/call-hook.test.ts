import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { PretendClock } from '../../kube/pretend-clock.ts';
import {
  type ArrivedRequest,
  type LoopbackOptions,
  startLoopbackServer,
} from '../../kube/transport/loopback-server.ts';
import { type HttpCall, HttpCallError, type HttpCallReason } from '../http-call.ts';
import { AddressDenied } from '../outgoing/guarded-lookup.ts';
import { callHook, type HookDeps, type HookResult } from './call-hook.ts';
import { depsWith, hookWith } from './hook-fixture.ts';

type Answer = (request: ArrivedRequest, response: ServerResponse) => void;

async function serve(t: TestContext, answer: Answer, options: LoopbackOptions = { scheme: 'http' }) {
  const server = await startLoopbackServer(answer, options);
  t.after(() => server.close());
  return server;
}

function call(given: object, deps: Partial<HookDeps> = {}): Promise<HookResult> {
  const { canary, hook } = hookWith(given);
  return callHook(canary, hook, depsWith(deps));
}

const answering =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** Pauses are over as soon as they begin, and written down; a deadline, which is longer here, never comes. */
class HastyClock extends PretendClock {
  readonly pauses: number[] = [];

  override after(ms: number, action: () => void): () => void {
    const cancel = super.after(ms, action);
    if (ms <= 30_000) {
      this.pauses.push(ms);
      setImmediate(() => this.advance(ms));
    }
    return cancel;
  }
}

/** So that its deadline is none of the pauses. */
const timeout = '1h';
const SECRET_PATH = '/services/T0/B0/s3cret';

describe('callHook()', () => {
  it('posts the payload as JSON', async (t) => {
    const server = await serve(t, answering(200));
    const metadata = { type: 'cmd', cmd: 'hey -z 1m http://podinfo-canary.test/?a=1&b=<ü>' };
    assert.deepEqual(await call({ url: `${server.url}/gate?a=b`, metadata }, { phase: 'Waiting' }), {
      verdict: 'Pass',
    });
    const [{ method, url, headers, body } = assert.fail()] = server.requests;
    assert.deepEqual([method, url, headers['content-type']], ['POST', '/gate?a=b', 'application/json']);
    assert.equal(
      body,
      '{"name":"podinfo","namespace":"test","phase":"Waiting","checksum":"d1e5b6603640a74ecc57a89e1bd8d7c7",' +
        '"metadata":{"cmd":"hey -z 1m http://podinfo-canary.test/?a=1&b=<ü>","type":"cmd"}}',
    );
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
  });

  it('tells an event hook of the event', async (t) => {
    const server = await serve(t, answering(200));
    const event = { message: 'Promotion completed!', type: 'Normal', at: new Date(1_700_000_000_123) } as const;
    await call({ type: 'event', url: server.url }, { phase: 'Succeeded', event });
    assert.equal(
      server.requests[0]?.body,
      '{"name":"podinfo","namespace":"test","phase":"Succeeded","checksum":"d1e5b6603640a74ecc57a89e1bd8d7c7",' +
        '"metadata":{"eventMessage":"Promotion completed!","eventType":"Normal","timestamp":"1700000000123"}}',
    );
  });

  for (const status of [200, 201, 202, 203, 204, 206, 299]) {
    it(`passes with ${status}`, async (t) => {
      const server = await serve(t, answering(status));
      assert.deepEqual(await call({ url: server.url }), { verdict: 'Pass' });
    });
  }

  it('passes with a long answer', async (t) => {
    const server = await serve(t, answering(200, 'x'.repeat(2 ** 21)));
    assert.deepEqual(await call({ url: server.url }), { verdict: 'Pass' });
  });

  it('judges an answer that is longer than is read by its status, and does not wait for its end', async (t) => {
    const endless = (status: number) => (_request: ArrivedRequest, response: ServerResponse) => {
      response.writeHead(status);
      const more = (): void => {
        // Not at once: Node hears only then that nobody reads any more.
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    };
    const passing = await serve(t, endless(200));
    assert.deepEqual(await call({ url: passing.url }), { verdict: 'Pass' });
    const refusing = await serve(t, endless(403));
    assert.deepEqual(await call({ url: refusing.url }), {
      verdict: 'Fail',
      message: `${refusing.url} answered 403: ${'x'.repeat(511)}…`,
    });
  });

  it('tells of a server of others the status alone', async () => {
    const foreign: HttpCall = (_request, { namespace, isOperators, longer, maxBytes }) => {
      assert.deepEqual([namespace, isOperators, longer, maxBytes], ['test', false, 'cut', 16 * 1024]);
      return Promise.resolve({ status: 403, headers: {}, body: 'a pod of kube-system', isForeign: true });
    };
    const { message } = await call({ url: 'http://prometheus.monitoring:9090/-/quit' }, { call: foreign });
    const why = 'its answer is shown only where it is a Service of namespace test';
    assert.equal(message, `http://prometheus.monitoring:9090 answered 403: ${why}`);
  });

  it('says so of what was not called', async () => {
    const refusing = (reason: HttpCallReason, message: string, cause?: Error): HttpCall => {
      const error = new HttpCallError(reason, message, cause && { cause });
      return () => Promise.reject(error);
    };
    const denied = refusing('AddressDenied', '', new AddressDenied('127.0.0.1 is loopback'));
    assert.deepEqual(await call({ url: 'http://localhost:8080/metrics', retries: 3 }, { call: denied }), {
      verdict: 'Error',
      message:
        'http://localhost:8080 was not called: 127.0.0.1 is loopback: the controller calls it only where its --egress-allow names it',
    });
    const busy = refusing('TooManyCalls', 'too many calls are under way');
    assert.deepEqual(await call({ url: 'http://gate.test' }, { call: busy }), {
      verdict: 'Error',
      message: 'http://gate.test was not called: too many calls are under way',
    });
  });

  for (const status of [300, 304, 400, 401, 403, 404, 422, 501]) {
    it(`fails with ${status} at once`, async (t) => {
      const server = await serve(t, answering(status, ' closed\n by ops '));
      const { verdict, message = '' } = await call({ url: server.url + SECRET_PATH, retries: 3 });
      assert.equal(verdict, 'Fail');
      const body = status === 304 ? '' : ': closed by ops';
      const advice = status < 400 ? '; redirects are not followed, write the URL that it leads to' : '';
      assert.equal(message, `${server.url} answered ${status}${body}${advice}`);
      assert.equal(server.requests.length, 1);
    });
  }

  it('follows no redirect, and does not say where it leads', async (t) => {
    const server = await serve(t, answering(307, '', { location: '/s3cret' }));
    const { message } = await call({ url: server.url });
    assert.equal(message, `${server.url} answered 307; redirects are not followed, write the URL that it leads to`);
    assert.equal(server.requests.length, 1);
  });

  it('tries no second time without retries', async (t) => {
    const server = await serve(t, answering(503));
    assert.deepEqual(await call({ url: server.url }), { verdict: 'Fail', message: `${server.url} answered 503` });
    assert.equal(server.requests.length, 1);
  });

  for (const status of [429, 500, 502, 503, 504, 599]) {
    it(`tries again after ${status}, and has the last answer’s text`, async (t) => {
      const clock = new HastyClock();
      const server = await serve(t, ({ number }, response) => response.writeHead(status).end(`busy ${number}`));
      const message = `${server.url} answered ${status} at try 3: busy 3`;
      assert.deepEqual(await call({ url: server.url, retries: 2, timeout }, { clock }), { verdict: 'Fail', message });
      assert.equal(server.requests.length, 3);
      assert.deepEqual(clock.pauses, [1000, 2000]);
      assert.equal(clock.pending, 0);
    });
  }

  it('pauses twice as long each time, up to 30 seconds', async (t) => {
    const clock = new HastyClock();
    const server = await serve(t, ({ number }, response) => response.writeHead(number === 9 ? 204 : 500).end());
    assert.deepEqual(await call({ url: server.url, retries: 100, timeout }, { clock }), { verdict: 'Pass' });
    assert.deepEqual(clock.pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(new Set(server.requests.map(({ body }) => body)).size, 1);
  });

  it('pauses as long as the receiver asks for, between one second and thirty', async (t) => {
    const clock = new HastyClock();
    const asked = ['7', '0', '3600', 'Thu, 01 Jan 2026 00:00:50 GMT', 'soon'];
    const server = await serve(t, ({ number }, response) => {
      const wait = asked[number - 1];
      response.writeHead(wait === undefined ? 200 : 429, wait === undefined ? {} : { 'retry-after': wait }).end();
    });
    assert.deepEqual(await call({ url: server.url, retries: 9, timeout }, { clock }), { verdict: 'Pass' });
    // The date is 12 seconds after the first three pauses; what is neither seconds nor a date asks for nothing.
    assert.deepEqual(clock.pauses, [7000, 1000, 30_000, 12_000, 16_000]);
  });

  it('stops trying at an answer that will not change', async (t) => {
    const clock = new HastyClock();
    const server = await serve(t, ({ number }, response) => response.writeHead(number === 1 ? 502 : 403).end('no'));
    const message = `${server.url} answered 403 at try 2: no`;
    assert.deepEqual(await call({ url: server.url, retries: 9, timeout }, { clock }), { verdict: 'Fail', message });
  });

  it('tries again after a lost connection, before and in the middle of an answer', async (t) => {
    const clock = new HastyClock();
    const server = await serve(t, ({ number, socket }, response) => {
      if (number === 1) socket.destroy();
      else if (number === 2) response.writeHead(200, { 'content-length': 9 }).write('x', () => socket.destroy());
      else response.end();
    });
    assert.deepEqual(await call({ url: server.url, retries: 2, timeout }, { clock }), { verdict: 'Pass' });
    assert.equal(server.requests.length, 3);
  });

  it('is an Error where there is no server, and names no more of the URL than scheme and host', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, 'close');
    const clock = new HastyClock();
    const result = await call(
      { url: `http://user:s3cret@${host}${SECRET_PATH}?s3cret`, retries: 1, timeout },
      { clock },
    );
    const message = `http://${host} gave no answer (ECONNREFUSED) at try 2; check the address, and that it is up`;
    assert.deepEqual(result, { verdict: 'Error', message });
  });

  const SILENT: Readonly<Record<string, Answer>> = {
    'there is no answer': () => undefined,
    'the answer does not end': (_request, response) => void response.writeHead(200).write('{'),
  };
  for (const [stage, answer] of Object.entries(SILENT)) {
    it(`is an Error at the end of each try’s time when ${stage}`, async (t) => {
      const server = await serve(t, answer);
      const clock = new PretendClock();
      const result = call({ url: server.url + SECRET_PATH, retries: 1, timeout: '1m30s' }, { clock });
      await server.arrived(1);
      clock.advance(90_000);
      while (clock.pending === 0) await new Promise(setImmediate);
      clock.advance(1000);
      await server.arrived(2);
      clock.advance(89_999);
      await new Promise(setImmediate);
      assert.equal(clock.pending, 1);
      clock.advance(1);
      const message =
        `${server.url} gave no answer within 1m30s at try 2; ` +
        'check that it is up and not overloaded, or write a longer timeout';
      assert.deepEqual(await result, { verdict: 'Error', message });
      assert.equal(clock.pending, 0);
    });

    it(`throws the signal’s reason when it aborts and ${stage}`, async (t) => {
      const server = await serve(t, answer);
      const clock = new PretendClock();
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('the lease is lost');
      const result = assert.rejects(call({ url: server.url, retries: 9 }, { clock, signal }), (e) => e === reason);
      await server.arrived(1);
      controller.abort(reason);
      await result;
      assert.equal(clock.pending, 0);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });
  }

  it('throws the signal’s reason in a pause, and tries no more', async (t) => {
    const server = await serve(t, answering(500));
    const clock = new PretendClock();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('the lease is lost');
    // The deadline is taken back with the answer, so that the one timer of a second is the pause.
    const begun = new Promise<void>((resolve) => {
      const after = clock.after.bind(clock);
      clock.after = (ms, action) => {
        if (ms === 1000) resolve();
        return after(ms, action);
      };
    });
    const result = assert.rejects(call({ url: server.url, retries: 9 }, { clock, signal }), (e) => e === reason);
    await begun;
    controller.abort(reason);
    await result;
    assert.equal(server.requests.length, 1);
    assert.equal(clock.pending, 0);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('throws the signal’s reason, though an answer came before it was looked at', async () => {
    const controller = new AbortController();
    const answered: HookDeps['call'] = () => {
      controller.abort(new Error('the lease is lost'));
      return Promise.resolve({ status: 200, headers: {}, body: '' });
    };
    const { signal } = controller;
    await assert.rejects(call({ url: 'http://gate.test' }, { call: answered, signal }), /the lease is lost/);
  });

  it('does not begin where the signal has aborted', async (t) => {
    const server = await serve(t, answering(200));
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(call({ url: server.url }, { signal }), /too late/);
    assert.equal(server.connections, 0);
  });

  it('takes a certificate that nobody signed only where TLS is disabled', async (t) => {
    const server = await serve(t, answering(200), {});
    const given = { url: server.url + SECRET_PATH, retries: 3 };
    const message =
      `${server.url} has a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); ` +
      'give it one of an authority that the controller trusts, or set disableTLS';
    assert.deepEqual(await call(given), { verdict: 'Error', message });
    assert.deepEqual(await call({ ...given, disableTLS: false }), { verdict: 'Error', message });
    assert.equal(server.connections, 0);
    assert.deepEqual(await call({ ...given, disableTLS: true }), { verdict: 'Pass' });
    assert.equal(server.requests.length, 1);
  });

  it('sends the hook’s headers, read anew at each call, and its own Content-Type', async (t) => {
    const server = await serve(t, answering(200));
    let token = 'first';
    const secret = () => Promise.resolve({ token: `Bearer ${token}\n` });
    const headers = [
      { name: 'Authorization', valueFrom: { secretKeyRef: { name: 'gate', key: 'token' } } },
      { name: 'X-Team', value: 'a, b' },
      { name: 'Content-Type', value: 'text/plain' },
    ];
    await call({ url: server.url, headers }, { secret });
    token = 'second';
    await call({ url: server.url, headers }, { secret });
    assert.deepEqual(
      server.requests.map(({ headers: sent }) => [sent.authorization, sent['x-team'], sent['content-type']]),
      [
        ['Bearer first', 'a, b', 'application/json'],
        ['Bearer second', 'a, b', 'application/json'],
      ],
    );
  });

  it('is an Error without a call where a Secret is missing', async (t) => {
    const server = await serve(t, answering(200));
    const headers = [{ name: 'Authorization', valueFrom: { secretKeyRef: { name: 'gate', key: 'token' } } }];
    const message =
      `${server.url}: Secret test/gate is not there: ` +
      'create it, or correct the secretKeyRef of header Authorization';
    const result = await call({ url: server.url + SECRET_PATH, headers, retries: 3 });
    assert.deepEqual(result, { verdict: 'Error', message });
    assert.equal(server.connections, 0);
  });

  it('repeats no secret that the receiver repeats', async (t) => {
    const server = await serve(t, ({ url, headers }, response) =>
      response.writeHead(404).end(`Cannot POST ${url} with ${headers.authorization} for ${String(headers['x-key'])}`),
    );
    const headers = [
      { name: 'Authorization', valueFrom: { secretKeyRef: { name: 'gate', key: 'token' } } },
      { name: 'X-Key', value: 'inline-s3cret' },
    ];
    const secret = () => Promise.resolve({ token: 'Bearer s3cret' });
    const { message } = await call({ url: `${server.url}${SECRET_PATH}?key=s3cret`, headers }, { secret });
    assert.equal(message, `${server.url} answered 404: Cannot POST *** with *** for ***`);
  });

  for (const url of [undefined, 's3cret', 'ftp://user:s3cret@a/b']) {
    it(`is an Error where the URL is ${url}`, async () => {
      const message = 'it has no URL that can be called: write one that begins with http:// or https://';
      assert.deepEqual(await call({ url }), { verdict: 'Error', message });
    });
  }

  it('is an Error where something is wrong that nobody has thought of', async () => {
    const defect: HookDeps['call'] = () => Promise.reject(new TypeError('s3cret is undefined'));
    const message = 'http://gate.test: it could not be called (TypeError), which is a defect of the controller';
    assert.deepEqual(await call({ url: 'http://gate.test' }, { call: defect }), { verdict: 'Error', message });
  });
});
