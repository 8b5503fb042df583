import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import { systemClock } from '../../kube/clock.ts';
import type { KubeObject } from '../../kube/object.ts';
import { loopbackTransport } from '../../kube/transport/loopback-transport.ts';
import { watchedUntil } from './watched-object.ts';

interface Asked extends KubeObject {
  readonly answer?: string;
}
type Answer = (response: ServerResponse, number: number) => void;

const asked = (resourceVersion: string, answer?: string): Asked => ({
  metadata: { name: 'ask', namespace: 'test', uid: 'u', resourceVersion },
  ...(answer !== undefined && { answer }),
});
const PATH = '/apis/flagger.app/v1beta1/namespaces/test/canaryactions';
/** Nobody waits for a pause in a test. */
const clock = { ...systemClock, after: (_: number, action: () => void) => systemClock.after(0, action) };

const json = (status: number, body: object) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
const told = (type: string, object: Asked) => json(200, { type, object });
const refused = (code: number, reason: string) => json(code, { kind: 'Status', code, reason, message: reason });

/** Waits for an answer, with a server that answers watches and looks so, each with its number; what it was asked. */
async function waiting(t: TestContext, { watch, look }: { readonly watch: Answer; readonly look?: Answer }) {
  const counts = { watch: 0, look: 0 };
  const { server, transport } = await loopbackTransport(t, ({ url }, response) => {
    if (url.includes('watch=true')) watch(response, ++counts.watch);
    else look?.(response, ++counts.look);
  });
  const cluster = { transport, namespace: 'test', context: 'test', server: server.url };
  const stop = new AbortController();
  const isWanted = ({ answer }: Asked) => answer !== undefined;
  const found = watchedUntil(cluster, CANARY_ACTIONS, asked('7'), isWanted, { clock, signal: stop.signal });
  return { found, stop, counts, server };
}

describe('watchedUntil()', () => {
  it('watches one object by its name, from the state that is known', async (t) => {
    const { found, server } = await waiting(t, { watch: told('MODIFIED', asked('8', 'yes')) });
    assert.equal((await found)?.answer, 'yes');
    const query = 'fieldSelector=metadata.name%3Dask&resourceVersion=7&watch=true';
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [`${PATH}?${query}`],
    );
  });

  it('looks, and watches from there, where a watch ends or breaks', async (t) => {
    const { found, server } = await waiting(t, {
      watch: (response, number) =>
        number === 1
          ? told('ERROR', { code: 410, reason: 'Expired' } as unknown as Asked)(response)
          : told('MODIFIED', asked('10', 'yes'))(response),
      look: json(200, asked('9')),
    });
    assert.equal((await found)?.answer, 'yes');
    assert.match(server.requests.at(-1)?.url ?? '', /resourceVersion=9/);
  });

  it('looks again and again where it may not watch', async (t) => {
    const { found, counts } = await waiting(t, {
      watch: refused(403, 'Forbidden'),
      look: (response, number) => json(200, number < 3 ? asked('7') : asked('8', 'yes'))(response),
    });
    assert.equal((await found)?.answer, 'yes');
    assert.deepEqual(counts, { watch: 1, look: 3 });
  });

  it('ends where it may not even look, and with what is deleted', async (t) => {
    const blind = await waiting(t, { watch: refused(403, 'Forbidden'), look: refused(403, 'Forbidden') });
    await assert.rejects(blind.found, { name: 'KubeError', status: 403 });
    const deleted = await waiting(t, { watch: told('DELETED', asked('8')) });
    await assert.rejects(deleted.found, /canaryaction ask was deleted meanwhile/);
    const gone = await waiting(t, { watch: (response) => void response.end(), look: refused(404, 'NotFound') });
    await assert.rejects(gone.found, /canaryaction ask was deleted meanwhile/);
  });

  it('outlasts an API server that is away for a while', async (t) => {
    const { found } = await waiting(t, {
      watch: refused(500, 'InternalError'),
      look: (response, number) =>
        number < 3 ? void response.socket?.destroy() : json(200, asked('8', 'yes'))(response),
    });
    assert.equal((await found)?.answer, 'yes');
  });

  it('has nothing when the signal aborts', async (t) => {
    const { found, stop, server } = await waiting(t, { watch: () => undefined });
    await server.arrived(1);
    stop.abort();
    assert.equal(await found, undefined);
  });
});
