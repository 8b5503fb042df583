import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readOptions } from '../options.ts';

const read = (...argv: readonly string[]) => readOptions(argv, {}, () => undefined);

describe('addOutgoingOptions()', () => {
  it('reads ranges of addresses, a number of calls and namespaces', () => {
    const options = read('--egress-allow=10.1.0.0/16, ::1', '--egress-deny=0.0.0.0/0', '--max-outgoing-calls=32');
    assert.deepEqual(
      [options.egressAllow.map(({ text }) => text), options.egressDeny.map(({ text }) => text)],
      [['10.1.0.0/16', '::1'], ['0.0.0.0/0']],
    );
    assert.equal(options.maxOutgoingCalls, 32);
    assert.deepEqual(read('--show-answers-of=load,test').showAnswersOf, ['load', 'test']);
    assert.deepEqual([read().egressAllow, read().maxOutgoingCalls], [[], 128]);
  });

  const WRONG = [
    '--egress-allow=localhost',
    '--egress-deny=10.0.0.0/33',
    '--max-outgoing-calls=3',
    '--max-outgoing-calls=x',
    '--show-answers-of=a.b',
  ];
  for (const wrong of WRONG) {
    it(`does not take ${wrong}`, () => {
      assert.throws(() => read(wrong), { name: 'CommanderError' });
    });
  }
});
