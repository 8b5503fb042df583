import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { silentLog } from '../../kube/log.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { followCertificateFolder } from './certificate-folder.ts';
import { issueAuthority } from './issue.ts';
import type { KeyPair } from './key-pair.ts';

const validity = { notBefore: new Date(0), notAfter: new Date('2100-01-01') };

async function following(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-certificates-'));
  t.after(() => rm(folder, { recursive: true }));
  const clock = new PretendClock();
  const stop = new AbortController();
  const served: KeyPair[] = [];
  const errors: string[] = [];
  const log = { ...silentLog, error: ({ err }: { err?: unknown }) => void errors.push((err as Error).message) };
  const write = async ({ cert, key }: KeyPair): Promise<void> => {
    await writeFile(join(folder, 'tls.crt'), cert);
    await writeFile(join(folder, 'tls.key'), key);
  };
  return {
    ...{ clock, stop, served, errors, write },
    start: () =>
      followCertificateFolder({ folder, clock, log, signal: stop.signal, onServing: (pair) => served.push(pair) }),
    /** Reading files takes turns of the event loop that no clock counts. */
    look: async (until: () => boolean): Promise<void> => {
      clock.advance(10_000);
      while (!until() || clock.pending === 0) await setImmediate();
    },
  };
}

describe('followCertificateFolder()', () => {
  it('serves what is there, and what comes next once certificate and key are both new', async (t) => {
    const { clock, stop, served, errors, write, start, look } = await following(t);
    const [one, two] = [await issueAuthority('one', validity), await issueAuthority('two', validity)];
    await write(one);
    await start();
    assert.deepEqual(served, [one]);
    await look(() => clock.pending > 0);
    await write({ cert: two.cert, key: one.key });
    await look(() => errors.length === 1);
    assert.match(errors[0] ?? '', /tls\.crt and tls\.key in .* do not belong together/);
    await write(two);
    await look(() => served.length === 2);
    assert.deepEqual(served, [one, two]);
    stop.abort();
    assert.equal(clock.pending, 0);
  });

  it('waits for files that are not there yet, and rejects when it is ended before', async (t) => {
    const { stop, errors, write, start, look, served } = await following(t);
    const ready = start();
    await look(() => errors.length > 0);
    assert.match(errors[0] ?? '', /ENOENT/);
    const pair = await issueAuthority('late', validity);
    await write(pair);
    await look(() => served.length === 1);
    await ready;

    const never = await following(t);
    const ended = never.start();
    never.stop.abort(new Error('the end'));
    await assert.rejects(ended, /the end/);
    stop.abort();
  });
});
