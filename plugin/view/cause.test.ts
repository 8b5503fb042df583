import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanarySpec, CanaryStatus } from '../../api/generated/canary.ts';
import { createProgram } from '../program.ts';
import { SPECS } from '../specs.ts';
import { type Cause, causeOf } from './cause.ts';
import { causeText } from './cause-text.ts';
import { ago, NOW, pretendCanary } from './pretend-releases.ts';

const RUN: CanaryStatus = { phase: 'Progressing', step: 2, steps: 5, startedAt: ago(150), stepStartedAt: ago(20) };

const cause = (status: CanaryStatus, spec: Partial<CanarySpec> = {}) => causeOf(pretendCanary({ status, spec }));
const waitsFor = (reason: string, more: Partial<NonNullable<CanaryStatus['waitingFor']>> = {}) =>
  cause({ ...RUN, waitingFor: { reason, message: 'so it is', ...more } });
const first = ({ advice }: Cause) => advice[0]?.command;

/** All that the rules of a release wait for, and who has to do something about it. */
const REASONS: Readonly<Record<'itself' | 'somebody', readonly string[]>> = {
  itself: [
    ...['StepInterval', 'CanaryReady', 'PrimaryReady', 'RouteAccepted', 'FreshMetrics', 'Drain', 'HookRunning'],
    'StalePods',
  ],
  somebody: [
    ...['Approval', 'GateClosed', 'RouteRefused', 'TargetMissing', 'PrimaryMissing', 'ConfigMissing', 'ConfigUnread'],
    ...['InvalidSpec', 'NotSupported', 'NoSteps', 'ProviderNotInstalled', 'WriteRefused', 'AnythingElse'],
  ],
};

describe('the cause of where a release stands', () => {
  it('has for each reason what to type, and says who has to do something', () => {
    for (const reason of REASONS.itself) assert.equal(waitsFor(reason).needsSomebody, false, reason);
    for (const reason of REASONS.somebody) assert.equal(waitsFor(reason).needsSomebody, true, reason);
    for (const reason of [...REASONS.itself, ...REASONS.somebody]) {
      assert.match(first(waitsFor(reason)) ?? '', /^kubectl .* -n shop$/, reason);
    }
  });

  it('has only commands that there are, typed as they are typed', () => {
    const parsed = new Set<string>();
    for (const reason of [...REASONS.itself, ...REASONS.somebody, 'Paused', 'Failed', 'Suspended']) {
      const status: CanaryStatus = { ...RUN, ...(reason === 'Failed' && { phase: 'Failed' }) };
      const paused = reason === 'Paused' ? { paused: { at: ago(60) } } : {};
      for (const { command } of cause({ ...status, ...paused, waitingFor: { reason, gate: 'qa' } }).advice) {
        const [, canary, ...argv] = command.split(' ');
        if (canary !== 'canary' || !SPECS.some(({ name }) => name === argv[0])) continue;
        const options = { specs: SPECS, columns: 80, writeOut: () => undefined, writeErr: assert.fail };
        const program = createProgram({ ...options, onCall: ({ spec }) => void parsed.add(spec.name) });
        program.parse(argv, { from: 'user' });
      }
    }
    for (const name of ['approve', 'reject', 'promote', 'resume', 'abort', 'retry', 'undo', 'watch', 'tree']) {
      assert.ok(parsed.has(name), `${name} is never advised`);
    }
  });

  it('is the first of several: suspended, over, failed, paused, and then what it waits for', () => {
    const waitingFor = { reason: 'Approval', gate: 'qa' };
    const paused = { at: ago(60), by: 'joe' };
    const ending = { result: 'Aborted', reason: 'Aborted', message: 'jane asked for it' } as const;
    assert.equal(cause({ ...RUN, waitingFor, paused, ending }, { suspend: true }).reason, 'Suspended');
    assert.equal(cause({ ...RUN, waitingFor, paused, ending }).reason, 'Aborted');
    assert.equal(cause({ ...RUN, waitingFor, paused }).reason, 'Paused');
    assert.equal(cause({ ...RUN, waitingFor }).reason, 'Approval');
    assert.equal(first(cause({ ...RUN, waitingFor })), 'kubectl canary approve qa podinfo -n shop');
    assert.equal(first(cause({ ...RUN, paused })), 'kubectl canary resume podinfo -n shop');
  });

  it('says when it goes on, when it is given up, or since when it waits', () => {
    const text = (each: Cause) => causeText(each, NOW);
    assert.equal(text(waitsFor('StepInterval', { until: ago(-10) })), 'Waits for the checks of step 2 of 5, in 10s');
    assert.equal(
      text(waitsFor('CanaryReady', { until: ago(-120) })),
      "Waits for the canary's pods: so it is; it is given up in 2m",
    );
    assert.equal(text(waitsFor('TargetMissing')), 'Waits for its target: so it is, for 20s');
    const failure = { reason: 'ThresholdReached', message: '5 checks have failed', failedAt: ago(300) };
    assert.equal(text(cause({ ...RUN, phase: 'Failed', failure })), 'Failed 5m ago: 5 checks have failed');
  });

  it('is, at rest, that nothing has been changed', () => {
    const { kind, text } = cause({ phase: 'Succeeded' });
    assert.deepEqual([kind, text], ['rest', 'a new revision of Deployment/podinfo']);
  });
});
