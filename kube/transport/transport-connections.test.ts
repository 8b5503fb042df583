import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { loopbackTransport } from './loopback-transport.ts';

const never = new AbortController().signal;

describe('the connections of a transport', { timeout: 60_000 }, () => {
  // @kubernetes/client-node opens a connection for each call.
  it('are one for a thousand requests one after the other, whatever their methods and answers', async (t) => {
    const { server, transport } = await loopbackTransport(t, ({ number, body }, response) => {
      response.writeHead(number % 10 === 0 ? 409 : 200).end(body || '{}');
    });
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
    for (let index = 0; index < 1000; index++) {
      const method = methods[index % methods.length]!;
      const body = method === 'GET' ? undefined : { index };
      await transport.request({ method, path: `/${index}`, body }).catch(() => undefined);
    }
    assert.deepEqual([server.requests.length, server.connections], [1000, 1]);
  });

  // Over a shared Agent with maxSockets, the node-fetch of @kubernetes/client-node 1.4 fails two thirds of these with
  // "premature close".
  it('bring a thousand chunked answers whole, 16 at a time over 4', async (t) => {
    const item = 'ü'.repeat(1000);
    const { server, transport } = await loopbackTransport(
      t,
      ({ number }, response) => {
        // From a few bytes to 100 kB, in pieces that cut characters.
        const whole = Buffer.from(JSON.stringify({ number, items: Array.from({ length: number % 50 }, () => item) }));
        for (let start = 0; start < whole.length; start += 9001) response.write(whole.subarray(start, start + 9001));
        response.end();
      },
      { maxConnections: 4 },
    );
    const seen = new Set<number>();
    const caller = async (): Promise<void> => {
      while (server.requests.length < 985) {
        const { number, items } = await transport.request<{ number: number; items: string[] }>({ path: '/list' });
        assert.equal(items.length, number % 50);
        for (const each of items) assert.equal(each, item);
        seen.add(number);
      }
    };
    await Promise.all(Array.from({ length: 16 }, caller));
    assert.ok(seen.size >= 985);
    assert.deepEqual([server.connections, seen.size], [4, server.requests.length]);
  });

  it('are no more than may be, and requests come to them in their order', async (t) => {
    let open = 0;
    let most = 0;
    const { server, transport } = await loopbackTransport(
      t,
      (_request, response) => {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          response.end('{}');
        });
      },
      { maxConnections: 3 },
    );
    const first = Array.from({ length: 3 }, (_, index) => transport.request({ path: `/first-${index}` }));
    await server.arrived(3);
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
    await Promise.all([...first, ...paths.map((path) => transport.request({ path }))]);
    assert.ok(most <= 3, `${most} at a time`);
    assert.equal(server.connections, 3);
    // Three at a time may overtake each other on the way, but none those that came long before.
    for (const [place, { url }] of server.requests.slice(3).entries()) {
      assert.ok(Math.abs(place - Number(url.slice(1))) <= 3, `${url} came as number ${place}`);
    }
  });

  it('come to requests strictly in their order where there is one', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => response.end('{}'), {
      maxConnections: 1,
    });
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    await Promise.all(paths.map((path) => transport.request({ path })));
    const urls = server.requests.map(({ url }) => url);
    assert.deepEqual(urls, paths);
    assert.equal(server.connections, 1);
  });

  it('are left to requests by watches, however many there are', async (t) => {
    const { server, transport } = await loopbackTransport(
      t,
      ({ url }, response) => {
        if (url.startsWith('/watch')) response.write('{"type":"BOOKMARK","object":{}}\n');
        else response.end('{}');
      },
      { maxConnections: 1 },
    );
    const stop = new AbortController();
    const watches = Array.from({ length: 10 }, async (_, index) => {
      for await (const _event of transport.watch({ path: `/watch-${index}`, signal: stop.signal }));
    });
    await server.arrived(10);
    assert.deepEqual(await transport.request({ path: '/a' }), {});
    assert.equal(server.connections, 11);
    stop.abort();
    await Promise.allSettled(watches);
  });

  it('serve one watch after the other', async (t) => {
    const { server, transport } = await loopbackTransport(t, (_request, response) => {
      response.end('{"type":"BOOKMARK","object":{}}\n');
    });
    for (let index = 0; index < 20; index++) {
      for await (const _ of transport.watch({ path: '/watch', signal: never }));
    }
    assert.deepEqual([server.requests.length, server.connections], [20, 1]);
  });

  it('carry a page of 10 MB that a hash finds whole', async (t) => {
    const items = Array.from({ length: 500 }, (_, index) => ({
      name: `item-${index}`,
      data: `${index}-`.repeat(5000),
    }));
    const json = JSON.stringify({ items });
    const { transport } = await loopbackTransport(t, (_request, response) => {
      response.write(json.slice(0, 1_000_000));
      setImmediate(() => response.end(json.slice(1_000_000)));
    });
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    for (let index = 0; index < 3; index++) {
      assert.equal(hash(JSON.stringify(await transport.request({ path: '/page' }))), hash(json));
    }
  });
});
