import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import type { Credentials } from './connection.ts';
import { loopbackTransport } from './loopback-transport.ts';
import { createTransport } from './transport.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

function answerEmpty(_request: unknown, response: ServerResponse): void {
  response.end('{}');
}

describe('a transport', () => {
  it('sends JSON byte for byte as JSON.stringify has it, and gives any JSON as JSON.parse has it', async (t) => {
    const { server, transport } = await loopbackTransport(t, ({ body }, response) => response.end(body));
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.stringify(value);
        assert.deepEqual(await transport.request({ method: 'POST', path: '/echo', body: value }), JSON.parse(json));
        assert.equal(server.requests.at(-1)?.body, json);
      }),
    );
  });

  // The typed client of @kubernetes/client-node drops unknown fields and makes Dates of timestamps.
  it('neither drops fields that no client knows nor turns timestamps into Dates', async (t) => {
    const json =
      '{"kind":"Deployment","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","name":"größe-🚀"},' +
      '"spec":{"fieldOfTomorrow":{"a-b":[1,null,{"":true}]},"replicas":9007199254740993,"__proto__":{"x":1}}}';
    const { transport } = await loopbackTransport(t, (_request, response) => response.end(json));
    const object = await transport.request({ path: '/apis/apps/v1/namespaces/default/deployments/a' });
    assert.equal(JSON.stringify(object), json.replace('9007199254740993', '9007199254740992'));
    assert.equal(await transport.text({ path: '/apis/apps/v1/namespaces/default/deployments/a' }), json);
  });

  it('encodes the query so that the server reads what was meant, and leaves out what is undefined', async (t) => {
    const { server, transport } = await loopbackTransport(t, answerEmpty);
    const query = {
      labelSelector: 'app in (a, b),!x&y=ü',
      continue: 'a+b/c==',
      limit: 500,
      watch: false,
      no: undefined,
    };
    await transport.request({ path: '/api/v1/namespaces/a%2Fb/pods', query });
    const { pathname, searchParams } = new URL(server.requests[0]!.url, 'https://server');
    assert.equal(pathname, '/api/v1/namespaces/a%2Fb/pods');
    assert.deepEqual(Object.fromEntries(searchParams), {
      labelSelector: 'app in (a, b),!x&y=ü',
      continue: 'a+b/c==',
      limit: '500',
      watch: 'false',
    });
    await transport.request({ path: '/api/v1/pods', query: { continue: undefined } });
    assert.equal(server.requests[1]?.url, '/api/v1/pods');
  });

  it('says what kind of body it sends, how long it is, and nothing of one that is not there', async (t) => {
    const { server, transport } = await loopbackTransport(t, answerEmpty);
    await transport.request({ method: 'POST', path: '/a', body: { ü: 1 } });
    await transport.request({ method: 'PATCH', path: '/a', body: {}, contentType: 'application/merge-patch+json' });
    await transport.request({ method: 'DELETE', path: '/a' });
    await transport.request({ method: 'POST', path: '/a' });
    const heads = server.requests.map(({ method, headers }) => [
      method,
      headers['content-type'],
      headers['content-length'],
      headers['transfer-encoding'],
    ]);
    assert.deepEqual(heads, [
      ['POST', 'application/json', '8', undefined],
      ['PATCH', 'application/merge-patch+json', '2', undefined],
      ['DELETE', undefined, undefined, undefined],
      ['POST', undefined, '0', undefined],
    ]);
  });

  it('uses credentials that were rotated from the next request on', async (t) => {
    const { server } = await loopbackTransport(t, answerEmpty);
    let token = 'first';
    const credentials = (): Promise<Credentials> =>
      Promise.resolve({ ...server.credentials, headers: { authorization: `Bearer ${token}` } });
    const connection = { server: server.url, credentials, renew: () => undefined };
    const transport = createTransport({ connection, clock: systemClock, log: silentLog });
    t.after(() => transport.close());
    await transport.request({ path: '/a' });
    token = 'second';
    await transport.request({ path: '/a' });
    const sent = server.requests.map(({ headers }) => headers.authorization);
    assert.deepEqual(sent, ['Bearer first', 'Bearer second']);
    assert.equal(server.connections, 1);
  });

  it('says who it is', async (t) => {
    const { server, transport } = await loopbackTransport(t, answerEmpty, { userAgent: 'canary-webhook/1.0' });
    await transport.request({ path: '/a' });
    assert.equal(server.requests[0]?.headers['user-agent'], 'canary-webhook/1.0');
  });

  it('reaches a server over http:// as well', async (t) => {
    const { transport } = await loopbackTransport(t, answerEmpty, { scheme: 'http' });
    assert.deepEqual(await transport.request({ path: '/a' }), {});
  });

  it('reaches a server at an IPv6 address', { skip: hasIpv6 ? false : 'this machine has no ::1' }, async (t) => {
    const { server, transport } = await loopbackTransport(t, answerEmpty, { host: '::1' });
    await transport.request({ path: '/a' });
    assert.equal(server.requests[0]?.headers.host, `[::1]:${server.port}`);
  });

  it('puts the path of a server behind a gateway before its own', async (t) => {
    const { server } = await loopbackTransport(t, answerEmpty);
    for (const prefix of ['/k8s/clusters/c-1', '/k8s/clusters/c-1/', '/', '']) {
      const credentials = () => Promise.resolve(server.credentials);
      const connection = { server: `${server.url}${prefix}`, credentials, renew: () => undefined };
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      await transport.request({ path: '/api/v1/pods' });
      transport.close();
    }
    const urls = server.requests.map(({ url }) => url);
    assert.deepEqual(urls, [
      '/k8s/clusters/c-1/api/v1/pods',
      '/k8s/clusters/c-1/api/v1/pods',
      '/api/v1/pods',
      '/api/v1/pods',
    ]);
  });

  it('holds a server to another name than its address where the credentials say so', async (t) => {
    const { server } = await loopbackTransport(t, answerEmpty, { names: ['kubernetes.default.svc'] });
    const transportAs = (credentials: Credentials) => {
      const connection = {
        server: server.url,
        credentials: () => Promise.resolve(credentials),
        renew: () => undefined,
      };
      const transport = createTransport({ connection, clock: systemClock, log: silentLog });
      t.after(() => transport.close());
      return transport;
    };
    const named = transportAs({ ...server.credentials, serverName: 'kubernetes.default.svc' });
    assert.deepEqual(await named.request({ path: '/a' }), {});
    await assert.rejects(transportAs(server.credentials).request({ path: '/a' }), /altnames/);
    assert.deepEqual(await transportAs({ insecureSkipTlsVerify: true }).request({ path: '/a' }), {});
  });

  it('counts each answer, and each call that got none as status 0', async (t) => {
    const answered: [string, number][] = [];
    const metrics = {
      answered(method: string, status: number, seconds: number) {
        assert.ok(seconds >= 0 && seconds < 60);
        answered.push([method, status]);
      },
    };
    const { transport } = await loopbackTransport(
      t,
      ({ url, socket }, response) => {
        if (url === '/reset') socket.destroy();
        else response.writeHead(Number(url.slice(1, 4))).end(url.includes('watch') ? '' : '{}');
      },
      { metrics },
    );
    await transport.request({ path: '/200' });
    await assert.rejects(transport.request({ method: 'DELETE', path: '/404' }));
    await assert.rejects(transport.request({ method: 'PATCH', path: '/reset', body: {} }));
    for await (const _ of transport.watch({ path: '/200', signal: new AbortController().signal }));
    assert.deepEqual(answered, [
      ['GET', 200],
      ['DELETE', 404],
      ['PATCH', 0],
      ['WATCH', 200],
    ]);
  });
});
