import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from './command-line.ts';
import { ContainerConfigError, containerEnvironment, environmentReferences } from './environment.ts';
import { fieldValue, resourceValue } from './field-value.ts';
import type { Container, Pod } from './pod.ts';

const node = { nodeAddress: '10.0.0.1', podAddress: '10.244.0.5', allocatable: { cpu: '1000', memory: '4Ti' } };

function podOf(container: Container): Pod {
  return {
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', labels: { 'a/b': 'c', a: 'say "hi"' } },
    spec: { containers: [container], nodeName: 'sandbox', serviceAccountName: 'sa' },
  };
}

function environmentOf(fields: Partial<Container>): Record<string, string> {
  const container: Container = { name: 'c', ...fields };
  const data = {
    configMaps: new Map([['map', { one: '1', two: '2' }]]),
    secrets: new Map([['secret', { three: '3' }]]),
  };
  const defaults = new Map([['KUBERNETES_SERVICE_HOST', '10.96.0.1']]);
  return Object.fromEntries(containerEnvironment({ pod: podOf(container), container, data, node, defaults }));
}

test('containerEnvironment() lets env override envFrom and the defaults', () => {
  assert.deepEqual(
    environmentOf({
      envFrom: [{ configMapRef: { name: 'map' } }, { prefix: 'S_', secretRef: { name: 'secret' } }],
      env: [
        { name: 'two', value: '$(one)+$(S_three)' },
        { name: 'url', value: 'https://$(KUBERNETES_SERVICE_HOST)/$(later)' },
        { name: 'later', valueFrom: { configMapKeyRef: { name: 'map', key: 'one' } } },
      ],
    }),
    {
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      one: '1',
      two: '1+3',
      S_three: '3',
      url: 'https://10.96.0.1/$(later)',
      later: '1',
    },
  );
});

test('containerEnvironment() fails with the texts of a real kubelet', () => {
  const reference = (name: string, key: string, optional = false) => ({
    env: [{ name: 'x', valueFrom: { configMapKeyRef: { name, key, optional } } }],
  });
  assert.throws(() => environmentOf(reference('none', 'k')), new ContainerConfigError('configmap "none" not found'));
  assert.throws(
    () => environmentOf(reference('map', 'k')),
    new ContainerConfigError("couldn't find key k in ConfigMap ns/map"),
  );
  assert.equal(environmentOf(reference('none', 'k', true))['x'], undefined);
  assert.throws(
    () => environmentOf({ envFrom: [{ secretRef: { name: 's' } }] }),
    new ContainerConfigError('secret "s" not found'),
  );
});

test('environmentReferences() names each object once', () => {
  const references = environmentReferences({
    name: 'c',
    envFrom: [{ configMapRef: { name: 'map' } }],
    env: [{ name: 'x', valueFrom: { configMapKeyRef: { name: 'map', key: 'one' } } }],
  });
  assert.deepEqual([...references.configMaps], ['map']);
  assert.deepEqual([...references.secrets], []);
});

test('fieldValue() reads labels one by one and all together', () => {
  const pod = podOf({ name: 'c' });
  assert.equal(fieldValue("metadata.labels['a/b']", pod, node), 'c');
  assert.equal(fieldValue('metadata.labels', pod, node), 'a="say \\"hi\\""\na/b="c"');
  assert.equal(fieldValue('status.podIP', pod, node), '10.244.0.5');
  assert.throws(() => fieldValue('spec.secret', pod, node));
});

test('resourceValue() rounds up and falls back to the node', () => {
  const container = { name: 'c', resources: { limits: { memory: '1500Mi' }, requests: { cpu: '250m' } } };
  assert.equal(resourceValue('limits.memory', '1Gi', container, node), '2');
  assert.equal(resourceValue('requests.cpu', '1m', container, node), '250');
  assert.equal(resourceValue('limits.cpu', undefined, container, node), '1000');
});

test('commandLine() follows the rules of command and args', () => {
  const image = { entrypoint: ['/e'], cmd: ['c'] };
  const of = (fields: Partial<Container>) => commandLine({ name: 'c', ...fields }, image, new Map([['V', 'x']]));
  assert.deepEqual(of({}), ['/e', 'c']);
  assert.deepEqual(of({ args: ['a$(V)'] }), ['/e', 'ax']);
  assert.deepEqual(of({ command: ['/f'] }), ['/f']);
  assert.deepEqual(of({ command: ['/f'], args: ['a'] }), ['/f', 'a']);
});
