import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../kube/clock.ts';
import { PretendClock } from '../kube/pretend-clock.ts';
import { type ArrivedRequest, type LoopbackOptions, startLoopbackServer } from '../kube/transport/loopback-server.ts';
import { HttpCallError, type HttpLimits, httpCall } from './http-call.ts';

type Answer = (request: ArrivedRequest, response: ServerResponse) => void;

async function serve(t: TestContext, answer: Answer, options: LoopbackOptions = { scheme: 'http' }) {
  const server = await startLoopbackServer(answer, options);
  t.after(() => server.close());
  return server;
}

function limits(given: Partial<HttpLimits> = {}): HttpLimits {
  return {
    namespace: 'test',
    deadlineMs: 5000,
    maxBytes: 1000,
    signal: new AbortController().signal,
    clock: systemClock,
    ...given,
  };
}

/** The URL with what no message may have in it. */
const withSecrets = (url: string): string => `${url.replace('://', '://user:s3cret@')}/api?key=s3cret`;

describe('httpCall()', () => {
  it('sends a request as it is, and gives the answer', async (t) => {
    const server = await serve(t, (_request, response) => response.writeHead(201, { 'x-a': 'b' }).end('grüß dich'));
    const request = { url: `${server.url}/a%20b?c=d&e=%26`, headers: { 'X-Many': ['1', '2'], accept: 'text/plain' } };
    const answer = await httpCall({ ...request, method: 'POST', body: 'grüße' }, limits());
    assert.deepEqual([answer.status, answer.headers['x-a'], answer.body], [201, 'b', 'grüß dich']);
    const [arrived] = server.requests;
    assert.deepEqual(
      [arrived?.method, arrived?.url, arrived?.body, arrived?.headers['x-many'], arrived?.headers.accept],
      ['POST', '/a%20b?c=d&e=%26', 'grüße', '1, 2', 'text/plain'],
    );
    assert.equal(arrived?.headers['content-length'], '7');
  });

  it('leaves no header of the caller’s to frame the request', async (t) => {
    const server = await serve(t, (_request, response) => response.end());
    const headers = { 'Content-Length': '3', 'transfer-encoding': 'chunked', Connection: 'upgrade' };
    await httpCall({ method: 'POST', url: server.url, headers, body: 'whole' }, limits());
    assert.equal(server.requests[0]?.body, 'whole');
  });

  it('gives errors and redirects as they are, and follows none', async (t) => {
    const server = await serve(t, (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end('x'));
    assert.equal((await httpCall({ method: 'GET', url: server.url }, limits())).status, 302);
    assert.equal(server.requests.length, 1);
  });

  it('sends user and password of the URL as Authorization, unless there is one', async (t) => {
    const server = await serve(t, (_request, response) => response.end());
    const url = server.url.replace('://', '://us%20er:p%40ss:%25@');
    await httpCall({ method: 'GET', url }, limits());
    await httpCall({ method: 'GET', url, headers: { Authorization: 'Bearer x' } }, limits());
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      [`Basic ${Buffer.from('us er:p@ss:%').toString('base64')}`, 'Bearer x'],
    );
  });

  it('takes a certificate that nobody signed only when told to', async (t) => {
    const server = await serve(t, (_request, response) => response.end('ok'), {});
    const request = { method: 'GET', url: server.url } as const;
    await assert.rejects(httpCall(request, limits()), {
      reason: 'ConnectionFailed',
      message: /self-signed certificate/,
    });
    assert.equal((await httpCall({ ...request, insecureSkipVerify: true }, limits())).body, 'ok');
    assert.equal((await httpCall({ ...request, ca: server.credentials.ca }, limits())).body, 'ok');
  });

  for (const url of ['ftp://user:s3cret@a/b', 's3cret', 'http://', 'file:///etc/passwd', 'data:text/plain,s3cret']) {
    it(`sends nothing to ${url}`, async () => {
      const error = await httpCall({ method: 'GET', url }, limits()).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof HttpCallError);
      assert.equal(error.reason, 'ConnectionFailed');
      assert.equal(error.cause, undefined);
      assert.match(
        error.message,
        /^GET to a (text that is no URL|URL of another kind): write one that begins with http/,
      );
    });
  }

  it('says who was asked and why there is no answer, and no secret', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, 'close');
    await assert.rejects(httpCall({ method: 'GET', url: withSecrets(url) }, limits()), {
      name: 'HttpCallError',
      reason: 'ConnectionFailed',
      message: `GET ${url}/api: connect ECONNREFUSED ${url.slice('http://'.length)}`,
    });
  });

  it('says so of a header that cannot be sent, without its value', async (t) => {
    const server = await serve(t, (_request, response) => response.end());
    const headers = { authorization: 'Bearer s3cret\r\nx: y' };
    await assert.rejects(httpCall({ method: 'GET', url: server.url, headers }, limits()), (error: Error) => {
      assert.match(error.message, /Invalid character in header content \["authorization"\]/);
      assert.ok(!error.message.includes('s3cret'));
      return true;
    });
    assert.equal(server.connections, 0);
  });

  const STAGES: Readonly<Record<string, Answer>> = {
    'there is no answer': () => undefined,
    'the answer does not end': (_request, response) => void response.write('{'),
  };
  for (const [stage, answer] of Object.entries(STAGES)) {
    it(`ends at its deadline when ${stage}`, async (t) => {
      const server = await serve(t, answer);
      const clock = new PretendClock();
      const call = assert.rejects(httpCall({ method: 'GET', url: withSecrets(server.url) }, limits({ clock })), {
        reason: 'Timeout',
        message: `GET ${server.url}/api: no answer within 5000 ms`,
      });
      await server.arrived(1);
      clock.advance(5000);
      await call;
      assert.equal(clock.pending, 0);
      await closed(server);
    });

    it(`ends with its signal when ${stage}`, async (t) => {
      const server = await serve(t, answer);
      const controller = new AbortController();
      const { signal } = controller;
      const call = assert.rejects(httpCall({ method: 'GET', url: server.url }, limits({ signal })), {
        reason: 'Aborted',
        message: `GET ${server.url}/: the lease is lost`,
      });
      await server.arrived(1);
      controller.abort(new Error('the lease is lost'));
      await call;
      assert.equal(getEventListeners(signal, 'abort').length, 0);
      await closed(server);
    });
  }

  it('does not begin where the signal has aborted', async (t) => {
    const server = await serve(t, (_request, response) => response.end());
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(httpCall({ method: 'GET', url: server.url }, limits({ signal })), { reason: 'Aborted' });
    assert.equal(server.connections, 0);
  });

  it('breaks off an answer that is too large, and one that is cut', async (t) => {
    const large = await serve(t, (_request, response) => response.end('x'.repeat(1001)));
    await assert.rejects(httpCall({ method: 'GET', url: large.url }, limits()), {
      reason: 'TooLarge',
      message: `GET ${large.url}/: the answer is larger than 1000 bytes`,
    });
    const exact = await serve(t, (_request, response) => response.end('x'.repeat(1000)));
    assert.equal((await httpCall({ method: 'GET', url: exact.url }, limits())).body.length, 1000);
    const cut = await serve(t, ({ socket }, response) => response.write('{', () => socket.destroy()));
    await assert.rejects(httpCall({ method: 'GET', url: cut.url }, limits()), {
      reason: 'ConnectionFailed',
      message: `GET ${cut.url}/: the connection was lost in the middle of the answer`,
    });
    await closed(large);
  });

  it('gives the first part of an answer that is longer, and closes its connection', async (t) => {
    const server = await serve(t, (_request, response) => void response.write('x'.repeat(5000)));
    const answer = await httpCall({ method: 'GET', url: server.url }, limits({ longer: 'cut' }));
    assert.deepEqual([answer.status, answer.body, answer.isCut], [200, 'x'.repeat(1000), true]);
    await closed(server);
    const exact = await serve(t, (_request, response) => response.end('x'.repeat(1000)));
    assert.equal((await httpCall({ method: 'GET', url: exact.url }, limits({ longer: 'cut' }))).isCut, false);
  });

  it('takes no more than 16 kB of headers', async (t) => {
    const server = await serve(t, (_request, response) => {
      for (let index = 0; index < 40; index++) response.setHeader(`x-${index}`, 'x'.repeat(500));
      response.end();
    });
    await assert.rejects(httpCall({ method: 'GET', url: server.url }, limits()), { reason: 'ConnectionFailed' });
    await closed(server);
  });

  it('leaves no connection, timer or listener after many calls', async (t) => {
    const server = await serve(t, ({ number }, response) => response.end(number % 2 === 0 ? 'ok' : 'x'.repeat(2000)));
    const clock = new PretendClock();
    const { signal } = new AbortController();
    const calls = Array.from({ length: 100 }, () =>
      httpCall({ method: 'GET', url: server.url }, limits({ clock, signal })).catch(() => undefined),
    );
    await Promise.all(calls);
    assert.equal(clock.pending, 0);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    await closed(server);
  });
});

/** The server notices a moment later. */
async function closed(server: { openConnections(): Promise<number> }): Promise<void> {
  for (let tries = 0; (await server.openConnections()) > 0; tries++) {
    assert.ok(tries < 200, 'a connection is left open');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
