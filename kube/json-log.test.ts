import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from './errors.ts';
import { createJsonLog } from './json-log.ts';
import { PretendClock } from './pretend-clock.ts';

function lines(): { written: Record<string, unknown>[]; write(line: string): void } {
  const written: Record<string, unknown>[] = [];
  return { written, write: (line) => void written.push(JSON.parse(line) as Record<string, unknown>) };
}

describe('createJsonLog()', () => {
  it('writes one JSON object a line, with its level as a word and the time of day of the clock', () => {
    const destination = lines();
    const log = createJsonLog(destination, 'info', new PretendClock(new Date('2026-11-21T10:00:00Z')));
    log.child({ key: 'test/podinfo' }).warn({ weight: 10 }, 'halted');
    log.debug({}, 'nobody asked');
    assert.deepEqual(destination.written, [
      { level: 'warn', time: '2026-11-21T10:00:00.000Z', key: 'test/podinfo', weight: 10, msg: 'halted' },
    ]);
  });

  it('writes of an error what it says and what caused it, and nothing that hangs on it', () => {
    const destination = lines();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { headers: { authorization: 'Bearer secret' } });
    const err = new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'GET /x: 503', cause });
    createJsonLog(destination, 'info', new PretendClock()).error({ err }, 'list failed');
    const [line] = destination.written;
    assert.ok(!JSON.stringify(line).includes('secret'));
    const logged = line?.['err'] as Record<string, unknown>;
    assert.deepEqual(
      [logged['type'], logged['message'], logged['status'], logged['reason']],
      ['KubeError', 'GET /x: 503', 503, 'ServiceUnavailable'],
    );
    assert.equal((logged['cause'] as Record<string, unknown>)['message'], 'connect ECONNREFUSED');
  });

  it('writes what is thrown and no error', () => {
    const destination = lines();
    createJsonLog(destination, 'info', new PretendClock()).error({ err: 'text' }, 'odd');
    assert.equal(destination.written[0]?.['err'], 'text');
  });
});
