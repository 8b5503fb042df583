import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import { loopbackTransport } from './loopback-transport.ts';
import type { Transport, WatchRequest } from './transport.ts';

const never = new AbortController().signal;

function event(type: string, name: string): string {
  return `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
}

/** The names in the events of a watch, as they come. */
async function follow(transport: Transport, request: Partial<WatchRequest>, names: string[]): Promise<void> {
  const events = transport.watch<{ metadata: { name: string } }>({ path: '/watch', signal: never, ...request });
  for await (const { object } of events) names.push(object.metadata.name);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a watch', { timeout: 60_000 }, () => {
  it('asks for one, with what else is asked, and ends when the server ends it', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => {
      response.write(event('ADDED', 'a'));
      response.end(event('MODIFIED', 'b'));
    });
    const names: string[] = [];
    await follow(transport, { query: { resourceVersion: '7', labelSelector: undefined } }, names);
    assert.deepEqual(names, ['a', 'b']);
    assert.equal(server.requests[0]?.url, '/watch?resourceVersion=7&watch=true');
    assert.equal(server.requests[0]?.headers['user-agent'], 'kubectl-canary');
  });

  it('gives each event when it comes, not when more has come', async (t) => {
    const responses: ServerResponse[] = [];
    const { server, transport } = await loopbackTransport(t, (_request, response) => void responses.push(response));
    const names: string[] = [];
    const watching = follow(transport, {}, names);
    await server.arrived(1);
    for (const name of ['a', 'b', 'c']) {
      responses[0]!.write(event('ADDED', name));
      await until(() => names.at(-1) === name);
    }
    responses[0]!.end();
    await watching;
  });

  it('is taken for dead after a silence, which anything that comes ends, half an event too', async (t) => {
    const clock = new PretendClock();
    const responses: ServerResponse[] = [];
    const { server, transport } = await loopbackTransport(t, (_request, response) => void responses.push(response), {
      clock,
    });
    const names: string[] = [];
    const message = 'GET /watch: no answer within 1000 ms';
    const watching = assert.rejects(follow(transport, { idleMs: 1000 }, names), {
      status: 0,
      reason: 'Timeout',
      message,
    });
    await server.arrived(1);
    const socket = once(server.requests[0]!.socket, 'close');
    const whole = event('ADDED', 'b');
    for (const [index, piece] of [event('ADDED', 'a'), whole.slice(0, 10), whole.slice(10)].entries()) {
      clock.advance(900);
      const read = server.requests[0]!.socket.bytesWritten;
      responses[0]!.write(piece);
      await until(() => server.requests[0]!.socket.bytesWritten > read);
      // Half an event shows in nothing; it is here when that after it is.
      await (index === 1
        ? new Promise((resolve) => setTimeout(resolve, 50))
        : until(() => names.length >= (index + 1) / 2));
    }
    assert.deepEqual(names, ['a', 'b']);
    clock.advance(999);
    assert.equal(clock.pending, 1);
    clock.advance(1);
    await watching;
    await socket;
    assert.equal(clock.pending, 0);
  });

  // @kubernetes/client-node has no watchdog at all (1.4), or one of 30 seconds, below the server's bookmarks (2.0).
  it('is given two bookmarks and a half of silence where nothing else is said', async (t) => {
    const clock = new PretendClock();
    const { server, transport } = await loopbackTransport(t, () => undefined, { clock });
    let isOver = false;
    const watching = assert.rejects(follow(transport, {}, []), { reason: 'Timeout' }).finally(() => (isOver = true));
    await server.arrived(1);
    clock.advance(149_999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(isOver, false);
    clock.advance(1);
    await watching;
  });

  it('frees its connection when the loop over it is left', async (t) => {
    const clock = new PretendClock();
    const { server, transport } = await loopbackTransport(
      t,
      (_request, response) => void response.write(event('ADDED', 'a') + event('ADDED', 'b')),
      { clock },
    );
    for await (const _ of transport.watch({ path: '/watch', signal: never })) break;
    while ((await server.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(clock.pending, 0);
  });

  it('ends with its signal, whatever it waits for', async (t) => {
    const { server, transport } = await loopbackTransport(
      t,
      ({ url }, response) => void (url.startsWith('/begun') && response.write(event('ADDED', 'a').slice(0, 5))),
    );
    for (const [index, path] of ['/silent', '/begun'].entries()) {
      const controller = new AbortController();
      const message = `GET ${path}: enough`;
      const watching = assert.rejects(follow(transport, { path, signal: controller.signal }, []), {
        ...{ name: 'KubeError', status: 0, reason: 'Aborted', message },
      });
      await server.arrived(index + 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      controller.abort(new Error('enough'));
      await watching;
    }
  });

  it('that is refused says so as any call does', async (t) => {
    const { transport } = await loopbackTransport(t, ({ url }, response) => {
      if (url.startsWith('/busy')) response.writeHead(429, { 'retry-after': '2' }).end('{"reason":"TooManyRequests"}');
      else response.writeHead(204).end();
    });
    await assert.rejects(follow(transport, { path: '/busy' }, []), { status: 429, retryAfterMs: 2000 });
    await assert.rejects(follow(transport, { path: '/nothing' }, []), { status: 204 });
  });

  it('throws when it breaks, after the events that came before', async (t) => {
    const { transport } = await loopbackTransport(t, ({ url }, response) => {
      response.write(event('ADDED', 'a'));
      if (url.startsWith('/html')) response.end('<html>\n');
      else if (url.startsWith('/cut')) setTimeout(() => response.destroy(), 30);
      else response.end('{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}}\n');
    });
    const names: string[] = [];
    const lost = 'GET /cut: the connection was lost in the middle of the answer';
    await assert.rejects(follow(transport, { path: '/cut' }, names), { reason: 'ConnectionFailed', message: lost });
    await assert.rejects(follow(transport, { path: '/gone' }, names), { status: 410, reason: 'Expired' });
    await assert.rejects(follow(transport, { path: '/html' }, names), { status: 0, reason: 'BadAnswer' });
    assert.deepEqual(names, ['a', 'a', 'a']);
  });
});
