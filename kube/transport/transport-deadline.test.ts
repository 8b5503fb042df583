import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { Agent } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import { PretendClock } from '../pretend-clock.ts';
import { type Connection, fixedConnection } from './connection.ts';
import { loopbackTransport } from './loopback-transport.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

type Options = Pick<TransportOptions, 'clock'>;

/** A transport whose calls get stuck, and a promise for each one that is. */
interface Stuck {
  readonly transport: Transport;
  readonly stuck: Promise<unknown>;
}

/** Takes connections, and that is all. */
async function deafServer(t: TestContext): Promise<{ url: string; connected: Promise<unknown> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, connected: once(server, 'connection') };
}

function transportOn(t: TestContext, connection: Connection, options: Options): Transport {
  const transport = createTransport({ connection, log: silentLog, ...options });
  t.after(() => transport.close());
  return transport;
}

/** Where a call can get stuck. */
const STAGES: Readonly<Record<string, (t: TestContext, options: Options) => Promise<Stuck>>> = {
  async 'its credentials come from a program that does not end'(t, options) {
    const connection = {
      server: 'https://127.0.0.1:1',
      credentials: () => new Promise<never>(() => undefined),
      renew: () => undefined,
    };
    return { transport: transportOn(t, connection, options), stuck: Promise.resolve() };
  },
  async 'a proxy does not open a connection'(t, options) {
    const agent = new Agent();
    const stuck = new Promise((resolve) => Object.assign(agent, { createSocket: resolve }));
    const connection = { ...fixedConnection('https://127.0.0.1:1', {}), agent };
    return { transport: transportOn(t, connection, options), stuck };
  },
  async 'the server does not answer the TLS handshake'(t, options) {
    const { url, connected } = await deafServer(t);
    return { transport: transportOn(t, fixedConnection(url, {}), options), stuck: connected };
  },
  async 'the server does not answer the request'(t, options) {
    const { server, transport } = await loopbackTransport(t, () => undefined, options);
    return { transport, stuck: server.arrived(1) };
  },
  async 'the answer comes slowly and does not end'(t, options) {
    const { server, transport } = await loopbackTransport(
      t,
      (_request, response) => {
        const drip = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(drip));
      },
      options,
    );
    return { transport, stuck: server.arrived(1) };
  },
  async 'all connections are taken'(t, options) {
    const { server, transport } = await loopbackTransport(t, () => undefined, { ...options, maxConnections: 1 });
    const first = transport.request({ path: '/first', deadlineMs: 1e9 });
    first.catch(() => undefined);
    return { transport, stuck: server.arrived(1) };
  },
};

describe('the deadline of a call', () => {
  for (const [stage, stick] of Object.entries(STAGES)) {
    it(`holds when ${stage}`, { timeout: 10_000 }, async (t) => {
      const clock = new PretendClock();
      const { transport, stuck } = await stick(t, { clock });
      const pending = clock.pending;
      let isOver = false;
      const message = 'GET /late: no answer within 5000 ms';
      const call = assert
        .rejects(transport.request({ path: '/late', deadlineMs: 5000 }), { status: 0, reason: 'Timeout', message })
        .finally(() => (isOver = true));
      await stuck;
      clock.advance(4999);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(isOver, false);
      clock.advance(1);
      await call;
      assert.equal(clock.pending, pending, 'its timer is left');
    });

    it(`holds on the system's clock when ${stage}`, { timeout: 10_000 }, async (t) => {
      const { transport } = await stick(t, { clock: systemClock });
      const started = performance.now();
      await assert.rejects(transport.request({ path: '/late', deadlineMs: 60 }), { reason: 'Timeout' });
      assert.ok(performance.now() - started >= 55);
    });
  }

  // @kubernetes/client-node 1.4 has none: a call to a server that is stopped never ends.
  it('is half a minute where none is given', { timeout: 10_000 }, async (t) => {
    const clock = new PretendClock();
    const { server, transport } = await loopbackTransport(t, () => undefined, { clock });
    const call = assert.rejects(transport.request({ path: '/a' }), { reason: 'Timeout' });
    await server.arrived(1);
    clock.advance(30_000);
    await call;
  });

  it('is that of the transport where the call has none', { timeout: 10_000 }, async (t) => {
    const clock = new PretendClock();
    const { server, transport } = await loopbackTransport(t, () => undefined, { clock, deadlineMs: 2000 });
    const message = 'GET /a: no answer within 2000 ms';
    const call = assert.rejects(transport.request({ path: '/a' }), { reason: 'Timeout', message });
    await server.arrived(1);
    clock.advance(2000);
    await call;
  });
});

// The calls of @kubernetes/client-node take no signal.
describe('the signal of a call', () => {
  for (const [stage, stick] of Object.entries(STAGES)) {
    it(`ends it when ${stage}`, { timeout: 10_000 }, async (t) => {
      const { transport, stuck } = await stick(t, { clock: new PretendClock() });
      const controller = new AbortController();
      const cause = new Error('we are told to stop');
      const message = 'GET /a: we are told to stop';
      const call = assert.rejects(transport.request({ path: '/a', signal: controller.signal }), {
        ...{ name: 'KubeError', status: 0, reason: 'Aborted', message, cause },
      });
      await stuck;
      controller.abort(cause);
      await call;
    });
  }

  it('that has aborted before lets nothing be sent', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'));
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(transport.request({ path: '/a', signal }), { reason: 'Aborted', message: 'GET /a: too late' });
    await transport.request({ path: '/b' });
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/b'],
    );
  });

  it('takes the connection with it, and leaves the next call another', { timeout: 10_000 }, async (t) => {
    const { server, transport } = await loopbackTransport(
      t,
      ({ url }, response) => void (url === '/b' && response.end('{}')),
      { maxConnections: 1 },
    );
    const controller = new AbortController();
    const call = assert.rejects(transport.request({ path: '/a', signal: controller.signal }), { reason: 'Aborted' });
    await server.arrived(1);
    controller.abort();
    await call;
    assert.deepEqual(await transport.request({ path: '/b' }), {});
    assert.equal(server.connections, 2);
  });

  it('has no listener left after 10,000 calls, most of which fail, and no warning on the way', async (t) => {
    const { server } = await loopbackTransport(t, (_request, response) => response.end('{}'));
    let asked = 0;
    const credentials = () =>
      asked++ % 10 === 0 ? Promise.resolve(server.credentials) : Promise.reject(new Error('none today'));
    const connection = { server: server.url, credentials, renew: () => undefined };
    const transport = transportOn(t, connection, { clock: systemClock });
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    let most = 0;
    let left = 10_000;
    const caller = async (): Promise<void> => {
      while (left-- > 0) {
        await transport.request({ path: '/a', signal }).catch(() => undefined);
        most = Math.max(most, getEventListeners(signal, 'abort').length);
      }
    };
    await Promise.all(Array.from({ length: 20 }, caller));
    assert.ok(most <= 20, `there were ${most}`);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(server.requests.length, 1000);
    assert.deepEqual(warnings, []);
  });
});
