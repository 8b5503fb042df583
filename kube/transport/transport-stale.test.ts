import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import type { ArrivedRequest } from './loopback-server.ts';
import { loopbackTransport } from './loopback-transport.ts';

const never = new AbortController().signal;

/** Answers once on each connection and closes it when the next request comes: as a server that had just given it up. */
function answersOnce() {
  const used = new WeakSet<Socket>();
  return ({ socket, url }: ArrivedRequest, response: ServerResponse): void => {
    if (used.has(socket)) {
      socket.destroy();
      return;
    }
    used.add(socket);
    response.end(url.includes('watch') ? '{"type":"ADDED","object":{}}\n' : '{}');
  };
}

describe('a kept-alive connection that the server has closed', { timeout: 60_000 }, () => {
  it('costs a GET a second try, and a watch as well', async (t) => {
    const { server, transport } = await loopbackTransport(t, answersOnce());
    await transport.request({ path: '/first' });
    assert.deepEqual(await transport.request({ path: '/second' }), {});
    for (let index = 0; index < 2; index++) {
      for await (const { type } of transport.watch({ path: '/watch', signal: never })) assert.equal(type, 'ADDED');
    }
    assert.deepEqual([server.requests.length, server.connections], [6, 4]);
  });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`fails a ${method}, which is not sent again and says why`, async (t) => {
      const { server, transport } = await loopbackTransport(t, answersOnce());
      await transport.request({ path: '/first' });
      await assert.rejects(transport.request({ method, path: '/second', body: {} }), {
        name: 'KubeError',
        status: 0,
        reason: 'ConnectionFailed',
        message: `${method} /second: the server closed the kept-alive connection without an answer, and may have taken the request or not`,
      });
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/first', '/second'],
      );
    });
  }

  it('is not what a server does that never answers: a GET is tried twice at most, and once on a new connection', async (t) => {
    const { server, transport } = await loopbackTransport(t, ({ url, socket }, response) => {
      if (url === '/first') response.end('{}');
      else socket.destroy();
    });
    await assert.rejects(transport.request({ path: '/second' }), { reason: 'ConnectionFailed' });
    assert.equal(server.requests.length, 1);
    await transport.request({ path: '/first' });
    await assert.rejects(transport.request({ path: '/third' }), { reason: 'ConnectionFailed' });
    assert.equal(server.requests.length, 4);
  });

  it('takes the other idle ones with it: the next write is not lost as well', async (t) => {
    const { server, transport } = await loopbackTransport(t, answersOnce());
    await Promise.all(['/1', '/2', '/3', '/4'].map((path) => transport.request({ path })));
    assert.equal(server.connections, 4);
    await assert.rejects(transport.request({ method: 'PATCH', path: '/a', body: {} }), { reason: 'ConnectionFailed' });
    assert.deepEqual(await transport.request({ method: 'PATCH', path: '/b', body: {} }), {});
    assert.equal(server.connections, 5);
  });

  it('is noticed without a request where the server says so in time', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'));
    await transport.request({ path: '/first' });
    server.requests[0]!.socket.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await transport.request({ method: 'PATCH', path: '/second', body: {} }), {});
  });

  it('and one that leads nowhere any more is given up with the others once a call had no answer in time', async (t) => {
    const clock = new PretendClock();
    const dead = new Set<Socket>();
    const { server, transport } = await loopbackTransport(
      t,
      ({ socket }, response) => void (dead.has(socket) || response.end('{}')),
      { clock },
    );
    await Promise.all(['/1', '/2', '/3', '/4'].map((path) => transport.request({ path })));
    for (const { socket } of server.requests) dead.add(socket);
    const late = assert.rejects(transport.request({ path: '/late', deadlineMs: 1000 }), { reason: 'Timeout' });
    await server.arrived(5);
    clock.advance(1000);
    await late;
    assert.deepEqual(await transport.request({ method: 'PUT', path: '/next', body: {} }), {});
    assert.equal(server.connections, 5);
  });
});
