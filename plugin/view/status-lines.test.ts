import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import { assertGolden } from './golden-file.ts';
import { ago, NOW, PRETEND_RELEASES, pretendCanary } from './pretend-releases.ts';
import { releaseChanges } from './release-changes.ts';
import { statusScreen } from './status-lines.ts';

const PHASES = ['', 'Initialized', 'Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Succeeded', 'Failed'];
const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;

describe('the status of a release', () => {
  for (const [name, seen] of Object.entries(PRETEND_RELEASES)) {
    const file = `status-${name.replaceAll(/[^A-Za-z]+/g, '-')}`;
    it(`is shown when it is: ${name}`, () =>
      assertGolden(file, isUpdated, (look) => {
        const { body, foot } = statusScreen(seen, { now: NOW, look, events: 4 });
        return [...body, ...foot];
      }));
  }

  it('is no wider than the screen, where names are of the usual length', () => {
    for (const [name, seen] of Object.entries(PRETEND_RELEASES)) {
      if (name === 'very long names') continue;
      const look = { columns: 80, hasColor: true, hasUnicode: true };
      const { body, foot } = statusScreen(seen, { now: NOW, look, events: 4 });
      const commands = new Set(foot.slice(-1));
      for (const line of [...body, ...foot]) {
        assert.ok(commands.has(line) || stringWidth(line) <= 80, `${name}: ${line}`);
      }
    }
  });

  it('is shown of any status, whoever wrote it', () => {
    const time = fc.constantFrom('', 'never', ago(60), ago(-60));
    const status = fc.record(
      {
        phase: fc.constantFrom(...PHASES),
        ...{ step: fc.nat(20), steps: fc.nat(20), failedChecks: fc.nat(), desiredWeight: fc.nat(100) },
        ...{ actualWeight: fc.nat(100), startedAt: time, stepStartedAt: time, nextCheckAt: time },
        ...{ lastTransitionTime: time, lastAppliedSpec: fc.string(), observedGeneration: fc.nat(3) },
        waitingFor: fc.record({ reason: fc.string(), message: fc.string(), until: time }, { requiredKeys: ['reason'] }),
        checks: fc.array(
          fc.record({
            ...{ kind: fc.constant('Metric' as const), name: fc.constantFrom('request-duration', 'other') },
            ...{ verdict: fc.constantFrom('Pass', 'Fail', 'NoData'), value: fc.double() },
          }),
        ),
      },
      { requiredKeys: [] },
    );
    const look = { columns: 80, hasColor: true, hasUnicode: true };
    fc.assert(
      fc.property(status, (written) => {
        const canary = pretendCanary({ status: written as CanaryStatus });
        const seen = { canary, workloads: [], events: [], unread: [] };
        const { foot } = statusScreen(seen, { now: NOW, look, events: 4 });
        assert.ok(foot.length > 0);
        assert.ok(Array.isArray(releaseChanges(undefined, seen)));
      }),
    );
  });

  it('shows without Unicode nothing of our own but ASCII', () => {
    const look = { columns: 80, hasColor: false, hasUnicode: false };
    for (const [name, seen] of Object.entries(PRETEND_RELEASES)) {
      if (name === 'paused by hand') continue;
      const { body, foot } = statusScreen(seen, { now: NOW, look, events: 4 });
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch([...body, ...foot].join('\n'), /[^\u0000-\u007F]/);
    }
  });
});
