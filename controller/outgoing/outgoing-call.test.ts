import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../kube/clock.ts';
import { type ArrivedRequest, startLoopbackServer } from '../../kube/transport/loopback-server.ts';
import { type HttpAnswer, HttpCallError, type HttpLimits, type HttpRequest } from '../http-call.ts';
import { createEgress, type Egress } from './egress.ts';
import { parseIpRange } from './ip-range.ts';
import { createOutgoingCall } from './outgoing-call.ts';
import { createOutgoingLimit } from './outgoing-limit.ts';

type Answer = (request: ArrivedRequest, response: ServerResponse) => void;

async function serve(t: TestContext, answer: Answer) {
  const server = await startLoopbackServer(answer, { scheme: 'http' });
  t.after(() => server.close());
  return server;
}

const ok: Answer = (_request, response) => void response.end('ok');
const refusing: Answer = (_request, response) => void response.writeHead(403).end('a secret of another namespace');
const ranges = (...texts: readonly string[]) => texts.flatMap((text) => parseIpRange(text) ?? []);
const LOOPBACK_ALLOWED = createEgress({ allow: ranges('127.0.0.0/8', '::1'), deny: [], own: () => [] });
const USUAL = createEgress({ allow: [], deny: [], own: () => [] });

function callWith(given: { egress?: Egress; isOwn?: boolean; total?: number } = {}) {
  const { egress = LOOPBACK_ALLOWED, isOwn = false, total = 4 } = given;
  const limit = createOutgoingLimit({ total });
  const asked: string[] = [];
  const call = createOutgoingCall({
    ...{ limit, egress },
    isOwnService: (namespace, url, address) => {
      asked.push(`${namespace} ${url.hostname} ${address}`);
      return Promise.resolve(isOwn);
    },
  });
  const { signal } = new AbortController();
  const send = (request: Omit<HttpRequest, 'method'>, limits: Partial<HttpLimits> = {}): Promise<HttpAnswer> =>
    call(
      { method: 'POST', ...request },
      { namespace: 'test', deadlineMs: 2000, maxBytes: 100, signal, clock: systemClock, ...limits },
    );
  return { send, asked, limit };
}

async function denied(sent: Promise<unknown>, why: RegExp): Promise<void> {
  await assert.rejects(sent, (error) => {
    assert.ok(error instanceof HttpCallError);
    assert.equal(error.reason, 'AddressDenied');
    assert.match(error.message, why);
    assert.match(error.message, /the controller calls it only where its --egress-allow names it$/);
    return true;
  });
}

describe('createOutgoingCall()', () => {
  it('calls no address that is denied, however it is written', async (t) => {
    const server = await serve(t, ok);
    const { send, limit } = callWith({ egress: USUAL });
    const hosts = ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001', 'localhost', 'LOCALHOST'];
    for (const host of [...hosts, '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::]', '0.0.0.0', '[::1]']) {
      await denied(send({ url: `http://${host}:${server.port}/metrics` }), /is (loopback|unspecified)/);
    }
    assert.deepEqual([server.connections, server.requests.length], [0, 0]);
    await new Promise(setImmediate);
    assert.equal(limit.underWay, 0);
  });

  it('connects to no proxy that is denied', async (t) => {
    const server = await serve(t, ok);
    const { send } = callWith({ egress: USUAL });
    for (const scheme of ['http', 'https', 'socks5', 'socks5h']) {
      for (const host of ['127.0.0.1', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]']) {
        const proxy = `${scheme}://${host}:${server.port}`;
        for (const url of ['http://93.184.216.34/', 'https://93.184.216.34/']) {
          await denied(send({ url, proxy }), /is loopback/);
        }
      }
    }
    assert.equal(server.connections, 0);
  });

  it('calls the operator’s own addresses wherever they are', async (t) => {
    const server = await serve(t, refusing);
    const { send, asked } = callWith({ egress: USUAL });
    const { status, isForeign } = await send({ url: server.url }, { isOperators: true });
    assert.deepEqual([status, isForeign, asked], [403, undefined, []]);
  });

  it('calls an allowed address by its name', async (t) => {
    const server = await serve(t, ok);
    const { send } = callWith();
    assert.equal((await send({ url: `http://localhost:${server.port}` })).body, 'ok');
  });

  it('marks the words of a server that is none of the namespace’s own', async (t) => {
    const server = await serve(t, refusing);
    const foreign = callWith();
    assert.equal((await foreign.send({ url: server.url })).isForeign, true);
    assert.deepEqual(foreign.asked, ['test 127.0.0.1 127.0.0.1']);
    assert.equal((await callWith({ isOwn: true }).send({ url: server.url })).isForeign, false);
  });

  it('asks nobody whose an answer is that passes', async (t) => {
    const server = await serve(t, ok);
    const { send, asked } = callWith();
    await send({ url: server.url });
    assert.deepEqual(asked, []);
  });

  it('has no more under way for a namespace than its part, and gives up a turn that does not come', async (t) => {
    const waiting: ServerResponse[] = [];
    const server = await serve(t, (_request, response) => void waiting.push(response));
    const { send, limit } = callWith();
    const first = send({ url: server.url });
    await server.arrived(1);
    await assert.rejects(send({ url: server.url }, { waitMs: 20 }), { name: 'HttpCallError', reason: 'TooManyCalls' });
    const other = send({ url: server.url }, { namespace: 'other' });
    await server.arrived(2);
    assert.deepEqual([limit.underWay, limit.waiting], [2, 0]);
    for (const response of waiting) response.end();
    await Promise.all([first, other]);
    await new Promise(setImmediate);
    assert.equal(limit.underWay, 0);
  });
});
