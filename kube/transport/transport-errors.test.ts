import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { systemClock } from '../clock.ts';
import { KubeError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { PretendClock } from '../pretend-clock.ts';
import { fixedConnection } from './connection.ts';
import { type ArrivedRequest, startLoopbackServer } from './loopback-server.ts';
import { loopbackTransport } from './loopback-transport.ts';
import { createTransport } from './transport.ts';

/** How a call failed. */
async function failure(call: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await call.then(
    (value) => assert.fail(`it succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof KubeError, `no KubeError: ${String(error)}`);
  return error;
}

/** Answers each path with what stands under it. */
function answers(table: Readonly<Record<string, (response: ServerResponse) => void>>) {
  return ({ url }: ArrivedRequest, response: ServerResponse): void => table[url]!(response);
}

describe('a failed call', () => {
  // The message of @kubernetes/client-node's ApiException is a dump of code, body and headers, with tokens where there are.
  it('says in one line what was asked and what the server said, and dumps neither headers nor body', async (t) => {
    const status = {
      kind: 'Status',
      reason: 'NotFound',
      message: 'pods "a" not found',
      code: 404,
      details: { uid: 's3cret' },
    };
    const { transport } = await loopbackTransport(t, (_request, response) => {
      response.writeHead(404, { 'x-private': 's3cret' }).end(JSON.stringify(status));
    });
    const error = await failure(transport.request({ path: '/api/v1/pods/a', query: { x: 's3cret' } }));
    assert.equal(error.message, 'GET /api/v1/pods/a: 404 pods "a" not found');
    assert.deepEqual([error.status, error.reason, error.cause], [404, 'NotFound', undefined]);
    assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes('s3cret'));
  });

  it('tells how long the server asks to wait, from the header in seconds or as a date, or from the Status', async (t) => {
    const clock = new PretendClock(new Date('2026-01-01T00:00:00Z'));
    const body = JSON.stringify({
      kind: 'Status',
      code: 429,
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 7 },
    });
    const { transport } = await loopbackTransport(
      t,
      answers({
        '/seconds': (response) => void response.writeHead(429, { 'retry-after': '3' }).end(body),
        '/date': (response) => void response.writeHead(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }).end(),
        '/status': (response) => void response.writeHead(429).end(body),
        '/none': (response) => void response.writeHead(500).end(),
      }),
      { clock },
    );
    const waits: unknown[] = [];
    for (const path of ['/seconds', '/date', '/status', '/none']) {
      waits.push((await failure(transport.request({ path }))).retryAfterMs);
    }
    assert.deepEqual(waits, [3000, 5000, 7000, undefined]);
  });

  it('takes one line of what a gateway says', async (t) => {
    const html = '<html>\n<title>502 Bad Gateway</title>\n</html>';
    const { transport } = await loopbackTransport(
      t,
      answers({
        '/502': (response) => void response.writeHead(502).end(html),
        '/200': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(html),
        '/empty': (response) => void response.end(),
        '/302': (response) => void response.writeHead(302, { location: '/login' }).end(),
      }),
    );
    const [bad, ok, empty, moved] = await Promise.all(
      ['/502', '/200', '/empty', '/302'].map((path) => failure(transport.request({ path }))),
    );
    assert.deepEqual([bad!.status, bad!.reason, bad!.message], [502, 'Unknown', 'GET /502: 502 <html>']);
    assert.deepEqual([ok!.status, ok!.reason], [0, 'BadAnswer']);
    assert.match(ok!.message, /^GET \/200: the answer is not JSON, it begins with "<html>/);
    assert.deepEqual([empty!.status, empty!.reason], [0, 'BadAnswer']);
    assert.deepEqual([moved!.status, moved!.message], [302, 'GET /302: 302']);
  });

  it('is an AnswerTooLarge when the answer is larger than any we can use, and stops reading it', async (t) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const { server, transport } = await loopbackTransport(
      t,
      (_request, response) => {
        const more = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(more)));
        more();
      },
      { maxAnswerBytes: 1_000_000 },
    );
    const error = await failure(transport.request({ path: '/endless' }));
    assert.deepEqual([error.status, error.reason], [0, 'AnswerTooLarge']);
    assert.equal(error.message, 'GET /endless: the answer is larger than 1000000 bytes');
    assert.ok(server.requests[0]!.socket.destroyed || (await once(server.requests[0]!.socket, 'close')));
  });

  it('is a ConnectionFailed where nobody listens, and names every address that was tried', async () => {
    const server = await startLoopbackServer(() => undefined);
    await server.close();
    for (const host of ['127.0.0.1', 'localhost']) {
      const connection = fixedConnection(`https://${host}:${server.port}`, {});
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      const error = await failure(transport.request({ path: '/a' }));
      assert.deepEqual([error.status, error.reason], [0, 'ConnectionFailed']);
      assert.match(error.message, new RegExp(`^GET /a: .*ECONNREFUSED 127.0.0.1:${server.port}`));
      transport.close();
    }
  });

  it('is a ConnectionFailed for a server that is not who it should be', async (t) => {
    const { server } = await loopbackTransport(t, (_request, response) => response.end('{}'));
    const other = await startLoopbackServer(() => undefined);
    t.after(() => other.close());
    const connection = fixedConnection(server.url, other.credentials);
    const transport = createTransport({ connection, clock: systemClock, log: silentLog });
    const error = await failure(transport.request({ path: '/a' }));
    assert.equal(error.reason, 'ConnectionFailed');
    assert.match(error.message, /^GET \/a: .*certificate/);
    assert.equal(server.requests.length, 0);
  });

  it('is a ConnectionFailed when the answer breaks off, whatever was said of its length', async (t) => {
    const { transport } = await loopbackTransport(
      t,
      answers({
        '/length': (response) => {
          response.writeHead(200, { 'content-length': '100' }).write('{"items":[');
          setTimeout(() => response.destroy(), 20);
        },
        '/chunked': (response) => {
          response.write('{}');
          setTimeout(() => response.destroy(), 20);
        },
        '/head': (response) => response.destroy(),
      }),
    );
    for (const path of ['/length', '/chunked']) {
      const error = await failure(transport.request({ path }));
      assert.deepEqual([error.status, error.reason], [0, 'ConnectionFailed']);
      assert.equal(error.message, `GET ${path}: the connection was lost in the middle of the answer`);
    }
    assert.equal((await failure(transport.request({ path: '/head' }))).message, 'GET /head: socket hang up');
  });

  it('is a ConnectionFailed, and only one, for what is no HTTP', { timeout: 10_000 }, async (t) => {
    const greetings = [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n',
      // Nobody asked for another protocol.
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: spdy\r\n\r\n',
    ];
    for (const greeting of greetings) {
      const server = createServer((socket) => socket.once('data', () => socket.write(greeting)).on('error', () => {}));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const connection = fixedConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {});
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      t.after(() => transport.close());
      const error = await failure(transport.request({ path: '/a' }));
      assert.deepEqual([error.status, error.reason], [0, 'ConnectionFailed'], greeting);
    }
  });

  it('carries what went wrong as its cause', async (t) => {
    const { transport } = await loopbackTransport(t, (_request, response) => response.end('{'));
    const error = await failure(transport.request({ path: '/a' }));
    assert.ok(error.cause instanceof SyntaxError);
  });
});
