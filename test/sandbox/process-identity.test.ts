import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { identify, isAlive, isSame } from './process-identity.ts';

describe('a process identity', () => {
  it('holds while the process lives, and not after', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const identity = identify(child.pid ?? 0);
    assert.ok(identity !== undefined && isSame(identity) && isAlive(identity.pid));
    child.kill();
    await once(child, 'exit');
    assert.ok(!isSame(identity));
  });

  it('is not that of another process with the same number', () => {
    const self = identify(process.pid);
    assert.ok(self !== undefined);
    assert.ok(!isSame({ ...self, startTime: '1' }));
  });
});
