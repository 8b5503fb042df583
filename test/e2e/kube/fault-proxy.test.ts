import assert from 'node:assert/strict';
import { Agent, request as httpsRequest } from 'node:https';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Status } from '@kubernetes/client-node';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlFails, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import type { Fault } from './fault.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type Answer, answerOf, readWatch, type Watch } from './raw-client.ts';
import { currentUpstream } from './upstream.ts';

describe('the fault proxy', { timeout: 300_000 }, () => {
  const namespace = testNamespace('fault-proxy');
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  /** In a namespace, nobody else watches these. */
  const podTemplates = `/api/v1/namespaces/${namespace}/podtemplates`;
  let proxy: FaultProxy;
  let agent: Agent;

  before(async () => {
    proxy = await startFaultProxy();
    agent = new Agent({ keepAlive: true, ca: proxy.connection.ca });
  });
  afterEach(() => {
    proxy.faults = () => undefined;
  });
  after(async () => {
    agent.destroy();
    await proxy.close();
  });

  const open = (method: string, path: string, contentType = 'application/json', by = agent) =>
    httpsRequest(new URL(path, proxy.connection.server), {
      agent: by,
      method,
      headers: { 'user-agent': 'raw', 'content-type': contentType },
    });
  const ask = (method: string, path: string, body?: object, contentType?: string) =>
    answerOf(open(method, path, contentType), body);
  const create = (name: string) => ask('POST', configMaps, { metadata: { name } });

  async function direct(path: string): Promise<Answer> {
    const upstream = await currentUpstream();
    try {
      return await answerOf(upstream.ask({ method: 'GET', url: path, headers: {} }));
    } finally {
      upstream.close();
    }
  }

  async function watchFromNowOn(): Promise<string> {
    const { body } = await direct(`${configMaps}?limit=1`);
    const { metadata } = JSON.parse(body.toString()) as { metadata: { resourceVersion: string } };
    return `${configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`;
  }

  /** A watch from now on, which has this many events to tell. */
  async function watch(events: number): Promise<Watch> {
    const watching = await readWatch(open('GET', await watchFromNowOn()));
    await change(events);
    return watching;
  }

  async function change(times: number): Promise<void> {
    for (let time = 0; time < times; time++)
      await kubectl('-n', namespace, 'annotate', 'cm', 'kube-root-ca.crt', `at=${Date.now()}`, '--overwrite');
  }

  async function exists(name: string): Promise<boolean> {
    return (await direct(`${configMaps}/${name}`)).status === 200;
  }

  /** How many the API server knows of. */
  async function watchesOfPodTemplates(): Promise<number> {
    const metrics = (await direct('/metrics')).body.toString().split('\n');
    return metrics
      .filter((line) => /^apiserver_longrunning_requests\{.*resource="podtemplates",scope="namespace"/.test(line))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  describe('without faults', () => {
    it('passes on what is read byte for byte, however long', async () => {
      // The config map comes a moment after its namespace.
      await eventually(() => kubectl('-n', namespace, 'get', 'configmap', 'kube-root-ca.crt'));
      for (const path of [`${configMaps}/kube-root-ca.crt`, '/openapi/v2', `${configMaps}/missing`]) {
        const [proxied, expected] = [await ask('GET', path), await direct(path)];
        assert.equal(proxied.status, expected.status);
        assert.equal(proxied.headers['content-type'], expected.headers['content-type']);
        assert.ok(proxied.body.equals(expected.body), path);
      }
    });

    it('passes on what is written', async () => {
      const data = { text: 'Grüße\n'.repeat(20_000) };
      const created = await ask('POST', configMaps, { metadata: { name: 'written' }, data });
      assert.equal(created.status, 201);
      assert.ok(created.body.equals((await direct(`${configMaps}/written`)).body));
      const patch = { data: { more: 'ü' } };
      const patched = await ask('PATCH', `${configMaps}/written`, patch, 'application/merge-patch+json');
      assert.ok(patched.body.equals((await direct(`${configMaps}/written`)).body));
      const { data: written } = await kubectlJson<{ data: object }>('-n', namespace, 'get', 'cm', 'written');
      assert.deepEqual(written, { ...data, ...patch.data });
      assert.equal((await ask('DELETE', `${configMaps}/written`, { propagationPolicy: 'Background' })).status, 200);
      assert.equal(await exists('written'), false);
    });

    it('passes on the events of a watch as they come, byte for byte', async () => {
      const upstream = await currentUpstream();
      const url = await watchFromNowOn();
      const expected = await readWatch(upstream.ask({ method: 'GET', url, headers: {} }));
      const proxied = await readWatch(open('GET', url));
      for (const count of [1, 2, 3]) {
        await change(1);
        await eventually(async () => assert.equal(expected.lines().length, count));
        await eventually(async () => assert.equal(proxied.text(), expected.text()));
      }
      proxied.request.destroy();
      upstream.close();
    });

    it('keeps connections open, and tells what arrived', async () => {
      const [requests, connections] = [proxy.requests.length, proxy.tlsConnections];
      const own = new Agent({ keepAlive: true, ca: proxy.connection.ca });
      for (const query of ['', '?limit=1&labelSelector=a%3Db'])
        assert.equal((await answerOf(open('GET', `${configMaps}${query}`, undefined, own))).status, 200);
      assert.equal(proxy.tlsConnections, connections + 1);
      assert.equal(proxy.requests.length, requests + 2);
      const { query, ...last } = proxy.requests.at(-1)!;
      assert.deepEqual(last, {
        method: 'GET',
        path: configMaps,
        isWatch: false,
        number: requests + 2,
        userAgent: 'raw',
      });
      assert.equal(query.get('labelSelector'), 'a=b');
      own.destroy();
    });

    it('ends a request at the server when its client goes away', async () => {
      const watching = await readWatch(open('GET', `${podTemplates}?watch=1`));
      await eventually(async () => assert.equal(await watchesOfPodTemplates(), 1));
      watching.request.destroy();
      await eventually(async () => assert.equal(await watchesOfPodTemplates(), 0));
    });
  });

  describe('a fault in place of an answer', () => {
    it('is a Status that the server knows nothing of', async () => {
      const reasons = { 409: 'Conflict', 410: 'Expired', 429: 'TooManyRequests', 500: 'InternalError' };
      for (const [status, reason] of Object.entries(reasons)) {
        proxy.faults = () => ({ kind: 'status', status: Number(status), retryAfterSeconds: 3 });
        const answer = await create('refused');
        assert.equal(answer.status, Number(status));
        assert.equal(answer.headers['retry-after'], '3');
        const body = JSON.parse(answer.body.toString()) as V1Status;
        assert.equal(body.kind, 'Status');
        assert.equal(body.code, Number(status));
        assert.equal(body.reason, reason);
        assert.equal(body.details?.retryAfterSeconds, 3);
      }
      assert.equal(await exists('refused'), false);
    });

    it('makes kubectl say what the Status says', async () => {
      proxy.faults = ({ path }) =>
        path.endsWith('/refused') ? { kind: 'status', status: 429, reason: 'Mine' } : undefined;
      const { server } = proxy.connection;
      const flags = ['--insecure-skip-tls-verify', '--kubeconfig=/dev/null', '--token=none', `--server=${server}`];
      const said = await kubectlFails(...flags, '-n', namespace, 'get', 'cm', 'refused');
      assert.match(said, /429 of the fault proxy/);
    });

    it('is whatever the test likes', async () => {
      const headers = { 'content-type': 'text/html' };
      proxy.faults = () => ({ kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>', headers });
      const answer = await ask('GET', configMaps);
      assert.equal(answer.status, 502);
      assert.equal(answer.headers['content-type'], 'text/html');
      assert.equal(answer.body.toString(), '<h1>Bad Gateway</h1>');
    });

    it('is a reset before the server knows of the request', async () => {
      proxy.faults = () => ({ kind: 'reset' });
      await assert.rejects(create('reset'), { code: 'ECONNRESET', syscall: 'read' });
      assert.equal(await exists('reset'), false);
    });

    it('is a reset after the server has done what was asked', async () => {
      proxy.faults = () => ({ kind: 'reset-after' });
      await assert.rejects(create('reset-after'), { code: 'ECONNRESET', syscall: 'read' });
      assert.equal(await exists('reset-after'), true);
    });

    it('is silence', async () => {
      proxy.faults = () => ({ kind: 'silence' });
      const request = open('POST', configMaps);
      const answer = answerOf(request, { metadata: { name: 'silence' } });
      assert.equal(await Promise.race([answer, sleep(500)]), undefined);
      request.destroy();
      await assert.rejects(answer);
      assert.equal(await exists('silence'), false);
    });

    it('is a delay', async () => {
      proxy.faults = () => ({ kind: 'delay', ms: 500 });
      const start = performance.now();
      assert.equal((await create('delayed')).status, 201);
      assert.ok(performance.now() - start >= 499);
    });

    it('hits the requests that the test chooses', async () => {
      const first = proxy.requests.length + 1;
      proxy.faults = ({ number }) => (number === first ? { kind: 'status', status: 500 } : undefined);
      assert.equal((await ask('GET', configMaps)).status, 500);
      assert.equal((await ask('GET', configMaps)).status, 200);
    });
  });

  describe('a fault in a watch', () => {
    const watches = (fault: Fault) => {
      proxy.faults = ({ isWatch }) => (isWatch ? fault : undefined);
    };

    for (const afterEvents of [0, 1, 3]) {
      it(`ends it cleanly after ${afterEvents} events`, async () => {
        watches({ kind: 'cut', afterEvents, how: 'end' });
        const watching = await watch(4);
        await watching.ended;
        assert.equal(watching.lines().length, afterEvents);
        assert.ok(watching.text() === '' || watching.text().endsWith('\n'));
      });

      it(`resets it after ${afterEvents} events`, async () => {
        watches({ kind: 'cut', afterEvents, how: 'reset' });
        const watching = await watch(4);
        await assert.rejects(watching.ended, { code: 'ECONNRESET' });
        assert.equal(watching.lines().length, afterEvents);
        assert.ok(watching.text() === '' || watching.text().endsWith('\n'));
      });

      it(`resets it in the middle of the event after ${afterEvents}`, async () => {
        watches({ kind: 'cut', afterEvents, how: 'mid-line' });
        const watching = await watch(4);
        await assert.rejects(watching.ended, { code: 'ECONNRESET' });
        assert.equal(watching.lines().length, afterEvents + 1);
        assert.throws(() => JSON.parse(watching.lines().at(-1)!) as unknown, SyntaxError);
      });
    }

    it('leaves the connection open after a clean end', async () => {
      watches({ kind: 'cut', afterEvents: 1, how: 'end' });
      const connections = proxy.tlsConnections;
      const own = new Agent({ keepAlive: true, ca: proxy.connection.ca, maxSockets: 1 });
      const watching = await readWatch(open('GET', `${configMaps}?watch=1`, undefined, own));
      await watching.ended;
      for (let time = 0; time < 3; time++)
        assert.equal((await answerOf(open('GET', configMaps, undefined, own))).status, 200);
      assert.equal(proxy.tlsConnections, connections + 1);
      own.destroy();
    });

    it('is an ERROR event', async () => {
      watches({ kind: 'watch-error', afterEvents: 1, status: 410 });
      const watching = await watch(2);
      await watching.ended;
      const [first, second, ...others] = watching.lines().map((line) => JSON.parse(line) as WatchLine);
      assert.equal(first!.type, 'MODIFIED');
      assert.equal(second!.type, 'ERROR');
      assert.equal(second!.object.kind, 'Status');
      assert.equal(second!.object.code, 410);
      assert.equal(second!.object.reason, 'Expired');
      assert.deepEqual(others, []);
    });

    it('waits for the events after which it is to come', async () => {
      watches({ kind: 'cut', afterEvents: 2, how: 'end' });
      const watching = await watch(1);
      await eventually(async () => assert.equal(watching.lines().length, 1));
      assert.equal(await Promise.race([watching.ended.then(() => 'ended'), sleep(300, 'open')]), 'open');
      await change(1);
      await watching.ended;
      assert.equal(watching.lines().length, 2);
    });

    it('loses none of many events before a reset', async () => {
      const data = { text: 'x'.repeat(900_000) };
      const names = Array.from({ length: 5 }, (_, index) => `large-${index}`);
      for (const name of names) await ask('POST', configMaps, { metadata: { name }, data });
      watches({ kind: 'cut', afterEvents: names.length, how: 'reset' });
      const watching = await readWatch(open('GET', `${configMaps}?watch=1`));
      await assert.rejects(watching.ended, { code: 'ECONNRESET' });
      assert.equal(watching.lines().length, names.length);
    });

    it('does not come where the server refuses the watch', async () => {
      watches({ kind: 'cut', afterEvents: 0, how: 'reset' });
      assert.equal((await ask('GET', '/api/v1/nothing?watch=1')).status, 404);
    });
  });

  describe('frozen', () => {
    afterEach(() => proxy.thaw());

    it('passes on nothing, and everything when it thaws', async () => {
      const watching = await watch(0);
      await ask('GET', configMaps);
      const [requests, connections] = [proxy.requests.length, proxy.tlsConnections];
      proxy.freeze();
      const own = new Agent({ ca: proxy.connection.ca });
      const answers = [create('frozen'), answerOf(open('GET', configMaps, undefined, own))];
      await change(2);
      assert.equal(await Promise.race([...answers, sleep(500)]), undefined);
      assert.equal(watching.text(), '');
      assert.equal(proxy.requests.length, requests);
      assert.equal(proxy.tlsConnections, connections);
      assert.equal(await exists('frozen'), false);
      proxy.thaw();
      assert.deepEqual(
        (await Promise.all(answers)).map(({ status }) => status),
        [201, 200],
      );
      await eventually(async () => assert.ok(watching.lines().length >= 3));
      watching.request.destroy();
    });

    it('holds back the answer to what the server does already', async () => {
      proxy.faults = () => {
        proxy.freeze();
        return undefined;
      };
      const answer = create('under-way');
      await eventually(async () => assert.equal(await exists('under-way'), true));
      assert.equal(await Promise.race([answer, sleep(300)]), undefined);
      proxy.thaw();
      assert.equal((await answer).status, 201);
    });

    it('survives clients that went away', async () => {
      proxy.freeze();
      const request = open('GET', configMaps);
      const answer = answerOf(request);
      await sleep(100);
      request.destroy();
      await assert.rejects(answer);
      proxy.thaw();
      assert.equal((await ask('GET', configMaps)).status, 200);
    });
  });

  it('resets every connection when it is told to', async () => {
    const watching = await watch(0);
    proxy.cutAll();
    await assert.rejects(watching.ended, { code: 'ECONNRESET' });
    assert.equal((await ask('GET', configMaps)).status, 200);
  });

  for (const state of ['open', 'frozen'] as const) {
    it(`leaves nothing behind when it is closed while it is ${state}`, async () => {
      const atFirst = sockets();
      const other = await startFaultProxy();
      other.faults = ({ path }) => (path === '/silence' ? { kind: 'silence' } : undefined);
      const own = new Agent({ ca: other.connection.ca });
      const from = (path: string) => httpsRequest(new URL(path, other.connection.server), { agent: own });
      const watching = await readWatch(from(`${podTemplates}?watch=1`));
      const unanswered = answerOf(from('/silence'));
      const ended = Promise.all([assert.rejects(watching.ended), assert.rejects(unanswered)]);
      await eventually(async () => assert.equal(await watchesOfPodTemplates(), 1));
      if (state === 'frozen') other.freeze();
      await other.close();
      await ended;
      await assert.rejects(answerOf(httpsRequest(other.connection.server)), { code: 'ECONNREFUSED' });
      await eventually(async () => assert.equal(await watchesOfPodTemplates(), 0));
      assert.ok(sockets() <= atFirst);
    });
  }
});

interface WatchLine {
  readonly type: string;
  readonly object: { readonly kind: string; readonly code?: number; readonly reason?: string };
}

/** Open TCP connections and servers of this process. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS/.test(kind)).length;
}
