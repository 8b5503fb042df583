import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerFacts } from './container-facts.ts';
import type { PodSpec } from './pod.ts';
import { planPod } from './pod-plan.ts';

type Sketch = 'running' | 'started' | number;

const spec: PodSpec = {
  restartPolicy: 'Always',
  initContainers: [{ name: 'init' }, { name: 'side', restartPolicy: 'Always' }, { name: 'last' }],
  containers: [{ name: 'a' }, { name: 'b' }],
};

/** Facts by name: `running`, `started` (running and past its start-up) or an exit code. */
function plan(sketches: Record<string, Sketch>, changes: Partial<PodSpec> = {}, retryAt = 0) {
  const facts = new Map(
    Object.entries(sketches).map(([name, sketch]): [string, ContainerFacts] => [
      name,
      {
        name,
        role: 'regular',
        attempt: {
          id: name,
          startedAt: 0,
          image: '',
          imageID: '',
          exit: typeof sketch === 'number' ? { exitCode: sketch, reason: '', finishedAt: 0 } : undefined,
        },
        retryAt,
        restartCount: 0,
        started: sketch === 'started',
        ready: false,
      },
    ]),
  );
  const { actions, wakeAt } = planPod({ ...spec, ...changes }, facts, 1000);
  return { do: actions.map((action) => (action.do === 'start' ? action.container : action.do)), wakeAt };
}

test('init containers start one after another', () => {
  assert.deepEqual(plan({}).do, ['init']);
  assert.deepEqual(plan({ init: 'running' }).do, []);
  assert.deepEqual(plan({ init: 0 }).do, ['side']);
});

test('a sidecar holds up the others only until it has started', () => {
  assert.deepEqual(plan({ init: 0, side: 'running' }).do, []);
  assert.deepEqual(plan({ init: 0, side: 'started' }).do, ['last']);
  assert.deepEqual(plan({ init: 0, side: 'started', last: 0 }).do, ['a', 'b']);
});

test('a sidecar is restarted while the pod runs, an init container is not run again', () => {
  assert.deepEqual(plan({ side: 1, a: 'started', b: 'started' }).do, ['side']);
});

test('a failed init container is retried, or fails a pod that never restarts', () => {
  assert.deepEqual(plan({ init: 1 }).do, ['init']);
  assert.deepEqual(plan({ init: 1 }, { restartPolicy: 'Never' }).do, ['finish']);
});

test('a container in back-off waits for its time', () => {
  assert.deepEqual(plan({ a: 1, b: 'started', side: 'started' }, {}, 5000), { do: [], wakeAt: 5000 });
  assert.deepEqual(plan({ a: 1, b: 'started', side: 'started' }, {}, 500).do, ['a']);
});

test('OnFailure restarts failures only, and the pod finishes when all are done', () => {
  const onFailure = { restartPolicy: 'OnFailure' };
  assert.deepEqual(plan({ side: 'started', a: 0, b: 1 }, onFailure).do, ['b']);
  assert.deepEqual(plan({ side: 'started', a: 0, b: 0 }, onFailure).do, ['finish']);
  assert.deepEqual(plan({ side: 'started', a: 0, b: 1 }, { restartPolicy: 'Never' }).do, ['finish']);
});

test("a container's own restart rules come before the pod's policy", () => {
  const containers = [
    {
      name: 'a',
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    },
  ];
  assert.deepEqual(plan({ a: 42 }, { containers, initContainers: [] }).do, ['a']);
  assert.deepEqual(plan({ a: 1 }, { containers, initContainers: [] }).do, ['finish']);
});
