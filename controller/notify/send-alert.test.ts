import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { AlertProviderSpec } from '../../api/generated/alert-provider.ts';
import { systemClock } from '../../kube/clock.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { type ArrivedRequest, startLoopbackServer } from '../../kube/transport/loopback-server.ts';
import { openHttpProxy, openSocksProxy } from '../../kube/transport/tunnel-proxy.ts';
import { httpCall } from '../http-call.ts';
import { alert } from './alert-fixture.ts';
import type { ReceiverSpec } from './receivers.ts';
import { type SendDeps, sendAlert } from './send-alert.ts';

type Answer = (request: ArrivedRequest, response: ServerResponse) => void;
const SECRET_PATH = '/services/T0/B0/s3cret-of-a-hook';

async function serve(t: TestContext, answer: Answer) {
  const server = await startLoopbackServer(answer, { scheme: 'http' });
  t.after(() => server.close());
  return server;
}

const answering =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

function send(spec: Partial<AlertProviderSpec> | undefined, given: Partial<SendDeps> = {}, token?: string) {
  const receiver = (): ReceiverSpec | undefined =>
    spec && { namespace: 'shared', spec: { type: 'slack', ...spec }, token };
  const deps = { call: httpCall, secret: () => Promise.resolve(undefined), clock: systemClock, ...given };
  const signal = given.signal ?? new AbortController().signal;
  return sendAlert(alert(), { key: 'shared/chat', severity: 'info', provider: receiver }, { ...deps, signal });
}

describe('sendAlert()', () => {
  it('reads address and token from the Secret of the provider’s namespace, which goes before what is written', async (t) => {
    const server = await serve(t, answering(200, '{"ok":true}'));
    const read: string[] = [];
    const secret = (namespace: string, name: string) => {
      read.push(`${namespace}/${name}`);
      return Promise.resolve({ address: `${server.url}/api\n`, token: 'xoxb-1\n', other: 'x' });
    };
    const sent = await send({ secretRef: { name: 'hook' }, address: 'http://other.test' }, { secret });
    assert.deepEqual([sent, read], [{ kind: 'sent' }, ['shared/hook']]);
    const [{ url, headers } = assert.fail()] = server.requests;
    assert.deepEqual([url, headers['authorization']], ['/api', 'Bearer xoxb-1']);
  });

  it('says what is wrong with the Secret, and nothing of what it holds; it may be mended', async () => {
    const cases: readonly (readonly [Record<string, string> | undefined | Error, string])[] = [
      [undefined, "Secret shared/hook is not there: create it, with the hook's URL under address"],
      [{}, 'what Secret shared/hook has under address is no URL: write one that begins with http:// or https://'],
      [
        { address: 's3cret' },
        'what Secret shared/hook has under address is no URL: write one that begins with http:// or https://',
      ],
      [
        { address: 'ftp://s3cret' },
        'what Secret shared/hook has under address is no URL: write one that begins with http:// or https://',
      ],
      [
        { address: 'http://a', token: 'a\nb' },
        'Secret shared/hook has under token characters that no header can have: correct it',
      ],
      [new Error('s3cret'), 'Secret shared/hook cannot be read'],
    ];
    for (const [texts, message] of cases) {
      const secret = () => (texts instanceof Error ? Promise.reject(texts) : Promise.resolve(texts));
      assert.deepEqual(await send({ secretRef: { name: 'hook' } }, { secret }), {
        kind: 'not sent',
        message,
        again: true,
      });
    }
  });

  it('waits five seconds for the Secret, and for the answer', async (t) => {
    for (const which of ['secret', 'call'] as const) {
      const clock = new PretendClock();
      const server = await serve(t, () => undefined);
      const secret = () =>
        which === 'secret'
          ? new Promise<never>(() => undefined)
          : Promise.resolve({ address: server.url + SECRET_PATH });
      const sending = send({ secretRef: { name: 'hook' } }, { secret, clock });
      if (which === 'call') await server.arrived(1);
      else await new Promise(setImmediate);
      clock.advance(4999);
      const early = await Promise.race([sending, new Promise((resolve) => setImmediate(resolve, 'under way'))]);
      assert.equal(early, 'under way');
      clock.advance(1);
      const message = `${server.url} gave no answer within 5s; check that it is up and not overloaded`;
      const expected = which === 'secret' ? 'Secret shared/hook cannot be read' : message;
      assert.deepEqual(await sending, { kind: 'not sent', message: expected, again: true });
      assert.equal(clock.pending, 0);
    }
  });

  for (const [status, again] of [
    [400, false],
    [403, false],
    [404, false],
    [410, false],
    [429, true],
    [500, true],
    [501, false],
    [503, true],
  ] as const) {
    it(`takes ${status} for a no${again ? ' that may change' : ''}, without the path in what it says`, async (t) => {
      const server = await serve(
        t,
        (request, response) =>
          void response
            .writeHead(status, { 'retry-after': '7' })
            .end(`no ${request.url} for ${request.headers['authorization']}`),
      );
      const sent = await send({ address: server.url + SECRET_PATH }, {}, 't0k3n-of-a-Secret');
      const message = `${server.url} answered ${status}: no *** for ***`;
      assert.deepEqual(sent, { kind: 'not sent', message, again, waitMs: 7000 });
    });
  }

  it('follows no redirect', async (t) => {
    const server = await serve(t, answering(302, '', { location: '/elsewhere' }));
    const sent = await send({ address: server.url + SECRET_PATH });
    const message = `${server.url} answered 302; redirects are not followed, write the URL that it leads to`;
    assert.deepEqual([sent, server.requests.length], [{ kind: 'not sent', message, again: false }, 1]);
  });

  it('says who does not answer, without the path', async (t) => {
    const server = await serve(t, (_request, response) => response.destroy());
    const sent = await send({ address: server.url + SECRET_PATH });
    assert.deepEqual(sent, {
      kind: 'not sent',
      message: `${server.url} gave no answer (ECONNRESET); check the address, and that it is up`,
      again: true,
    });
  });

  it('hears a no that is answered with 200', async (t) => {
    const cases = [
      ['slack', '{"ok":false,"error":"channel_not_found"}', 'channel_not_found', false],
      ['slack', '{"ok":false,"error":"ratelimited"}', 'ratelimited', true],
      [
        'msteams',
        'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
        'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
        true,
      ],
      [
        'msteams',
        'Webhook message delivery failed with error: returned HTTP error 403.',
        'Webhook message delivery failed with error: returned HTTP error 403.',
        false,
      ],
    ] as const;
    for (const [type, body, what, again] of cases) {
      const server = await serve(t, answering(200, body));
      assert.deepEqual(await send({ type, address: server.url }), {
        kind: 'not sent',
        message: `${server.url} answered 200: ${what}`,
        again,
      });
    }
    for (const [type, body] of [
      ['slack', 'ok'],
      ['slack', '[]'],
      ['msteams', '1'],
      ['webhook', '{"ok":false}'],
    ] as const) {
      const server = await serve(t, answering(200, body));
      assert.deepEqual(await send({ type, address: server.url }), { kind: 'sent' }, body);
    }
  });

  for (const [kind, open] of [
    ['HTTP', openHttpProxy],
    ['SOCKS', openSocksProxy],
  ] as const) {
    it(`goes through the ${kind} proxy that is written`, async (t) => {
      const proxy = await open();
      t.after(() => proxy.close());
      const server = await serve(t, answering(200));
      const sent = await send({ address: `${server.url}/a`, proxy: proxy.url });
      assert.deepEqual([sent, proxy.tunnels], [{ kind: 'sent' }, [`127.0.0.1:${server.port}`]]);
      assert.equal(server.requests[0]?.url, '/a');
    });
  }

  it('says nothing of the proxy’s password when that is not let through', async (t) => {
    const proxy = await openHttpProxy();
    t.after(() => proxy.close());
    const server = await serve(t, answering(200));
    const sent = await send({ address: server.url, proxy: proxy.url.replace('s3cret', 'wr0ng-pass') });
    assert.deepEqual([sent.kind, server.requests.length], ['not sent', 0]);
    assert.doesNotMatch(JSON.stringify(sent), /wr0ng|jane/);
  });

  it('knows that there is no provider, and that there may be one later', async () => {
    assert.deepEqual(await send(undefined), {
      kind: 'not sent',
      message: 'there is no AlertProvider shared/chat',
      again: true,
    });
    const other = { type: 'pager' } as unknown as Partial<AlertProviderSpec>;
    assert.deepEqual(await send(other), {
      kind: 'not sent',
      message: 'alerts cannot be sent to a pager',
      again: false,
    });
  });

  it('ends with the signal', async (t) => {
    const server = await serve(t, () => undefined);
    const end = new AbortController();
    const sending = send({ address: server.url }, { signal: end.signal });
    await server.arrived(1);
    end.abort(new Error('the lease is lost'));
    await assert.rejects(sending, /the lease is lost/);
  });
});
