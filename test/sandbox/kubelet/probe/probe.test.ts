import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { probeGrpc } from './grpc.ts';
import { decodeHealthResponse, encodeHealthRequest } from './health-message.ts';
import { httpCall, probeHttp } from './http.ts';
import { resolvePort } from './port.ts';
import { probeTcp } from './tcp.ts';
import { count, type ProbeStanding } from './threshold.ts';

async function portOf(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function get(t: TestContext, handler: RequestListener, timeoutMs = 1000) {
  const port = await portOf(t, createServer(handler));
  return probeHttp(httpCall({ port, path: '/x?y=1' }, { name: 'c' }, '127.0.0.1', 'probe'), timeoutMs);
}

test('probeHttp() takes 200 to 399 for a success', async (t) => {
  const seen: unknown[] = [];
  const result = await get(t, (request, response) => {
    seen.push(request.url, request.headers['user-agent'], request.headers.accept);
    response.end('fine');
  });
  assert.deepEqual(result, { outcome: 'success', output: 'fine' });
  assert.deepEqual(seen, ['/x?y=1', 'kube-probe/1.36', '*/*']);
});

test('probeHttp() says the status of a failure, and nothing of its body', async (t) => {
  const result = await get(t, (_request, response) => response.writeHead(503).end('secret'));
  assert.deepEqual(result, { outcome: 'failure', output: 'HTTP probe failed with statuscode: 503' });
});

test('probeHttp() follows redirects on the same host only', async (t) => {
  const near = await get(t, (request, response) => {
    if (request.url === '/y') response.end('there');
    else response.writeHead(302, { location: '/y' }).end();
  });
  assert.equal(near.output, 'there');
  const far = await get(t, (_request, response) => response.writeHead(302, { location: 'http://example.org/' }).end());
  assert.equal(far.outcome, 'warning');
});

test('probeHttp() and probeTcp() fail in the words of a real kubelet', async (t) => {
  const slow = await get(t, () => {}, 50);
  assert.match(slow.output, /: context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)$/);
  const closed = await probeHttp(httpCall({ port: 1, path: '/' }, { name: 'c' }, '127.0.0.1', 'probe'), 1000);
  assert.equal(closed.output, 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused');
  assert.equal((await probeTcp('127.0.0.1', 1, 1000)).output, 'dial tcp 127.0.0.1:1: connect: connection refused');
});

test('httpCall() sends the headers that were asked for', () => {
  const httpHeaders = [
    { name: 'Host', value: 'x' },
    { name: 'Accept', value: '' },
  ];
  const { headers, url } = httpCall(
    { port: 'web', scheme: 'HTTPS', httpHeaders },
    { name: 'c', ports: [{ name: 'web', containerPort: 8443 }] },
    '10.0.0.1',
    'probe',
  );
  assert.equal(url.href, 'https://10.0.0.1:8443/');
  assert.deepEqual(headers, { host: ['x'], 'user-agent': ['kube-probe/1.36'] });
});

test('resolvePort() refuses a name that the container does not have', () => {
  assert.throws(() => resolvePort('web', { name: 'c' }), /couldn't find port: "web"/);
  assert.equal(resolvePort('80', { name: 'c' }), 80);
});

test('probeGrpc() asks the health service', async (t) => {
  let asked = Buffer.alloc(0);
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
    asked = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      asked = Buffer.concat([asked, chunk]);
    });
    stream.on('end', () => {
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, asked.length > 5 ? 2 : 1]));
    });
  });
  const port = await portOf(t, server);
  assert.deepEqual(await probeGrpc('127.0.0.1', port, '', 1000), { outcome: 'success', output: 'service healthy' });
  const named = await probeGrpc('127.0.0.1', port, 'x', 1000);
  assert.equal(named.output, 'service unhealthy (responded with "NOT_SERVING")');
  assert.deepEqual(asked, Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x78]));
});

test('the health messages are protobuf', () => {
  assert.equal(encodeHealthRequest('a'.repeat(200)).subarray(5, 8).toString('hex'), '0ac801');
  assert.equal(decodeHealthResponse(Buffer.from([0, 0, 0, 0, 0])), 'UNKNOWN');
});

test('count() changes its mind only after enough equal outcomes', () => {
  const thresholds = { successThreshold: 2, failureThreshold: 3 };
  let standing: ProbeStanding = { healthy: undefined, lastOk: undefined, inARow: 0 };
  const seen = ['success', 'success', 'failure', 'failure', 'success', 'failure', 'failure', 'failure'].map(
    (outcome) => {
      standing = count(standing, { outcome: outcome as 'success' | 'failure', output: '' }, thresholds);
      return standing.healthy;
    },
  );
  assert.deepEqual(seen, [undefined, true, true, true, true, true, true, false]);
});
