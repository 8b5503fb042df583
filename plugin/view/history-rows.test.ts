import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import { createTable } from '../output/table.ts';
import { historyDetail } from './history-detail.ts';
import { historyRows, type KeptTemplate } from './history-rows.ts';
import { historyColumns } from './history-table.ts';

const revision = (letter: string) => letter.repeat(64);
const [A, B, C, D] = [revision('a'), revision('b'), revision('c'), revision('d')];
const NOW = new Date('2026-01-01T01:00:00Z');

const kept = (ordinal: number, of: string, image: string): KeptTemplate => ({
  ...{ ordinal, revision: of, createdAt: `2026-01-01T00:0${ordinal}:00.000Z` },
  template: { spec: { containers: [{ image }, { image: 'example.org/sidecar:1' }] } },
});
const KEPT = [
  kept(1, A, 'ghcr.io/stefanprodan/podinfo:6.0.0'),
  kept(2, B, 'ghcr.io/stefanprodan/podinfo:6.0.1'),
  kept(3, C, `ghcr.io/stefanprodan/podinfo@sha256:${'0'.repeat(64)}`),
];

const STATUS: CanaryStatus = {
  ...{
    phase: 'Progressing',
    lastAppliedSpec: C,
    lastPromotedSpec: A,
    startedAt: '2026-01-01T00:58:30Z',
    actualWeight: 20,
  },
  waitingFor: { reason: 'StepInterval', message: 'the step is held' },
  triggeredBy: { username: 'joe' },
  history: [
    {
      ...{ revision: B, result: 'Aborted', reason: 'Aborted', message: 'jane asked for it: errors', by: 'jane' },
      ...{ startedAt: '2026-01-01T00:10:00Z', finishedAt: '2026-01-01T00:13:20Z', weight: 50, failedChecks: 2 },
      triggeredBy: { username: 'joe' },
    },
    { revision: D, result: 'Superseded', startedAt: '2026-01-01T00:05:00Z', finishedAt: '2026-01-01T00:05:30Z' },
  ],
};

describe('the history of a canary', () => {
  const lines = (status: CanaryStatus, isWide = false) =>
    createTable(historyColumns(() => NOW, isWide)).lines(historyRows({ status }, KEPT));

  it('has the release under way on top, then those that are over, then what is kept of before', () => {
    assert.deepEqual(lines(STATUS), [
      '#   REVISION     RESULT        STARTED   DURATION   IMAGES                                BY       REASON',
      '3   cccccccccc   Progressing   90s       90s        podinfo@sha256:0000000000,sidecar:1   joe      StepInterval',
      '2   bbbbbbbbbb   Aborted       50m       3m20s      podinfo:6.0.1,sidecar:1               jane     Aborted',
      '-   dddddddddd   Superseded    55m       30s        <none>                                <none>   <none>',
      '1   aaaaaaaaaa   Initialized   59m       <none>     podinfo:6.0.0,sidecar:1               <none>   <none>',
    ]);
  });

  it('at rest has no release under way, and tells its images in full where there is room', () => {
    const rows = lines({ ...STATUS, phase: 'Succeeded', lastAppliedSpec: A }, true);
    assert.match(rows[1] ?? '', /^2 +bbbbbbbbbb .* ghcr\.io\/stefanprodan\/podinfo:6\.0\.1,example\.org\/sidecar:1 /);
    assert.match(rows[3] ?? '', /^3 +cccccccccc +<none> /);
    assert.equal(rows.length, 5);
  });

  it('is told in full of one revision', () => {
    const [, aborted, superseded] = historyRows({ status: STATUS }, KEPT);
    assert.ok(aborted !== undefined && superseded !== undefined);
    assert.deepEqual(historyDetail(aborted, 'spec:\n  containers: []\n', NOW), [
      `Revision:       ${B}, number 2`,
      'Result:         Aborted, Aborted',
      'Message:        jane asked for it: errors',
      'Started:        2026-01-01T00:10:00Z, took 3m20s',
      'Changed by:     joe',
      'Ended by:       jane',
      'Weight:         50 percent',
      'Failed checks:  2',
      'Images:         ghcr.io/stefanprodan/podinfo:6.0.1, example.org/sidecar:1',
      'Pod template:',
      '  spec:',
      '    containers: []',
    ]);
    assert.equal(historyDetail(superseded, undefined, NOW).at(-1), 'Pod template:   it is kept no more');
  });

  it('says which one the primary runs', () => {
    const promoted = historyRows({ status: STATUS }, KEPT).filter(({ isPromoted }) => isPromoted);
    assert.deepEqual(
      promoted.map(({ revision: of }) => of),
      [A],
    );
  });
});
