import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { A, atRest, B, C, type PretendRelease } from './pretend-release.ts';

/** Somebody writes another pod template into the primary. */
function edit(release: PretendRelease, template = 'x'.repeat(64)): void {
  release.primary?.change(release.elapsed, { template });
}

function inSync({ status }: PretendRelease): string | undefined {
  return status.conditions?.find(({ type }) => type === 'PrimaryInSync')?.status;
}

describe('a primary that somebody has changed', () => {
  it('is told once, and holds the next release until it is put right', () => {
    const release = atRest();
    assert.equal(inSync(release), undefined);
    edit(release);
    release.run(60);
    const told = release.texts().filter((text) => text.includes('is not the one that was promoted'));
    assert.equal(told.length, 1, told.join());
    assert.equal(inSync(release), 'False');
    assert.equal(release.status.waitingFor?.reason, 'PrimaryDrifted');
    assert.match(
      release.status.conditions?.find(({ type }) => type === 'Promoted')?.message ?? '',
      /, but its pod template was changed since$/,
    );
    release.land(B);
    release.run(60);
    assert.equal(release.status.lastAppliedSpec, A);
    assert.equal(release.primary?.template, 'x'.repeat(64));
    edit(release, A);
    release.run(200);
    assert.equal(release.primary?.template, B);
    assert.equal(inSync(release), 'True');
    assert.equal(release.status.phase, 'Succeeded');
  });

  it('is written back where its user wants that, and not in a race with whoever goes on', () => {
    const release = atRest({ spec: { drift: 'restore' } });
    edit(release);
    release.run(10);
    assert.equal(release.primary?.template, A);
    assert.match(release.texts().join('\n'), /The promoted pod template is back in podinfo-primary\.test/);
    const sets = () => release.moments.filter(({ effect }) => effect?.kind === 'set primary').length;
    assert.equal(sets(), 1);
    edit(release, C);
    release.run(10);
    assert.deepEqual([sets(), release.primary?.template], [1, C]);
    release.run(60);
    assert.deepEqual([sets(), release.primary?.template], [2, A]);
  });

  it('is only told where its user wants that, and the next promotion overwrites it with a word', () => {
    const release = atRest({ spec: { drift: 'report' } });
    edit(release);
    release.run(10);
    assert.deepEqual([inSync(release), release.status.waitingFor], ['False', undefined]);
    release.land(B);
    release.run(200);
    assert.equal(release.primary?.template, B);
    assert.match(
      release.texts().join('\n'),
      /The promotion has overwritten the pod template that somebody had written/,
    );
    assert.equal(inSync(release), 'True');
  });

  it('in the midst of a run holds it, and a person promotes it all the same', () => {
    const release = atRest();
    release.land(B);
    release.run(8);
    edit(release);
    release.run(60);
    assert.equal(release.status.phase, 'Progressing');
    assert.equal(release.status.waitingFor?.reason, 'PrimaryDrifted');
    release.ask('promote', { full: true });
    release.run(100);
    assert.deepEqual([release.primary?.template, release.status.phase], [B, 'Succeeded']);
  });

  it('while it is promoted gets what has passed again, a minute later', () => {
    const release = atRest();
    release.delays.primary.set(B, 20_000);
    release.land(B);
    while (release.primary?.template !== B) release.run(1);
    edit(release);
    release.run(200);
    assert.deepEqual([release.primary?.template, release.status.phase], [B, 'Succeeded']);
  });

  it('and says that it has another revision is told all the same', () => {
    const release = atRest();
    edit(release);
    release.primaryRevision = C;
    release.run(60);
    assert.equal(inSync(release), 'False');
    assert.equal(release.primary?.template, 'x'.repeat(64));
  });

  it('by the API server alone, which reads the same object anew, is as it was', () => {
    const release = atRest();
    const { primary } = release;
    assert.ok(primary !== undefined);
    primary.template = 'y'.repeat(64);
    release.run(10);
    assert.deepEqual([inSync(release), release.status.primary?.template], [undefined, 'y'.repeat(64)]);
  });

  it('is not taken for changed by what was written before a controller was killed', () => {
    const release = atRest();
    release.land(B);
    while (release.primary?.template !== B) release.run(1);
    release.written = undefined;
    const { primary: _record, ...status } = release.status;
    const record = { revision: A, template: A, uid: release.primary?.uid ?? '', generation: 1 };
    release.status = { ...status, primary: record };
    release.run(100);
    assert.deepEqual([inSync(release), release.status.phase], [undefined, 'Succeeded']);
    assert.equal(release.status.primary?.revision, B);
  });
});
