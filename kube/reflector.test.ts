import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import type { KubeObject } from './object.ts';
import { PretendClock } from './pretend-clock.ts';
import { type Reflector, type ReflectorOptions, startReflector } from './reflector.ts';
import type { Query, Transport } from './transport/transport.ts';
import type { WatchEvent } from './transport/watch-events.ts';

interface Thing extends KubeObject {
  readonly spec?: unknown;
}

type Event = WatchEvent<Thing>;

/** What becomes of one call: a page, a watch with its events and its end, or no answer until the signal aborts. */
type Answer =
  | { readonly page: readonly Thing[] | null; readonly version: string; readonly more?: string }
  | { readonly events: readonly Event[]; readonly end: 'open' | 'clean' | KubeError; readonly livesMs?: number }
  | { readonly fails: KubeError }
  | 'silence';

interface Asked {
  readonly what: 'list' | 'watch';
  readonly query: Query | undefined;
  readonly accept: string | undefined;
  readonly at: number;
}

const PATH = '/apis/example.com/v1/things';

const thing = (name: string, version: string, more: object = {}): Thing => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { namespace: 'ns', name, uid: `uid-${name}`, resourceVersion: version },
  ...more,
});
/** As an item of a list. */
const untyped = ({ metadata, spec }: Thing): Thing => ({ metadata, ...(spec === undefined ? {} : { spec }) });
const list = (version: string, ...page: Thing[]): Answer => ({ page: page.map(untyped), version });
const events = (end: 'open' | 'clean' | KubeError, ...each: Event[]): Answer => ({ events: each, end });
const added = (object: Thing): Event => ({ type: 'ADDED', object });
const modified = (object: Thing): Event => ({ type: 'MODIFIED', object });
const deleted = (object: Thing): Event => ({ type: 'DELETED', object });
const bookmark = (version: string): Event => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: version } } as Thing,
});
const fault = (status: number, reason: string, retryAfterMs?: number): KubeError =>
  new KubeError({ status, reason, message: reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
const fails = (...args: Parameters<typeof fault>): Answer => ({ fails: fault(...args) });
const EXPIRED = fault(410, 'Expired');

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Starts a reflector against a server that gives the answers one after the other, and then none. */
function follow(answers: readonly Answer[], more: Partial<ReflectorOptions<Thing>> = {}) {
  const clock = new PretendClock();
  const stop = new AbortController();
  const asked: Asked[] = [];
  const told: [string, string | undefined, string | undefined][] = [];
  const logged: string[] = [];
  const ends: string[] = [];
  const heard: number[] = [];
  let lists = 0;

  function next(
    what: Asked['what'],
    { query, accept }: Pick<Asked, 'query'> & { accept?: string | undefined },
  ): Answer {
    asked.push({ what, query, accept, at: clock.now() });
    return answers[asked.length - 1] ?? 'silence';
  }

  function silence(signal: AbortSignal | undefined): Promise<never> {
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(fault(0, 'Aborted')), { once: true });
    });
  }

  const transport: Transport = {
    async request<T>({ path, query, accept, signal }: Parameters<Transport['request']>[0]): Promise<T> {
      assert.equal(path, PATH);
      const answer = next('list', { query, accept });
      if (answer === 'silence') return silence(signal);
      if ('fails' in answer) throw answer.fails;
      assert.ok('page' in answer, 'a list was asked for');
      const metadata = { resourceVersion: answer.version, ...(answer.more ? { continue: answer.more } : {}) };
      return { apiVersion: 'example.com/v1', kind: 'ThingList', metadata, items: answer.page } as T;
    },
    text: () => Promise.reject(new Error('not used')),
    async *watch<T>({ query, accept, signal }: Parameters<Transport['watch']>[0]): AsyncGenerator<WatchEvent<T>> {
      const answer = next('watch', { query, accept });
      if (answer === 'silence') await silence(signal);
      else if ('fails' in answer) throw answer.fails;
      else {
        assert.ok('events' in answer, 'a watch was asked for');
        for (const event of answer.events) yield event as WatchEvent<never>;
        if (answer.livesMs !== undefined) await new Promise<void>((resolve) => clock.after(answer.livesMs!, resolve));
        if (answer.end === 'open') await silence(signal);
        if (answer.end instanceof KubeError) throw answer.end;
      }
    },
    close: () => undefined,
  };

  const write = (level: string) => (_: object, message: string) => void logged.push(`${level}: ${message}`);
  const log: Log = {
    ...silentLog,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };
  const reflector = startReflector<Thing>({
    transport,
    path: PATH,
    signal: stop.signal,
    clock,
    log,
    random: () => 1,
    onChange: (key, object, before) =>
      told.push([key, object?.metadata.resourceVersion, before?.metadata.resourceVersion]),
    metrics: { listed: () => lists++, watchEnded: (reason) => ends.push(reason), heard: (date) => heard.push(+date) },
    ...more,
  });

  return {
    ...{ reflector, clock, stop, asked, told, logged, ends, heard },
    lists: () => lists,
    /** Lets time pass until the reflector waits for the server and no longer for time. */
    run: async (): Promise<void> => {
      await settle();
      while (clock.pending > 0) {
        clock.advance(125);
        await settle();
      }
    },
    /** The time between one call and the next. */
    pauses: () => asked.slice(1).map(({ at }, index) => at - asked[index]!.at),
    versions: () => asked.filter(({ what }) => what === 'watch').map(({ query }) => query?.['resourceVersion']),
  };
}

function contents(reflector: Reflector<Thing>): Record<string, string> {
  return Object.fromEntries([...reflector.values()].map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

describe('startReflector()', () => {
  it('asks for fewer objects at a time where a page would be too large, from where it was', async () => {
    const tooLarge = fails(0, 'AnswerTooLarge');
    const { reflector, asked, run } = follow([
      { page: [thing('a', '1')], version: '5', more: 'next' },
      tooLarge,
      tooLarge,
      { page: [thing('b', '2')], version: '5', more: 'last' },
      tooLarge,
      tooLarge,
      list('5', thing('c', '3')),
    ]);
    await run();
    await reflector.synced;
    assert.deepEqual([...reflector.values()].length, 3);
    const pages = asked
      .filter(({ what }) => what === 'list')
      .map(({ query = {} }) => [query['limit'], query['continue']]);
    assert.deepEqual(
      pages,
      [
        [500, undefined],
        [500, 'next'],
        [125, 'next'],
        [31, 'next'],
        [31, 'last'],
        [7, 'last'],
        [1, 'last'],
      ].slice(0, pages.length),
    );
  });

  it('lists page by page with its selectors, then watches with them from where the list was', async () => {
    const query = { fieldSelector: 'metadata.name=a', labelSelector: 'app=b' };
    const first: Answer = { page: [thing('a', '7')], version: '9', more: 'page 2' };
    const { asked, reflector, run } = follow([first, list('9', thing('b', '5')), events('open')], { query });
    await run();
    assert.deepEqual(
      asked.map((each) => [each.what, each.query]),
      [
        ['list', { ...query, limit: 500, continue: undefined }],
        ['list', { ...query, limit: 500, continue: 'page 2' }],
        ['watch', { ...query, resourceVersion: '9', allowWatchBookmarks: true, timeoutSeconds: 480 }],
      ],
    );
    assert.deepEqual(contents(reflector), { a: '7', b: '5' });
    assert.equal(reflector.size, 2);
    assert.equal(reflector.get('ns/b')?.metadata.name, 'b');
  });

  it('asks for metadata alone where nothing else is wanted, of which an empty list is null', async () => {
    const answers: Answer[] = [{ page: null, version: '5' }, events('open', added(thing('a', '6')))];
    const { asked, reflector, run } = follow(answers, { metadataOnly: true });
    await run();
    assert.deepEqual(
      asked.map(({ what, accept }) => `${what} ${accept}`),
      [
        'list application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        'watch application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      ],
    );
    assert.equal(reflector.size, 1);
  });

  it('asks for the end of a watch after 240 to 480 seconds', async () => {
    for (const [random, seconds] of [[0, 240] as const, [0.5, 360] as const, [1, 480] as const]) {
      const { asked, run } = follow([list('1'), events('open')], { random: () => random });
      await run();
      assert.equal(asked[1]?.query?.['timeoutSeconds'], seconds);
    }
  });

  it('takes a watch up where the last event was, or the last bookmark of a quiet collection', async () => {
    const { versions, lists, run } = follow([
      list('1'),
      events('clean', added(thing('a', '2')), deleted(thing('a', '3'))),
      events(fault(0, 'ConnectionFailed'), bookmark('90'), bookmark('91')),
      events(fault(0, 'BadAnswer'), added(thing('b', '95'))),
      events('open'),
    ]);
    await run();
    assert.deepEqual(versions(), ['1', '3', '91', '95']);
    assert.equal(lists(), 1);
  });

  it('compares resource versions for nothing but equality', async () => {
    const { told, versions, run } = follow([
      list('10', thing('a', '10')),
      events('clean', modified(thing('a', '9')), modified(thing('a', 'x')), modified(thing('a', '010'))),
      events('open'),
    ]);
    await run();
    assert.deepEqual(told.slice(1), [
      ['ns/a', '9', '10'],
      ['ns/a', 'x', '9'],
      ['ns/a', '010', 'x'],
    ]);
    assert.deepEqual(versions(), ['10', '010']);
  });

  it('tells each change with the object before and the one after', async () => {
    const { told, reflector, run } = follow([
      list('2', thing('a', '1')),
      events('open', modified(thing('a', '3')), added(thing('b', '4')), deleted(thing('a', '5'))),
    ]);
    await run();
    assert.deepEqual(told, [
      ['ns/a', '1', undefined],
      ['ns/a', '3', '1'],
      ['ns/b', '4', undefined],
      ['ns/a', undefined, '3'],
    ]);
    assert.deepEqual(contents(reflector), { b: '4' });
  });

  it('gives an object whole and the same from a list as from a watch, however young its fields and its types', async () => {
    const more = { spec: { futureField: [{ deep: null }], since: '2026-01-01T00:00:00Z' } };
    const { reflector, run } = follow([list('1', thing('a', '1', more)), events('open', added(thing('b', '1', more)))]);
    await run();
    assert.deepEqual(reflector.get('ns/a'), thing('a', '1', more));
    assert.deepEqual(reflector.get('ns/b'), thing('b', '1', more));
  });

  it('keeps all but managedFields, or what it is told to keep', async () => {
    const { metadata } = thing('a', '1');
    const full = { ...thing('a', '1', { spec: 1 }), metadata: { ...metadata, managedFields: [{ manager: 'm' }] } };
    for (const [keep, kept] of [
      [{}, { ...full, metadata }],
      [{ keep: (object: Thing) => ({ metadata: object.metadata }) }, { metadata: full.metadata }],
    ] as const) {
      for (const answers of [
        [list('1', full), events('open')],
        [list('0'), events('open', added(full))],
      ]) {
        const { reflector, run } = follow(answers, keep);
        await run();
        assert.deepEqual(reflector.get('ns/a'), kept);
      }
    }
  });

  it('logs what a handler throws, and goes on', async () => {
    const onChange = () => assert.fail('a bad handler');
    const answers = [list('1', thing('a', '1')), events('open', modified(thing('a', '2')), added(thing('b', '3')))];
    const { reflector, logged, asked, run } = follow(answers, { onChange });
    await run();
    assert.deepEqual(contents(reflector), { a: '2', b: '3' });
    assert.deepEqual(logged, Array(3).fill('error: a change was not taken up: its handler threw'));
    assert.equal(asked.length, 2);
  });

  it('tells metrics of lists, of why watches ended, and of when it last heard of the server', async () => {
    const idle = fault(0, 'Timeout');
    const { ends, lists, heard, run } = follow([
      list('1'),
      events('clean', added(thing('a', '2'))),
      events(idle, bookmark('3')),
      events(fault(500, 'InternalError')),
      events(EXPIRED),
      list('4'),
      events('open'),
    ]);
    await run();
    assert.deepEqual(ends, ['timeout', 'idle', 'error', 'expired']);
    assert.equal(lists(), 2);
    const zero = +new Date('2026-01-01T00:00:00Z');
    assert.deepEqual(
      heard.map((at) => at - zero),
      [0, 0, 0, 250 + 500 + 1000],
    );
  });
});

describe('startReflector() after a gap', () => {
  it('lists anew after a 410 in any form: of the watch, in the watch, of a later page', async () => {
    const firstPage: Answer = { page: [thing('a', '11')], version: '12', more: 'page 2' };
    const { versions, reflector, logged, lists, run } = follow([
      list('1', thing('a', '1')),
      { fails: EXPIRED },
      list('5', thing('a', '4')),
      events(EXPIRED, bookmark('6')),
      firstPage,
      { fails: EXPIRED },
      list('20', thing('a', '13')),
      events('open'),
    ]);
    await run();
    assert.deepEqual(versions(), ['1', '5', '20']);
    assert.deepEqual(contents(reflector), { a: '13' });
    assert.deepEqual(logged, Array(3).fill('info: the watch is too old, listing anew'));
    assert.equal(lists(), 3);
  });

  it('tells one change for each key that is another now, deletions too, and none for the others', async () => {
    const { told, reflector, run } = follow([
      list('5', thing('changed', '1'), thing('gone', '2'), thing('same', '3')),
      events(EXPIRED),
      list('9', thing('changed', '6'), thing('new', '7'), thing('same', '3')),
      events('open'),
    ]);
    await run();
    assert.deepEqual(told.slice(3), [
      ['ns/changed', '6', '1'],
      ['ns/new', '7', undefined],
      ['ns/gone', undefined, '2'],
    ]);
    assert.deepEqual(contents(reflector), { changed: '6', same: '3', new: '7' });
  });

  it('tells one change with another uid for an object that was deleted and made anew', async () => {
    const uids: (readonly [string | undefined, string | undefined])[] = [];
    const again = thing('a', '8');
    const answers = [
      list('1', thing('a', '1')),
      events(EXPIRED),
      list('9', { ...again, metadata: { ...again.metadata, uid: 'other' } }),
      events('open'),
    ];
    const onChange: ReflectorOptions<Thing>['onChange'] = (_, object, before) =>
      uids.push([before?.metadata.uid, object?.metadata.uid]);
    await follow(answers, { onChange }).run();
    assert.deepEqual(uids, [
      [undefined, 'uid-a'],
      ['uid-a', 'other'],
    ]);
  });
});

describe('startReflector() in a failure', () => {
  const outage = Array.from({ length: 10 }, () => fails(503, 'ServiceUnavailable'));
  const doubling = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];

  it('outlives first lists that fail, with pauses from 250 ms doubled to half a minute', async () => {
    const { pauses, reflector, logged, run } = follow([...outage, list('1', thing('a', '1')), events('open')]);
    await run();
    await reflector.synced;
    assert.deepEqual(pauses(), [...doubling, 0]);
    assert.deepEqual(logged, Array(10).fill('warn: list or watch failed, trying again'));
  });

  it('makes pauses up to half as long by chance, so that not all come back at once', async () => {
    const { pauses, run } = follow([...outage.slice(0, 3), list('1'), events('open')], { random: () => 0 });
    await run();
    assert.deepEqual(pauses(), [125, 250, 500, 0]);
  });

  it('outlives watches that are answered 500 or not at all, from the version that it had', async () => {
    const failures = outage.map((_, index) =>
      index % 2 === 0 ? fails(500, 'InternalError') : fails(0, 'ECONNREFUSED'),
    );
    const { pauses, versions, lists, run } = follow([list('1'), ...failures, events('open')]);
    await run();
    assert.deepEqual(pauses(), [0, ...doubling]);
    assert.deepEqual(new Set(versions()), new Set(['1']));
    assert.equal(lists(), 1);
  });

  it('logs a broken line and an ERROR event other than 410, and takes the watch up where it was', async () => {
    const { versions, logged, lists, run } = follow([
      list('1'),
      events(fault(0, 'BadAnswer'), added(thing('a', '2'))),
      events(fault(500, 'InternalError'), added(thing('a', '3'))),
      events('open'),
    ]);
    await run();
    assert.deepEqual(versions(), ['1', '2', '3']);
    assert.deepEqual(logged, Array(2).fill('warn: list or watch failed, trying again'));
    assert.equal(lists(), 1);
  });

  it('waits for as long as the server asks, but half a minute at most', async () => {
    const { pauses, run } = follow([
      fails(429, 'TooManyRequests', 2000),
      fails(429, 'TooManyRequests', 100),
      fails(503, 'ServiceUnavailable', 3_600_000),
      list('1'),
      events(fault(429, 'TooManyRequests', 3000), added(thing('a', '2'))),
      events('open'),
    ]);
    await run();
    assert.deepEqual(pauses(), [2000, 500, 30_000, 0, 3000]);
  });

  it('waits half a minute after 401 and 403, which it logs as an error each time, and comes back once it may', async () => {
    const answers = [fails(401, 'Unauthorized'), fails(403, 'Forbidden'), list('1'), fails(403, 'Forbidden')];
    const { pauses, logged, run } = follow([...answers, events('open')]);
    await run();
    assert.deepEqual(pauses(), [30_000, 30_000, 0, 30_000]);
    assert.deepEqual(logged, Array(3).fill('error: may not list or watch: look at the role of our ServiceAccount'));
  });

  it('does not hammer a server that ends every watch at once', async () => {
    const { pauses, ends, run } = follow([list('1'), ...outage.map(() => events('clean')), events('open')]);
    await run();
    assert.deepEqual(pauses(), [0, ...doubling]);
    assert.deepEqual(ends, Array(10).fill('timeout'));
  });

  it('does not hammer a server whose every watch expires at once, even one that told of a change', async () => {
    const rounds = outage.flatMap((_, index) => [list(`${index}`), events(EXPIRED, added(thing('a', `${index + 1}`)))]);
    const { asked, run } = follow([...rounds, list('99'), events('open')]);
    await run();
    const lists = asked.filter(({ what }) => what === 'list');
    assert.deepEqual(
      lists.slice(1).map(({ at }, index) => at - lists[index]!.at),
      doubling,
    );
  });

  it('starts the next watch at once after one that lived five seconds or told of a change', async () => {
    const { pauses, run } = follow([
      list('1'),
      events('clean', added(thing('a', '2'))),
      events(fault(0, 'ConnectionFailed'), deleted(thing('a', '3'))),
      { events: [], end: 'clean', livesMs: 5000 },
      { events: [], end: 'clean', livesMs: 4875 },
      events('open'),
    ]);
    await run();
    assert.deepEqual(pauses(), [0, 0, 0, 5000, 4875 + 250]);
  });

  it('begins with the first pause again after a healthy watch, but not after a list', async () => {
    const { pauses, run } = follow([
      ...outage.slice(0, 2),
      list('1'),
      fails(500, 'InternalError'),
      events('clean', added(thing('a', '2'))),
      fails(500, 'InternalError'),
      events('open'),
    ]);
    await run();
    assert.deepEqual(pauses(), [250, 500, 0, 1000, 0, 250]);
  });
});

describe('startReflector() when its signal aborts', () => {
  const phases: Record<string, readonly Answer[]> = {
    'in the first list': [],
    'in a later page': [{ page: [], version: '1', more: 'page 2' }, 'silence'],
    'in a pause before the first list': [fails(500, 'InternalError')],
    'in a watch': [list('1')],
    'in a pause between watches': [list('1'), events('clean')],
    'in a pause before another list': [list('1'), events(EXPIRED)],
  };

  for (const [phase, answers] of Object.entries(phases)) {
    it(`ends ${phase}, and leaves no timer`, async () => {
      const { reflector, clock, stop, asked, told, logged } = follow(answers);
      await settle();
      const before = [asked.length, told.length, logged.length];
      const reason = new Error('enough');
      stop.abort(reason);
      await reflector.ended;
      assert.equal(clock.pending, 0);
      if (answers.some((answer) => answer !== 'silence' && 'page' in answer && answer.more === undefined)) {
        await reflector.synced;
      } else {
        await assert.rejects(reflector.synced, reason);
      }
      clock.advance(60_000);
      await settle();
      assert.deepEqual([asked.length, told.length, logged.length], before);
    });
  }

  it('asks for nothing where it had aborted before', async () => {
    const { reflector, clock, asked } = follow([], { signal: AbortSignal.abort(new Error('enough')) });
    await reflector.ended;
    await assert.rejects(reflector.synced, /enough/);
    assert.equal(asked.length, 0);
    assert.equal(clock.pending, 0);
  });

  it('resolves `synced` after the whole first list only', async () => {
    const { reflector, told } = follow([{ page: [thing('a', '1')], version: '1', more: 'page 2' }, 'silence']);
    let synced = false;
    void reflector.synced.then(() => (synced = true));
    await settle();
    assert.equal(told.length, 1);
    assert.equal(synced, false);
  });
});
