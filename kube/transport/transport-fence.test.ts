import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import { fixedConnection } from './connection.ts';
import type { Fence } from './fence.ts';
import { loopbackTransport } from './loopback-transport.ts';
import { createTransport } from './transport.ts';

const WRITE = { method: 'PATCH', path: '/a', body: { x: 1 } } as const;
const NOT_SENT = {
  ...{ name: 'KubeError', status: 0, reason: 'NotLeader' },
  message: 'PATCH /a: not sent, as controller-1/3 no longer holds the lease',
};

/** A right to write that the test takes away, with or without a word of it. */
function createFence() {
  const controller = new AbortController();
  let isHeld = true;
  const fence: Fence = { holder: 'controller-1/3', lost: controller.signal, isHeld: () => isHeld };
  return {
    fence,
    /** As a lease that runs out before a timer has noticed. */
    runOut: () => (isHeld = false),
    /** As a `Leadership` does it: whoever asks whether it is held finds out that it is not. */
    runOutWhenAsked: () => {
      Object.assign(fence, {
        isHeld: () => {
          controller.abort(new Error('the lease is expired'));
          return false;
        },
      });
    },
    lose: () => {
      isHeld = false;
      controller.abort(new Error('the lease is expired'));
    },
  };
}

/** A relay that takes a connection at once and passes nothing on before it is opened: the TLS handshake waits. */
async function gateBefore(t: TestContext, port: number) {
  const sockets: Socket[] = [];
  let held: (() => void)[] | undefined = [];
  const gate = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    for (const socket of [client, target]) sockets.push(socket.on('error', () => undefined));
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
    const pass = (): void => void client.pipe(target).pipe(client);
    if (held === undefined) pass();
    else held.push(pass);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  t.after(() => {
    gate.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `https://127.0.0.1:${(gate.address() as AddressInfo).port}`,
    connected: once(gate, 'connection'),
    open: () => {
      for (const pass of held ?? []) pass();
      held = undefined;
    },
  };
}

describe('a fenced write', { timeout: 60_000 }, () => {
  it('is sent while the right is held, in the name of its holder', async (t) => {
    const { server, transport } = await loopbackTransport(t, ({ body }, response) => response.end(body));
    const { fence } = createFence();
    assert.deepEqual(await transport.request({ ...WRITE, fence }), { x: 1 });
    assert.deepEqual(await transport.request({ ...WRITE, fence }), { x: 1 });
    const agents = server.requests.map(({ headers }) => headers['user-agent']);
    assert.deepEqual(agents, ['kubectl-canary (controller-1/3)', 'kubectl-canary (controller-1/3)']);
    assert.equal(server.connections, 1);
  });

  for (const [how, end] of [
    ['no longer held', 'runOut'],
    ['found to be run out when it is asked', 'runOutWhenAsked'],
    ['lost', 'lose'],
  ] as const) {
    it(`is not sent when the right is ${how}, over a new connection or a kept-alive one`, async (t) => {
      const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'));
      const [first, second] = [createFence(), createFence()];
      first[end]();
      await assert.rejects(transport.request({ ...WRITE, fence: first.fence }), NOT_SENT);
      await transport.request({ path: '/warm' });
      second[end]();
      await assert.rejects(transport.request({ ...WRITE, fence: second.fence }), NOT_SENT);
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/warm'],
      );
    });

    it(`is not sent when the right is ${how} by the end of the TLS handshake`, async (t) => {
      const { server } = await loopbackTransport(t, (_request, response) => response.end('{}'));
      const gate = await gateBefore(t, server.port);
      const connection = fixedConnection(gate.url, server.credentials);
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      t.after(() => transport.close());
      const { fence, ...ends } = createFence();
      const call = assert.rejects(transport.request({ ...WRITE, fence }), NOT_SENT);
      await gate.connected;
      ends[end]();
      gate.open();
      await call;
      // What was left in a buffer would come before this.
      await transport.request({ path: '/later' });
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/later'],
      );
    });

    it(`is not sent when the right is ${how} by the time its turn comes`, async (t) => {
      const { server, transport } = await loopbackTransport(
        t,
        (_request, response) => setTimeout(() => response.end('{}'), 30),
        { maxConnections: 1 },
      );
      const { fence, ...ends } = createFence();
      const first = transport.request({ path: '/first' });
      const call = assert.rejects(transport.request({ ...WRITE, fence }), NOT_SENT);
      await server.arrived(1);
      ends[end]();
      await Promise.all([first, call]);
      await transport.request({ path: '/later' });
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/first', '/later'],
      );
    });
  }

  it('is sent when its turn comes on a connection that was open before', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'), {
      maxConnections: 1,
    });
    const { fence } = createFence();
    await Promise.all(Array.from({ length: 20 }, () => transport.request({ ...WRITE, fence })));
    assert.deepEqual([server.requests.length, server.connections], [20, 1]);
  });

  it('is broken off when the right is lost while it is under way, and may have been executed', async (t) => {
    const { server, transport } = await loopbackTransport(t, () => undefined);
    const { fence, lose } = createFence();
    const call = assert.rejects(transport.request({ ...WRITE, fence }), {
      ...{ status: 0, reason: 'Aborted', message: 'PATCH /a: the lease is expired' },
    });
    await server.arrived(1);
    const gone = once(server.requests[0]!.socket, 'close');
    lose();
    await Promise.all([call, gone]);
  });

  it('is not sent again with fresh credentials when the right is lost in between', async (t) => {
    const { fence, runOut } = createFence();
    const { server, transport } = await loopbackTransport(t, (_request, response) => {
      runOut();
      response.writeHead(401).end();
    });
    await assert.rejects(transport.request({ ...WRITE, fence }), NOT_SENT);
    assert.equal(server.requests.length, 1);
  });

  it('works over http:// as well', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'), {
      scheme: 'http',
    });
    const { fence, runOut } = createFence();
    await transport.request({ ...WRITE, fence });
    await transport.request({ ...WRITE, fence });
    runOut();
    await assert.rejects(transport.request({ ...WRITE, fence }), NOT_SENT);
    assert.equal(server.requests.length, 2);
  });
});
