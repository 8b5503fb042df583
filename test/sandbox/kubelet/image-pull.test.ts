import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventRecorder } from './events.ts';
import { ImagePullError, ImagePuller } from './image-pull.ts';
import type { Container, Pod } from './pod.ts';

function setUp() {
  const seen: string[] = [];
  const events = {
    container: (_pod: Pod, _name: string, _type: string, reason: string, message: string) =>
      seen.push(`${reason}: ${message}`),
  } as unknown as EventRecorder;
  const puller = new ImagePuller((name) => (name === 'coredns' ? '/coredns' : undefined), new Set(), events);
  const pull = (fields: Partial<Container>, now: number) => {
    seen.length = 0;
    const container: Container = { name: 'c', ...fields };
    const pod: Pod = {
      metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1' },
      spec: { containers: [container] },
    };
    try {
      return puller.pull(pod, container, now).names.image;
    } catch (error) {
      assert.ok(error instanceof ImagePullError);
      return `${error.reason} until ${error.retryAt}`;
    }
  };
  return { seen, pull };
}

test('a known image is pulled once and then present', () => {
  const { seen, pull } = setUp();
  const container = { image: 'coredns/coredns:1', imagePullPolicy: 'IfNotPresent' };
  assert.equal(pull(container, 0), 'docker.io/coredns/coredns:1');
  assert.match(seen.join(), /^Pulling: Pulling image "coredns\/coredns:1",Pulled: Successfully pulled/);
  pull(container, 0);
  assert.match(seen.join(), /^Pulled: Container image "coredns\/coredns:1" already present on machine/);
});

test('an unknown image fails, is put off, and is tried again with a longer back-off', () => {
  const { seen, pull } = setUp();
  assert.equal(pull({ image: 'nginx' }, 1000), 'ErrImagePull until 3000');
  assert.match(
    seen.join('\n'),
    /^Pulling: .*\nFailed: Failed to pull image "nginx": .*: not found\nFailed: Error: ErrImagePull$/,
  );
  assert.equal(pull({ image: 'nginx' }, 3000), 'ImagePullBackOff until 11000');
  assert.deepEqual(seen, ['BackOff: Back-off pulling image "nginx"', 'Failed: Error: ImagePullBackOff']);
  assert.equal(pull({ image: 'nginx' }, 11_000), 'ErrImagePull until 13000');
  assert.equal(pull({ image: 'nginx' }, 13_000), 'ImagePullBackOff until 31000');
});

test('pull policy Never and names that are none have their own reasons', () => {
  const { pull } = setUp();
  assert.match(pull({ image: 'coredns/coredns:1', imagePullPolicy: 'Never' }, 0), /^ErrImageNeverPull/);
  assert.match(pull({ image: 'A B' }, 0), /^InvalidImageName/);
});
