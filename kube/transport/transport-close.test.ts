import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../log.ts';
import { PretendClock } from '../pretend-clock.ts';
import { fixedConnection } from './connection.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { loopbackTransport } from './loopback-transport.ts';
import { createTransport } from './transport.ts';

const never = new AbortController().signal;

/** What a transport could leave that keeps this process alive, and how many of each. */
function alive(): Record<string, number> {
  const counts: Record<string, number> = { Timeout: 0, TCPSocketWrap: 0, TLSWrap: 0, TCPConnectWrap: 0 };
  for (const kind of process.getActiveResourcesInfo()) if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return;
    await sleep(10);
  }
  assert.fail('it did not come so');
}

describe('close()', { timeout: 30_000 }, () => {
  it('breaks off requests, those that wait for a connection, and watches', async (t) => {
    const { server, transport } = await loopbackTransport(
      t,
      ({ url }, response) => void (url.startsWith('/watch') && response.write('{"type":"ADDED","object":{}}\n')),
      { maxConnections: 1 },
    );
    const events: string[] = [];
    const watching = async () => {
      for await (const { type } of transport.watch({ path: '/watch', signal: never })) events.push(type);
    };
    const aborted = (name: string) => ({
      name: 'KubeError',
      reason: 'Aborted',
      message: `GET /${name}: the transport is closed`,
    });
    const calls = [
      assert.rejects(transport.request({ path: '/first' }), aborted('first')),
      assert.rejects(transport.request({ path: '/second' }), aborted('second')),
      assert.rejects(watching(), aborted('watch')),
    ];
    await server.arrived(2);
    await eventually(() => Promise.resolve(events.length === 1));
    transport.close();
    await Promise.all(calls);
    assert.equal(server.requests.length, 2);
  });

  it('lets no call begin afterwards, and may be called again', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'));
    await transport.request({ path: '/a' });
    transport.close();
    transport.close();
    await assert.rejects(transport.request({ path: '/b' }), { reason: 'Aborted' });
    await assert.rejects(transport.text({ path: '/b' }), { reason: 'Aborted' });
    await assert.rejects(
      async () => {
        for await (const _ of transport.watch({ path: '/b', signal: never }));
      },
      { reason: 'Aborted' },
    );
    assert.equal(server.requests.length, 1);
  });

  it('leaves no socket and no timer, whatever was under way', async () => {
    // What the tests before have closed may take a moment.
    await eventually(() => Promise.resolve(alive()['TCPSocketWrap'] === 0));
    const before = alive();
    const clock = new PretendClock();
    const server = await startLoopbackServer(({ url }, response) => {
      if (url === '/whole') response.end('{}');
      else if (url !== '/silent') response.write('{"type":"ADDED","object":{}}\n');
    });
    const connection = fixedConnection(server.url, server.credentials);
    const transport = createTransport({ connection, clock, log: silentLog, maxConnections: 4 });
    const read = async (path: string) => {
      for await (const _ of transport.watch({ path, signal: never }));
    };
    await Promise.all(['/whole', '/whole', '/whole'].map((path) => transport.request({ path })));
    const paths = ['/silent', '/begun', '/silent', '/begun', '/silent', '/begun'];
    const calls = Promise.allSettled([
      ...paths.map((path) => transport.request({ path })),
      ...paths.map((path) => read(path)),
    ]);
    await server.arrived(3 + 4 + 6);
    // One more, which is opening its connection.
    const connecting = assert.rejects(read('/opening'), { reason: 'Aborted' });
    await Promise.resolve();
    assert.ok(clock.pending > 0 && (await server.openConnections()) > 0);
    transport.close();
    assert.ok((await calls).every(({ status }) => status === 'rejected'));
    await connecting;
    assert.equal(clock.pending, 0);
    await eventually(async () => (await server.openConnections()) === 0);
    await server.close();
    assert.deepEqual(alive(), before);
  });

  it('closes connections that a call opened in the very turn in which it was closed', async (t) => {
    for (let turns = 0; turns < 12; turns++) {
      const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'));
      const call = assert.rejects(transport.request({ path: '/a' }), { reason: 'Aborted' });
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      transport.close();
      await call;
      await eventually(async () => (await server.openConnections()) === 0);
      assert.equal(server.requests.length, 0);
    }
  });

  it('ends a call on the side of the server too', async (t) => {
    const { server, transport } = await loopbackTransport(t, () => undefined);
    const call = assert.rejects(transport.request({ path: '/a' }));
    await server.arrived(1);
    const gone = once(server.requests[0]!.socket, 'close');
    transport.close();
    await Promise.all([call, gone]);
  });
});
