import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_INPUT_BYTES, readInput } from './read-input.ts';

async function* chunks(...all: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* all;
}

describe('readInput()', () => {
  it('puts letters together that came in two pieces', async () => {
    const text = Buffer.from('für alle');
    assert.equal(await readInput(chunks(text.subarray(0, 2), text.subarray(2))), 'für alle');
  });

  it('takes no more than there can be manifests, and then reads on no further', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given += 2 ** 20;
        yield Buffer.alloc(2 ** 20, 'a');
      }
    }
    await assert.rejects(readInput(endless()), /standard input has more than 32 MB: give it in parts/);
    assert.equal(given, MAX_INPUT_BYTES + 2 ** 20);
  });
});
