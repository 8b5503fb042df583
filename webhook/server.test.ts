import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../kube/clock.ts';
import { silentLog } from '../kube/log.ts';
import { ACTION_BYTES, CUSTOM_OBJECT_BYTES, createApp, type Outcome, WORKLOAD_BYTES } from './server.ts';
import { stampAction } from './stamp-action.ts';
import { stampRevision, type TargetRelease } from './stamp-revision.ts';
import { subjectOf, validateSubject } from './validate.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

const cluster = {
  defaultProvider: 'istio',
  scrapeIntervalMs: 15_000,
  canaries: [],
  templates: [],
  missing: [],
} as const;
const release = {
  canary: { spec: { analysis: {} }, status: { phase: 'Succeeded', lastPromotedSpec: 'a'.repeat(64) } },
  primaryReplicas: 3,
} as unknown as TargetRelease;
const outcomes: Outcome[] = [];
let server: Server;

before(async () => {
  const app = createApp({
    ...{ log: silentLog, clock: systemClock, metrics: { reviewed: (_, outcome) => outcomes.push(outcome) } },
    paths: {
      '/validate': {
        maxBytes: CUSTOM_OBJECT_BYTES,
        admit: (asked) => {
          const subject = subjectOf(asked);
          return Promise.resolve(subject === undefined ? { kind: 'allowed' } : validateSubject(subject, cluster));
        },
      },
      '/stamp-action': { maxBytes: ACTION_BYTES, admit: (asked) => Promise.resolve(stampAction(asked, new Date(0))) },
      '/stamp-revision': {
        maxBytes: WORKLOAD_BYTES,
        admit: (asked) => Promise.resolve(stampRevision(asked, release, new Date())),
      },
      '/broken': { maxBytes: ACTION_BYTES, admit: () => Promise.reject(new Error('s3cret')) },
    },
  });
  server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.close();
  server.closeAllConnections();
});

function send(
  path: string,
  body: string | Buffer,
  { method = 'POST', type = 'application/json' } = {},
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answered = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), type: answered });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const review = (more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: 'flagger.app', version: 'v1beta1', kind: 'Canary' },
    operation: 'CREATE',
    ...{ namespace: 'test', name: 'podinfo', userInfo: { username: 'jane' }, object: {}, ...more },
  },
});

describe('the HTTP surface', () => {
  it('answers a review with its uid, and a denial with kind, name and fields, as kubectl words it', async () => {
    const { status, body, type } = await send('/validate', JSON.stringify(review({ object: { spec: {} } })));
    assert.equal(status, 200);
    assert.match(type, /^application\/json/);
    const { kind, apiVersion, response } = JSON.parse(body) as { kind: string; apiVersion: string; response: Response };
    assert.deepEqual(
      [kind, apiVersion, response.uid, response.allowed],
      [...['AdmissionReview', 'admission.k8s.io/v1', 'u-1'], false],
    );
    const { details, code, reason } = response.status;
    assert.deepEqual([code, reason, details.kind, details.name], [422, 'Invalid', 'Canary', 'podinfo']);
    assert.ok(details.causes.every(({ field, message }) => field.startsWith('spec') && message !== ''));
  });

  it('sends a patch in base64', async () => {
    const kind = { group: 'flagger.app', version: 'v1beta1', kind: 'CanaryAction' };
    const { body } = await send('/stamp-action', JSON.stringify(review({ kind, object: { spec: {} } })));
    const { response } = JSON.parse(body) as { response: { patchType: string; patch: string } };
    assert.equal(response.patchType, 'JSONPatch');
    const patch: unknown = JSON.parse(Buffer.from(response.patch, 'base64').toString());
    assert.deepEqual(patch, [
      { op: 'add', path: '/spec/requestedBy', value: 'jane' },
      { op: 'add', path: '/spec/requestedAt', value: '1970-01-01T00:00:00Z' },
    ]);
  });

  it('lets through with a warning what it fails to judge, and does not say why to everybody', async () => {
    outcomes.length = 0;
    const { status, body } = await send('/broken', JSON.stringify(review()));
    assert.equal(status, 200);
    assert.deepEqual((JSON.parse(body) as { response: unknown }).response, {
      uid: 'u-1',
      allowed: true,
      warnings: ['kubectl-canary could not check this: see the log of its webhook'],
    });
    assert.doesNotMatch(body, /s3cret/);
    assert.deepEqual(outcomes, ['error']);
  });

  const wrong: Readonly<
    Record<string, readonly [number, string, string | Buffer, { method?: string; type?: string }?]>
  > = {
    'a body that is no JSON': [400, '/validate', '{'],
    'a body of another type': [415, '/validate', '{}', { type: 'text/plain' }],
    'a body of no type': [415, '/validate', '{}', { type: '' }],
    'a body in another character set': [415, '/validate', '{}', { type: 'application/json; charset=ebcdic' }],
    'no body': [400, '/validate', ''],
    'a body larger than any object': [413, '/validate', Buffer.alloc(7_400_000, 0x20)],
    'JSON that is no AdmissionReview': [400, '/validate', '{"kind":"Pod"}'],
    'JSON that is no object': [400, '/validate', '[]'],
    'a review without a request': [400, '/validate', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
    'a review without a uid': [400, '/validate', JSON.stringify(review({ uid: '' }))],
    'a review of no operation': [400, '/validate', JSON.stringify(review({ operation: 'PATCH' }))],
    'another method': [405, '/validate', '', { method: 'PUT' }],
    'another path': [404, '/mutate', '{}'],
  };
  for (const [what, [expected, path, body, options]] of Object.entries(wrong)) {
    it(`answers ${what} with ${expected} and a reason`, async () => {
      const answer = await send(path, body, options);
      assert.equal(answer.status, expected);
      assert.match(answer.type, /^text\/plain/);
      assert.ok(answer.body.length > 0 && answer.body.length < 300);
    });
  }

  const withMetrics = (metrics: string, operation: string): string => {
    const object = `{"spec":{"analysis":{"metrics":${metrics}}}}`;
    const whole = JSON.stringify(review({ operation, object: 0, oldObject: 1 }));
    return whole.replace('"object":0', `"object":${object}`).replace('"oldObject":1', `"oldObject":${object}`);
  };
  const named = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ name: 'x' })));

  it('answers what is wide in no time, and with no more than anybody reads', { timeout: 60_000 }, async () => {
    for (const operation of ['CREATE', 'UPDATE']) {
      const answer = await send('/validate', withMetrics(named(40_000), operation));
      assert.equal(answer.status, 200);
      assert.ok(answer.body.length < 10_000, `${answer.body.length} bytes`);
    }
  });

  it('parses nothing that is deeper or has more values than any object', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    assert.equal((await send('/validate', withMetrics(deep, 'UPDATE'))).body, 'the body is more than 100 levels deep');
    const wide = await send('/validate', withMetrics(named(100_000), 'UPDATE'));
    assert.deepEqual([wide.status, wide.body], [400, 'the body has more than 250000 values']);
    const texts = JSON.stringify(review({ object: { spec: { provider: '[{,:'.repeat(200_000) + '\\"' } } }));
    assert.equal((await send('/validate', texts)).status, 200);
  });

  it('takes no larger body than a review of its path has', async () => {
    for (const [path, most] of [
      ['/stamp-action', ACTION_BYTES],
      ['/validate', CUSTOM_OBJECT_BYTES],
      ['/stamp-revision', WORKLOAD_BYTES],
    ] as const) {
      const body = (bytes: number) => JSON.stringify(review()).padEnd(bytes, ' ');
      assert.equal((await send(path, body(most))).status, 200);
      const { status, body: said } = await send(path, body(most + 1));
      assert.deepEqual([status, said], [413, 'the body is larger than any review of this path']);
    }
  });

  it('repeats nothing of a body that it cannot read', async () => {
    const { status, body } = await send('/validate', '{"password": s3cret}');
    assert.deepEqual([status, body], [400, 'the body is not JSON']);
  });

  it('refuses at once what is more than it can hold, and answers again as soon as there is room', async () => {
    const { port } = server.address() as AddressInfo;
    const announce = (path: string, body: Buffer) =>
      new Promise<{ end: () => void; status: Promise<number | undefined> }>((resolve) => {
        const headers = { 'content-type': 'application/json', 'content-length': body.length + 1 };
        const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
        const status = new Promise<number | undefined>((answered) => {
          outgoing.on('response', (response) => answered(response.resume().statusCode));
          outgoing.on('error', () => answered(undefined));
        });
        outgoing.write(body, () => setTimeout(() => resolve({ end: () => outgoing.destroy(), status }), 50));
      });
    const held = await Promise.all(
      Array.from({ length: 6 }, () => announce('/stamp-revision', Buffer.alloc(5_000_000, 0x20))),
    );
    const refused = await Promise.race(held.map(({ status }) => status));
    assert.equal(refused, 503);
    for (const { end } of held) end();
    for (let left = 50; (await send('/validate', JSON.stringify(review()))).status !== 200; left -= 1)
      assert.ok(left > 0);
  });

  it('always answers well, whatever is posted', async () => {
    const kind = fc.record({
      group: fc.constantFrom('flagger.app', 'apps', ''),
      version: fc.constantFrom('v1beta1', 'v1'),
      kind: fc.oneof(
        fc.constantFrom('Canary', 'MetricTemplate', 'AlertProvider', 'CanaryAction', 'Deployment', '__proto__'),
        fc.string(),
      ),
    });
    const object = fc.oneof(
      fc.jsonValue(),
      fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue() }),
      fc.record({
        metadata: fc.record({ annotations: fc.jsonValue() }),
        spec: fc.record({ template: fc.jsonValue() }),
      }),
      fc.record({ spec: fc.record({ targetRef: fc.jsonValue(), service: fc.jsonValue(), analysis: fc.jsonValue() }) }),
    );
    const asked = fc.record(
      {
        uid: fc.string({ minLength: 1 }),
        ...{ kind, object, oldObject: object },
        operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT'),
        userInfo: fc.record({ username: fc.string() }),
      },
      { requiredKeys: ['uid', 'kind', 'operation'] },
    );
    const bodies = fc.oneof(
      { weight: 4, arbitrary: asked.map((each) => JSON.stringify({ ...review(), request: each })) },
      fc.json(),
      fc.string(),
      fc.jsonValue().map((each) => JSON.stringify({ ...review(), request: each })),
    );
    const path = fc.constantFrom('/validate', '/stamp-action', '/stamp-revision');
    outcomes.length = 0;
    await fc.assert(
      fc.asyncProperty(path, bodies, async (where, body) => {
        const answer = await send(where, body);
        assert.ok([200, 400].includes(answer.status), `${answer.status} ${answer.body}`);
        if (answer.status === 400) return;
        const { response } = JSON.parse(answer.body) as {
          response: { uid: unknown; allowed: unknown; status?: unknown };
        };
        const { request: of } = JSON.parse(body) as { request: { uid: string } };
        assert.equal(response.uid, of.uid);
        assert.equal(typeof response.allowed, 'boolean');
        assert.equal(response.status === undefined, response.allowed);
      }),
      { numRuns: 500 },
    );
    // None of them was let through because we failed.
    assert.ok(!outcomes.includes('error'));
  });
});

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status: {
    readonly code: number;
    readonly reason: string;
    readonly details: {
      readonly kind: string;
      readonly name: string;
      readonly causes: readonly { readonly field: string; readonly message: string }[];
    };
  };
}
