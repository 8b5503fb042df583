import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KubeError } from '../errors.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

async function collect(chunks: readonly Buffer[]): Promise<WatchEvent<unknown>[]> {
  const events: WatchEvent<unknown>[] = [];
  for await (const event of watchEvents(Readable.from(chunks))) events.push(event);
  return events;
}

/** Cuts a buffer at the given places, wherever they fall. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

/** Objects as JSON.parse makes them. */
const PLAIN = { noNullPrototype: true };

describe('watchEvents()', () => {
  it('gives the same events however the body is cut, also inside a character', async () => {
    const object = fc.record({ text: fc.string({ unit: 'grapheme' }), number: fc.integer() }, PLAIN);
    const event = fc.record({ type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'), object }, PLAIN);
    await fc.assert(
      fc.asyncProperty(fc.array(event), fc.array(fc.nat()), async (events, places) => {
        const body = Buffer.from(events.map((each) => `${JSON.stringify(each)}\n`).join(''));
        assert.deepEqual(await collect(cut(body, places)), events);
      }),
    );
  });

  it('throws the Status of an ERROR event, after the events before it', async () => {
    const lines = [
      { type: 'ADDED', object: {} },
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } },
    ];
    const seen: unknown[] = [];
    await assert.rejects(
      async () => {
        const body = Readable.from([Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))]);
        for await (const event of watchEvents(body)) seen.push(event);
      },
      (error) => error instanceof KubeError && error.status === 410 && error.reason === 'Expired',
    );
    assert.equal(seen.length, 1);
  });

  it('throws for a body that was cut in the middle of an event', async () => {
    await assert.rejects(collect([Buffer.from('{"type":"ADDED","object":{}}\n{"type":"ADD')]), badAnswer);
  });

  it('throws for JSON that is no event', async () => {
    for (const line of ['null', '7', '{}', '{"type":"ADDED"}', '{"type":"SOLD","object":{}}', '<html>']) {
      await assert.rejects(collect([Buffer.from(`${line}\n`)]), badAnswer, line);
    }
  });

  it('throws for a line without an end, before it has filled the memory', async () => {
    const chunk = Buffer.alloc(2 ** 20, 'x');
    await assert.rejects(collect(Array.from({ length: 20 }, () => chunk)), badAnswer);
  });
});

function badAnswer(error: unknown): boolean {
  return error instanceof KubeError && error.status === 0 && error.reason === 'BadAnswer';
}
