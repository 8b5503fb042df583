import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from './errors.ts';
import { type EventFacts, EventRecorder } from './event-recorder.ts';
import { silentLog } from './log.ts';
import { PretendClock } from './pretend-clock.ts';
import type { KubeRequest, Transport } from './transport/transport.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

const regarding = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', namespace: 'test', name: 'podinfo', uid: 'u1' };
const advance: EventFacts = {
  regarding,
  type: 'Normal',
  reason: 'Synced',
  note: 'Advance podinfo.test canary weight 10',
};

type Sent = KubeRequest & { readonly body: { readonly series?: { count: number }; readonly note?: string } };

/** A recorder whose requests are kept, and answered by `answer`. */
function recorder(answer: (sent: Sent) => void = () => undefined) {
  const sent: Sent[] = [];
  const dropped: string[] = [];
  const clock = new PretendClock();
  const transport = {
    request: async (request: Sent) => {
      sent.push(request);
      await settle();
      answer(request);
      return {};
    },
  } as unknown as Transport;
  const log = { ...silentLog, warn: (_: object, message: string) => dropped.push(message) };
  const events = new EventRecorder({ transport, clock, log, controller: 'flagger.app/test', instance: 'test-0' });
  /** Lets everything that can be sent now be sent. */
  const flush = async () => {
    for (let turn = 0; turn < 20; turn++) await settle();
  };
  return { events, sent, dropped, clock, flush };
}

const fail = (status: number, reason = 'Failed') => {
  throw new KubeError({ status, reason, message: reason });
};

describe('EventRecorder', () => {
  it('sends what events.k8s.io/v1 asks for', async () => {
    const { events, sent, flush } = recorder();
    events.record(advance);
    await flush();
    const [{ path, method, body }] = sent as [Sent];
    assert.deepEqual([method, path], ['POST', '/apis/events.k8s.io/v1/namespaces/test/events']);
    const { metadata, ...rest } = body as unknown as { metadata: { name: string; namespace: string } };
    assert.match(metadata.name, /^podinfo\.[0-9a-f]{16}$/);
    assert.equal(metadata.namespace, 'test');
    assert.deepEqual(rest, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'flagger.app/test',
      reportingInstance: 'test-0',
      regarding,
      type: 'Normal',
      reason: 'Synced',
      action: 'Synced',
      note: 'Advance podinfo.test canary weight 10',
    });
  });

  it('keeps the order of the calls', async () => {
    const { events, sent, flush } = recorder();
    for (const weight of [10, 20, 30]) events.record({ ...advance, note: `weight ${weight}` });
    await flush();
    assert.deepEqual(
      sent.map(({ body }) => body.note),
      ['weight 10', 'weight 20', 'weight 30'],
    );
  });

  it('tells of several objects at a time, and of none twice at a time', async () => {
    const { events, sent, flush } = recorder();
    const podinfo = (uid: string, note: string) => ({ ...advance, regarding: { ...regarding, uid }, note });
    for (const uid of ['u1', 'u2', 'u3', 'u4', 'u5']) {
      events.record(podinfo(uid, `${uid} begins`));
      events.record(podinfo(uid, `${uid} ends`));
    }
    assert.deepEqual(
      sent.map(({ body }) => body.note),
      ['u1 begins', 'u2 begins', 'u3 begins', 'u4 begins'],
    );
    await flush();
    const notes = sent.map(({ body }) => body.note);
    assert.equal(notes.length, 10);
    for (const uid of ['u1', 'u5']) assert.ok(notes.indexOf(`${uid} begins`) < notes.indexOf(`${uid} ends`));
  });

  it('counts what comes again, and tells the count every ten seconds at most', async () => {
    const { events, sent, clock, flush } = recorder();
    for (let time = 0; time < 5; time++) {
      events.record(advance);
      clock.advance(1000);
      await flush();
    }
    assert.equal(sent.length, 1);
    clock.advance(6000);
    await flush();
    assert.equal(sent.length, 2);
    assert.equal(sent[1]?.method, 'PATCH');
    assert.deepEqual(sent[1]?.body, { series: { count: 5, lastObservedTime: '2026-01-01T00:00:04.000000Z' } });
    events.record({ ...advance, type: 'Warning' });
    await flush();
    assert.equal(sent[2]?.method, 'POST');
    assert.equal(clock.pending, 0);
  });

  it('begins a new event when the last was six minutes ago', async () => {
    const { events, sent, clock, flush } = recorder();
    events.record(advance);
    await flush();
    clock.advance(360_000);
    events.record(advance);
    await flush();
    assert.deepEqual(
      sent.map(({ method }) => method),
      ['POST', 'POST'],
    );
  });

  it('begins a new event when the one that it counts on has expired', async () => {
    const { events, sent, clock, flush } = recorder(({ method }) => void (method === 'PATCH' && fail(404, 'NotFound')));
    events.record(advance);
    await flush();
    events.record(advance);
    clock.advance(10_000);
    await flush();
    clock.advance(10_000);
    await flush();
    assert.deepEqual(
      sent.map(({ method }) => method),
      ['POST', 'PATCH', 'POST'],
    );
  });

  it('tries again under the same name what did not get through, and takes "already exists" for done', async () => {
    const statuses = [503, 0, 409];
    const { events, sent, clock, dropped, flush } = recorder(() =>
      fail(statuses.shift() ?? 200, statuses.length === 1 ? 'ConnectionFailed' : 'Failed'),
    );
    events.record(advance);
    for (const seconds of [1, 2]) {
      await flush();
      clock.advance(seconds * 1000);
    }
    await flush();
    assert.equal(sent.length, 3);
    assert.equal(
      new Set(sent.map(({ body }) => (body as unknown as { metadata: { name: string } }).metadata.name)).size,
      1,
    );
    assert.deepEqual(dropped, []);
  });

  it('drops what is refused, and what fails five times, and goes on with the next', async () => {
    const { events, sent, clock, dropped, flush } = recorder(({ body }) => {
      if (body.note === 'refused') fail(403, 'Forbidden');
      if (body.note === 'unlucky') fail(500);
    });
    for (const note of ['refused', 'unlucky', 'good']) events.record({ ...advance, note });
    for (let minute = 0; minute < 5; minute++) {
      await flush();
      clock.advance(60_000);
    }
    await flush();
    assert.deepEqual(
      sent.map(({ body }) => body.note),
      ['refused', 'unlucky', 'unlucky', 'unlucky', 'unlucky', 'unlucky', 'good'],
    );
    assert.deepEqual(dropped, ['an event could not be told', 'an event could not be told']);
  });

  it('drops what is too much to wait, and never throws', async () => {
    const { events, dropped } = recorder();
    for (let index = 0; index < 5000; index++) events.record({ ...advance, note: `note ${index}` });
    assert.ok(dropped.length > 800 && dropped.length < 1000, String(dropped.length));
    assert.equal(dropped[0], 'too many events at once, one is dropped');
  });

  it('cuts a long note between two characters', async () => {
    const { events, sent, flush } = recorder();
    events.record({ ...advance, note: 'ü'.repeat(1000) });
    await flush();
    const note = sent[0]?.body.note ?? '';
    assert.ok(Buffer.byteLength(note) <= 1024 && Buffer.byteLength(note) > 1000);
    assert.match(note, /^ü+…$/);
  });

  it('tells on close what it has counted, takes nothing new, and leaves no timer', async () => {
    const { events, sent, clock } = recorder();
    for (let time = 0; time < 3; time++) events.record(advance);
    await settle();
    await settle();
    events.record(advance);
    await events.close(2000);
    events.record(advance);
    assert.equal(sent.at(-1)?.body.series?.count, 4);
    assert.equal(clock.pending, 0);
  });

  it('gives up on close when the time is over', async () => {
    const { events, sent, clock, flush } = recorder(() => fail(503));
    events.record(advance);
    await flush();
    const closed = events.close(500);
    clock.advance(500);
    await closed;
    assert.equal(sent.length, 1);
    assert.equal(clock.pending, 0);
  });
});
