import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../../kube/clock.ts';
import { KubeError } from '../../../kube/errors.ts';
import { connectionFromKubeConfig } from '../../../kube/kube-config/kube-config.ts';
import { silentLog } from '../../../kube/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { fixedConnection } from '../../../kube/transport/connection.ts';
import { createTransport, type KubeRequest, type Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { eventually } from '../eventually.ts';
import { testNamespace } from '../namespace.ts';
import { startFaultProxy } from './fault-proxy.ts';

const PAGE = 500;
/** All thousand are in the benchmark. */
const PAGES = 100;

interface Page {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly KubeObject[];
}

describe('a transport to a real API server', () => {
  const namespace = testNamespace('transport');
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  let transport: Transport;

  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  async function failure(request: KubeRequest): Promise<KubeError> {
    const error: unknown = await transport.request(request).then(
      () => assert.fail('it succeeded'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof KubeError);
    return error;
  }

  it('serves a thousand requests one after the other over one TLS connection', async (t) => {
    const proxy = await startFaultProxy();
    t.after(() => proxy.close());
    const { server, ca } = proxy.connection;
    const through = createTransport({
      connection: fixedConnection(server, { ca }),
      clock: systemClock,
      log: silentLog,
    });
    t.after(() => through.close());
    for (let index = 0; index < 1000; index++) await through.request({ path: `/api/v1/namespaces/${namespace}` });
    assert.deepEqual([proxy.requests.length, proxy.tlsConnections], [1000, 1]);
  });

  it(`brings a page of ${PAGE} objects of 20 kB each whole ${PAGES} times of ${PAGES}`, async (t) => {
    const labels = { page: 'large' };
    for (let start = 0; start < PAGE; start += 25) {
      await Promise.all(
        Array.from({ length: 25 }, (_, index) => {
          const metadata = { name: `large-${start + index}`, labels };
          const data = { blob: randomBytes(15_000).toString('base64') };
          return transport.request({ method: 'POST', path: configMaps, body: { metadata, data } });
        }),
      );
    }
    const page = { path: configMaps, query: { labelSelector: 'page=large', limit: PAGE } };
    const first = await transport.text(page);
    const items = itemsOf(first);
    const names = (JSON.parse(first) as Page).items.map(({ metadata }) => metadata.name);
    assert.equal(new Set(names).size, PAGE);
    assert.ok(items.length > 10_000_000, `${items.length} characters`);

    const started = performance.now();
    let whole = 0;
    const read = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) if (itemsOf(await transport.text(page)) === items) whole++;
    };
    await read(PAGES / 2);
    await Promise.all(Array.from({ length: 5 }, () => read(PAGES / 10)));
    assert.equal(whole, PAGES);
    const seconds = (performance.now() - started) / 1000;
    t.diagnostic(`${PAGES} pages of ${items.length} characters in ${seconds.toFixed(1)} s`);
  });

  it('gives an object so that writing it back changes nothing', async () => {
    const body = deployment('unchanged');
    await transport.request({ method: 'POST', path: deployments, body });
    const path = `${deployments}/unchanged`;
    await eventually(async () => {
      const read = await transport.request<KubeObject>({ path });
      // Its controller writes its status at first: then this is a conflict.
      const written = await transport.request<KubeObject>({ method: 'PUT', path, body: read });
      assert.equal(written.metadata.resourceVersion, read.metadata.resourceVersion);
      assert.deepEqual(written, read);
    });
  });

  // Through the typed clients of @kubernetes/client-node a CRD loses what makes the API server keep such fields.
  it('installs a CRD that keeps fields nobody has described, and carries those there and back', async (t) => {
    const group = `${namespace}.example.com`;
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const name = `things.${group}`;
    t.after(() => transport.request({ method: 'DELETE', path: `${path}/${name}` }));
    await transport.request({ method: 'POST', path, body: openCrd(group, name) });
    const things = `/apis/${group}/v1/namespaces/${namespace}/things`;
    const spec = {
      'a-b': { x_y: [1, 0.5, null, { '': 'ü 🚀' }] },
      at: '2026-01-01T00:00:00Z',
      orNot: { int: 5, or: '5%' },
    };
    const body = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'a' }, spec };
    const made = await eventually(() => transport.request<{ spec: unknown }>({ method: 'POST', path: things, body }));
    assert.deepEqual(made.spec, spec);
    assert.deepEqual((await transport.request<{ spec: unknown }>({ path: `${things}/a` })).spec, spec);
  });

  it('gives what is no JSON as text', async () => {
    assert.equal(await transport.text({ path: '/livez' }), 'ok');
  });

  it('says in one line what the API server found wrong', async () => {
    const data = { a: '1' };
    const named = (name: string, more: object = {}) => ({ data, metadata: { name, ...more } });
    const made = await transport.request<KubeObject>({ method: 'POST', path: configMaps, body: named('taken') });
    const { resourceVersion } = made.metadata;
    await transport.request({
      method: 'PUT',
      path: `${configMaps}/taken`,
      body: { ...named('taken'), data: { a: '2' } },
    });
    const cases: [KubeRequest, number, string, RegExp][] = [
      [{ path: `${configMaps}/none` }, 404, 'NotFound', /^configmaps "none" not found$/],
      // Of an API that is not installed, and no Status.
      [{ path: '/apis/nobody.example.com/v1/things' }, 404, 'Unknown', /^404 page not found$/],
      [
        { method: 'POST', path: configMaps, body: named('taken') },
        409,
        'AlreadyExists',
        /^configmaps "taken" already exists$/,
      ],
      [
        { method: 'PUT', path: `${configMaps}/taken`, body: named('taken', { resourceVersion }) },
        ...([
          409,
          'Conflict',
          /"taken": the object has been modified; please apply your changes to the latest/,
        ] as const),
      ],
      [
        { method: 'POST', path: configMaps, body: named('Not_A_Name') },
        422,
        'Invalid',
        /ConfigMap "Not_A_Name" is invalid: metadata.name/,
      ],
      [{ method: 'POST', path: configMaps, body: { data: 7 } }, 400, 'BadRequest', /cannot be handled as a ConfigMap/],
      [
        { method: 'PATCH', path: `${configMaps}/taken`, body: {}, contentType: 'text/plain' },
        ...([415, 'UnsupportedMediaType', /^415: Unsupported Media Type$/] as const),
      ],
      [{ path: configMaps, query: { limit: 1, continue: 'nonsense' } }, 400, 'BadRequest', /continue key is not valid/],
    ];
    for (const [request, status, reason, text] of cases) {
      const error = await failure(request);
      const start = `${request.method ?? 'GET'} ${request.path}: ${status} `;
      assert.deepEqual([error.status, error.reason], [status, reason], error.message);
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), text);
      assert.ok(!error.message.includes('\n'), error.message);
    }
  });

  it('says who is refused where nobody is let in', async (t) => {
    const connection = await connectionFromKubeConfig({ env: process.env, clock: systemClock });
    const { ca } = await connection.credentials();
    let renewals = 0;
    const stranger = createTransport({
      connection: {
        server: connection.server,
        credentials: () =>
          Promise.resolve({ ...(ca === undefined ? {} : { ca }), headers: { authorization: 'Bearer no' } }),
        renew: () => void renewals++,
      },
      clock: systemClock,
      log: silentLog,
    });
    t.after(() => stranger.close());
    const message = `GET ${configMaps}: 401 Unauthorized`;
    await assert.rejects(stranger.request({ path: configMaps }), { status: 401, reason: 'Unauthorized', message });
    assert.equal(renewals, 1);
  });
});

/** A list's items as they came; its resourceVersion, before them, is of the moment. */
function itemsOf(list: string): string {
  return list.slice(list.indexOf('"items":['));
}

function deployment(name: string): object {
  const labels = { app: name };
  const containers = [{ name: 'a', image: 'scale.test/nothing', resources: { limits: { cpu: '0.5' } } }];
  return {
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

function openCrd(group: string, name: string): object {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
