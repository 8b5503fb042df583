import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerFacts } from './container-facts.ts';
import type { Pod, PodSpec, PodStatus } from './pod.ts';
import { podStatus } from './pod-status.ts';
import { statusPatch } from './status-patch.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');

function podOf(spec: Partial<PodSpec>, status: PodStatus = {}): Pod {
  return {
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 1 },
    spec: { restartPolicy: 'Always', containers: [{ name: 'a', image: 'a:1' }], ...spec },
    status,
  };
}

function facts(name: string, fields: Partial<ContainerFacts> & { exitCode?: number } = {}): [string, ContainerFacts] {
  const { exitCode, ...rest } = fields;
  const exit =
    exitCode === undefined ? undefined : { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: T0 };
  return [
    name,
    {
      name,
      role: 'regular',
      attempt: { id: `id-${name}`, startedAt: T0, image: 'docker.io/library/a:1', imageID: 'sha', exit },
      retryAt: 0,
      restartCount: 0,
      started: exitCode === undefined,
      ready: exitCode === undefined,
      ...rest,
    },
  ];
}

function statusOf(
  pod: Pod,
  containers: [string, ContainerFacts][],
  before?: PodStatus,
  ended = false,
  now = T0,
): PodStatus {
  return podStatus(
    {
      pod,
      containers: new Map(containers),
      hostAddress: '10.0.0.1',
      podAddress: '10.244.0.5',
      startTime: T0,
      networkReady: true,
      ended,
    },
    before,
    now,
  );
}

function condition(status: PodStatus, type: string) {
  return status.conditions?.find((candidate) => candidate.type === type);
}

test('a pod with nothing started is Pending and says what it waits for', () => {
  const status = statusOf(podOf({}), []);
  assert.equal(status.phase, 'Pending');
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: 'ContainerCreating' } });
  assert.equal(condition(status, 'Ready')?.message, 'containers with unready status: [a]');
  assert.equal(condition(status, 'Initialized')?.status, 'True');
});

test('a pod with init containers says PodInitializing', () => {
  const status = statusOf(podOf({ initContainers: [{ name: 'i' }] }), []);
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: 'PodInitializing' } });
  assert.equal(condition(status, 'Initialized')?.message, 'containers with incomplete status: [i]');
});

test('a running pod is Ready', () => {
  const status = statusOf(podOf({}), [facts('a')]);
  assert.equal(status.phase, 'Running');
  assert.equal(condition(status, 'Ready')?.status, 'True');
  assert.equal(status.containerStatuses?.[0]?.image, 'docker.io/library/a:1');
});

test('a readiness gate holds Ready back, not ContainersReady', () => {
  const gated = { readinessGates: [{ conditionType: 'x/gate' }] };
  const without = statusOf(podOf(gated), [facts('a')]);
  assert.equal(condition(without, 'ContainersReady')?.status, 'True');
  assert.equal(condition(without, 'Ready')?.reason, 'ReadinessGatesNotReady');
  const open = podOf(gated, { conditions: [{ type: 'x/gate', status: 'True' }] });
  assert.equal(condition(statusOf(open, [facts('a')]), 'Ready')?.status, 'True');
});

test('a crash loop keeps the pod Running and shows the last state', () => {
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
  const status = statusOf(podOf({}), [facts('a', { exitCode: 3, waiting, restartCount: 1 })]);
  assert.equal(status.phase, 'Running');
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting });
  assert.equal(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 3);
});

test('a pod that has ended is Succeeded or Failed', () => {
  const never = podOf({ restartPolicy: 'Never' });
  const succeeded = statusOf(never, [facts('a', { exitCode: 0 })]);
  assert.equal(succeeded.phase, 'Succeeded');
  assert.equal(condition(succeeded, 'Ready')?.reason, 'PodCompleted');
  assert.equal(statusOf(never, [facts('a', { exitCode: 1 })]).phase, 'Failed');
  assert.equal(statusOf(podOf({}), [facts('a', { exitCode: 143 })], undefined, true).phase, 'Failed');
  assert.equal(statusOf(podOf({}), [facts('a', { exitCode: 0 })], undefined, true).phase, 'Succeeded');
});

test('a failed init container fails a pod that never restarts', () => {
  const pod = podOf({ restartPolicy: 'Never', initContainers: [{ name: 'i' }] });
  assert.equal(statusOf(pod, [facts('i', { role: 'init', exitCode: 1 })]).phase, 'Failed');
});

test('the time of a transition moves only when the status does', () => {
  const before = statusOf(podOf({}), [facts('a')]);
  const same = statusOf(podOf({}), [facts('a')], before, false, T0 + 60_000);
  assert.equal(statusPatch('u', before, same), undefined);
  const unready = statusOf(podOf({}), [facts('a', { ready: false })], before, false, T0 + 60_000);
  assert.equal(condition(unready, 'Ready')?.lastTransitionTime, '2026-01-01T00:01:00Z');
  assert.equal(condition(unready, 'Initialized')?.lastTransitionTime, '2026-01-01T00:00:00Z');
});

test('statusPatch() sends what changed and clears what is gone', () => {
  const unready = statusOf(podOf({}), [facts('a', { ready: false })]);
  const ready = statusOf(podOf({}), [facts('a')], unready);
  const patch = statusPatch('u', unready, ready) as { status: PodStatus };
  assert.deepEqual(Object.keys(patch.status).toSorted(), ['conditions', 'containerStatuses']);
  assert.deepEqual(
    patch.status.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ['Ready', null],
      ['ContainersReady', null],
    ],
  );
});

test('statusPatch() replaces addresses and takes back what is no more', () => {
  const patch = statusPatch(
    'u',
    { podIP: '10.244.0.1', podIPs: [{ ip: '10.244.0.1' }], reason: 'x' },
    { podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }] },
  );
  const podIPs = [{ $patch: 'replace' }, { ip: '10.244.0.2' }];
  assert.deepEqual(patch, { metadata: { uid: 'u' }, status: { podIP: '10.244.0.2', podIPs, reason: null } });
  const gone = statusPatch('u', { podIP: '10.244.0.1', podIPs: [{ ip: '10.244.0.1' }] }, {});
  assert.deepEqual(gone, { metadata: { uid: 'u' }, status: { podIP: null, podIPs: null } });
});
