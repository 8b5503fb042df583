import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContainerConfigError } from './environment.ts';
import type { Container, Pod } from './pod.ts';
import { identityOf } from './security.ts';

type Context = NonNullable<Container['securityContext']>;

function identity(own: Context, shared: Context = {}, imageUser = 0) {
  const container: Container = { name: 'c', securityContext: own };
  const { runAsUser, runAsNonRoot } = shared;
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1' },
    spec: {
      containers: [container],
      securityContext: {
        ...(runAsUser === undefined ? {} : { runAsUser }),
        ...(runAsNonRoot === undefined ? {} : { runAsNonRoot }),
      },
    },
  };
  return identityOf(pod, container, imageUser);
}

test("the container's user comes before the pod's, and that before the image's", () => {
  assert.equal(identity({}, {}, 100).user, 100);
  assert.equal(identity({}, { runAsUser: 5 }, 100).user, 5);
  assert.equal(identity({ runAsUser: 6 }, { runAsUser: 5 }, 100).user, 6);
});

test('only root has capabilities, by default those of every container runtime', () => {
  assert.deepEqual(identity({}, {}, 100).capabilities, []);
  assert.ok(identity({}).capabilities.includes('CAP_CHOWN'));
  const bound = identity({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } });
  assert.deepEqual(bound.capabilities, ['CAP_NET_BIND_SERVICE']);
  assert.deepEqual(identity({ privileged: true }).capabilities, ['ALL']);
});

test('runAsNonRoot refuses root', () => {
  assert.throws(() => identity({}, { runAsNonRoot: true }), ContainerConfigError);
  assert.throws(() => identity({ runAsNonRoot: true, runAsUser: 0 }), /runAsUser breaks non-root policy/);
  assert.equal(identity({ runAsNonRoot: true }, {}, 100).user, 100);
});
