import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ago, PRETEND_RELEASES } from './pretend-releases.ts';
import { releaseChanges } from './release-changes.ts';
import type { SeenRelease } from './seen-release.ts';

const progressing = PRETEND_RELEASES['progressing']!;
const withStatus = (seen: SeenRelease, status: object): SeenRelease => ({
  ...{ ...seen, canary: { ...seen.canary, status: { ...seen.canary.status, ...status } } },
});

describe('what has changed of a release', () => {
  it('is where it stands, at first', () => {
    assert.deepEqual(releaseChanges(undefined, progressing), [
      'phase Progressing',
      'revision 9f86d08188',
      'step 2/5',
      'weight 20%',
      'failed checks 1 (was 0)',
      'check request-success-rate Pass 99.87%',
      'check request-duration Pass 212ms',
      'pods of the target ready 2/2',
      'pods of the primary ready 2/2',
      'waits for the checks of step 2 of 5 (kubectl canary promote podinfo -n shop)',
    ]);
  });

  it('is nothing where nothing has, though time goes on', () => {
    const later = withStatus(progressing, {
      nextCheckAt: ago(-20),
      waitingFor: { reason: 'StepInterval', until: ago(-20) },
    });
    assert.deepEqual(releaseChanges(progressing, later), []);
  });

  it('is one line for each thing', () => {
    const at = ago(0);
    const next = withStatus(progressing, {
      ...{ step: 3, desiredWeight: 30, failedChecks: 2 },
      waitingFor: { reason: 'RouteAccepted', message: 'weight 30 is on its way to the gateway' },
    });
    const event = { at, type: 'Normal', action: 'Advance', note: 'Advance podinfo.shop canary weight 30', count: 1 };
    assert.deepEqual(releaseChanges(progressing, { ...next, events: [...next.events, event] }), [
      'step 3/5 (was 2/5)',
      'weight 20%, 30% is wanted (was 20%)',
      'failed checks 2 (was 1)',
      'event Normal Advance: Advance podinfo.shop canary weight 30',
      'waits for the gateway to take up the weight: weight 30 is on its way to the gateway (kubectl canary watch podinfo -n shop)',
    ]);
  });

  it('has no escape codes and no signs, whatever happens', () => {
    for (const seen of Object.values(PRETEND_RELEASES)) {
      // oxlint-disable-next-line no-control-regex
      for (const line of releaseChanges(undefined, seen)) assert.doesNotMatch(line, /[\u0000-\u001F]/);
    }
  });
});
