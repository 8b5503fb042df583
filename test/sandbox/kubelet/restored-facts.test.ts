import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod } from './pod.ts';
import { planPod } from './pod-plan.ts';
import { restoredFacts } from './restored-facts.ts';

const started = '2026-01-01T00:00:00Z';

function podOf(restartPolicy: string, state: NonNullable<ContainerStatus['state']>): Pod {
  const status = {
    name: 'a',
    image: 'i',
    imageID: 'i',
    ready: false,
    restartCount: 2,
    containerID: 'process://x',
    state,
  };
  return {
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1' },
    spec: { restartPolicy, containers: [{ name: 'a' }] },
    status: { phase: 'Running', containerStatuses: [status] },
  };
}

function actions(pod: Pod): string[] {
  const facts = new Map(restoredFacts(pod, 1000).map((own) => [own.name, own]));
  return planPod(pod.spec, facts, 1000).actions.map((action) => action.do);
}

test('a container that ran under another kubelet has ended and starts again', () => {
  const pod = podOf('Always', { running: { startedAt: started } });
  const [facts] = restoredFacts(pod, 1000);
  assert.deepEqual(facts?.previous?.exit, { exitCode: 255, reason: 'Unknown', finishedAt: 1000 });
  assert.equal(facts?.previous?.id, 'x');
  assert.equal(facts?.restartCount, 2);
  assert.deepEqual(actions(pod), ['start']);
});

test('one that never restarts is done', () => {
  assert.deepEqual(actions(podOf('Never', { running: { startedAt: started } })), ['finish']);
  const completed = { terminated: { exitCode: 0, startedAt: started, finishedAt: started } };
  assert.deepEqual(actions(podOf('OnFailure', completed)), ['finish']);
  assert.deepEqual(actions(podOf('Always', completed)), ['start']);
});

test('one that never ran is new', () => {
  const [facts] = restoredFacts(podOf('Always', { waiting: { reason: 'ContainerCreating' } }), 0);
  assert.equal(facts?.previous, undefined);
  assert.equal(facts?.attempt, undefined);
});
