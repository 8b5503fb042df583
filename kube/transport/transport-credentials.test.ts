import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import type { Connection } from './connection.ts';
import { type ArrivedRequest, type LoopbackServer, startLoopbackServer } from './loopback-server.ts';
import { createTransport } from './transport.ts';

/** Numbers its tokens, from 1; a new one for each renewal. */
function renewing(server: LoopbackServer): Connection & { readonly renewals: number } {
  let renewals = 0;
  return {
    server: server.url,
    credentials: () => Promise.resolve({ ...server.credentials, headers: { authorization: `Bearer ${renewals + 1}` } }),
    renew: () => void renewals++,
    get renewals() {
      return renewals;
    },
  };
}

const tokenOf = ({ headers }: ArrivedRequest): string | undefined => headers.authorization?.replace('Bearer ', '');

describe('a transport whose credentials are refused', () => {
  it('asks for fresh ones and tries once more, on the same connection, a write as well', async (t) => {
    const server = await startLoopbackServer((request, response) => {
      if (tokenOf(request) === '1') response.writeHead(401).end('Unauthorized');
      else response.end(request.body || '{}');
    });
    t.after(() => server.close());
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(JSON.stringify(fields)) };
    const connection = renewing(server);
    const transport = createTransport({ connection, clock: systemClock, log, maxConnections: 1 });
    t.after(() => transport.close());

    assert.deepEqual(await transport.request({ method: 'POST', path: '/a', body: { x: 1 } }), { x: 1 });
    assert.deepEqual(server.requests.map(tokenOf), ['1', '2']);
    assert.deepEqual(
      server.requests.map(({ body }) => body),
      ['{"x":1}', '{"x":1}'],
    );
    assert.deepEqual([connection.renewals, server.connections], [1, 1]);
    assert.deepEqual(warnings, ['{"request":"POST /a"}']);
  });

  it('leaves the second refusal to the caller, of a request and of a watch', async (t) => {
    const server = await startLoopbackServer((_request, response) =>
      response.writeHead(401).end('{"reason":"Unauthorized"}'),
    );
    t.after(() => server.close());
    const connection = renewing(server);
    const transport = createTransport({ connection, clock: systemClock, log: silentLog });
    t.after(() => transport.close());

    await assert.rejects(transport.request({ path: '/a' }), { status: 401, reason: 'Unauthorized' });
    assert.deepEqual([server.requests.length, connection.renewals], [2, 1]);
    await assert.rejects(
      async () => {
        for await (const _ of transport.watch({ path: '/a', signal: new AbortController().signal }));
      },
      { status: 401 },
    );
    assert.deepEqual([server.requests.length, connection.renewals], [4, 2]);
  });

  it('tries a watch once more with fresh ones', async (t) => {
    const server = await startLoopbackServer((request, response) => {
      if (tokenOf(request) === '1') response.writeHead(401).end('Unauthorized');
      else response.end('{"type":"ADDED","object":{}}\n');
    });
    t.after(() => server.close());
    const transport = createTransport({ connection: renewing(server), clock: systemClock, log: silentLog });
    t.after(() => transport.close());
    const types: string[] = [];
    for await (const { type } of transport.watch({ path: '/a', signal: new AbortController().signal }))
      types.push(type);
    assert.deepEqual(types, ['ADDED']);
  });

  it('fails as any call does when there are none to be had', async (t) => {
    const server = await startLoopbackServer((_request, response) => response.writeHead(401).end());
    t.after(() => server.close());
    const failing = () => Promise.reject(new Error('the plugin exited with 1'));
    const noneAtAll = { server: server.url, credentials: failing, renew: () => undefined };
    const unrenewable: Connection = {
      ...renewing(server),
      renew() {
        throw new Error('the file is gone');
      },
    };
    for (const [connection, message] of [
      [noneAtAll, 'GET /a: the plugin exited with 1'],
      [unrenewable, 'GET /a: the file is gone'],
    ] as const) {
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      t.after(() => transport.close());
      await assert.rejects(transport.request({ path: '/a' }), {
        name: 'KubeError',
        reason: 'ConnectionFailed',
        message,
      });
    }
  });
});
