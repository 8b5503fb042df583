import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../log.ts';
import { PretendClock } from '../pretend-clock.ts';
import { startMemoryGuard } from './memory-guard.ts';
import { containerMemoryLimit } from './memory-limit.ts';

const MIB = 2 ** 20;

function guarded(limit: number | undefined = 500 * MIB) {
  const clock = new PretendClock();
  const used = { rss: 100 * MIB, heapUsed: 50 * MIB, heapLimit: 384 * MIB };
  const full: { keys: readonly string[]; text: string }[] = [];
  let keys: readonly string[] = [];
  const stop = new AbortController();
  const guard = startMemoryGuard({
    ...{ clock, log: silentLog, limit, signal: stop.signal, figures: () => ({ ...used }), active: () => keys },
    onFull: (grownBy, text) => full.push({ keys: grownBy, text }),
  });
  return {
    ...{ clock, guard, full, stop },
    second: (rss: number, active: readonly string[] = [], heapUsed = 50) => {
      keys = active;
      Object.assign(used, { rss: rss * MIB, heapUsed: heapUsed * MIB });
      clock.advance(1000);
    },
  };
}

describe('startMemoryGuard()', () => {
  it('ends a process that fills up, and names the key that ran while it grew', () => {
    const { full, second } = guarded();
    for (let rss = 110; rss <= 460; rss += 10)
      second(rss, rss % 30 === 0 ? ['shop/leak', 'shop/other'] : ['shop/leak']);
    assert.deepEqual(
      full.map(({ keys }) => keys),
      [['shop/leak']],
    );
    assert.match(full[0]?.text ?? '', /^memory 460 of 500, heap 50 of 384 MiB$/);
  });

  it('does not wait where memory grows by leaps', () => {
    const { full, second } = guarded();
    second(300, ['shop/leak']);
    second(450, ['shop/leak']);
    assert.equal(full.length, 1);
  });

  it('leaves garbage time to be collected', () => {
    const { full, second } = guarded();
    for (let round = 0; round < 20; round++) for (const rss of [425, 441, 442, 200]) second(rss);
    assert.deepEqual(full, []);
  });

  it("watches V8's own limit where the container has none", () => {
    const { full, second } = guarded(Number.POSITIVE_INFINITY);
    for (let heap = 300; heap <= 370; heap += 10) second(400, [], heap);
    assert.equal(full.length, 1);
  });

  it('does not restart again and again where the limit is too small for what the process needs', () => {
    const { full, guard, second } = guarded();
    second(400);
    guard.settled();
    for (let rss = 400; rss < 490; rss += 5) second(rss);
    assert.deepEqual([full, guard.isTooSmall()], [[], true]);
  });

  it('leaves no timer', () => {
    const { clock, stop, second } = guarded();
    second(200);
    stop.abort();
    assert.equal(clock.pending, 0);
  });
});

describe('containerMemoryLimit()', () => {
  const reading = (files: Readonly<Record<string, string>>) => (file: string) => {
    const text = files[file];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  const [v2, v1] = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'] as const;

  it('reads cgroup v2 and v1, and knows what is no limit', () => {
    assert.equal(containerMemoryLimit(reading({ [v2]: '536870912\n' })), 512 * MIB);
    assert.equal(containerMemoryLimit(reading({ [v1]: '536870912\n' })), 512 * MIB);
    assert.equal(containerMemoryLimit(reading({ [v2]: 'max\n' })), undefined);
    assert.equal(containerMemoryLimit(reading({ [v1]: '9223372036854771712\n' })), undefined);
    assert.equal(containerMemoryLimit(reading({})), undefined);
  });
});
