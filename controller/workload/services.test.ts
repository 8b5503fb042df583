import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { services } from './services.ts';
import { adoptedRelease, testRelease } from './test-release.ts';

describe('services()', () => {
  it('leads clients to the primary, and each side to its own pods', () => {
    const manifest = (name: string, app: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'test', labels: { app: name }, annotations: {} },
      spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 9898, protocol: 'TCP' }] },
    });
    assert.deepEqual(services(testRelease()), {
      apex: manifest('podinfo', 'podinfo-primary'),
      primary: manifest('podinfo-primary', 'podinfo-primary'),
      canary: manifest('podinfo-canary', 'podinfo'),
    });
  });

  it('has what the canary says of the Services', () => {
    const { canary, targetRef } = { canary: { labels: { side: 'canary' } }, targetRef: testRelease().names.target };
    const service = { name: 'web', port: 9898, portName: 'grpc', appProtocol: 'h2c', headless: true, canary };
    const { apex, canary: made } = services(
      testRelease({ spec: { targetRef, service: { ...service, trafficDistribution: 'PreferSameZone' } } }),
    );
    assert.equal(apex.metadata.name, 'web');
    assert.deepEqual(made.metadata.labels, { app: 'web-canary', side: 'canary' });
    assert.deepEqual(made.spec, {
      selector: { app: 'podinfo' },
      ports: [{ name: 'grpc', port: 9898, targetPort: 9898, protocol: 'TCP', appProtocol: 'h2c' }],
      clusterIP: 'None',
      trafficDistribution: 'PreferSameZone',
    });
  });

  it("puts the canary's metadata before ours, that before the target's, and leaves out what is somebody else's", () => {
    const { apex, primary } = services(
      testRelease({
        metadata: { labels: { app: 'target', team: 'a', cost: '1' }, annotations: { note: 'target', pager: 'b' } },
        options: { includeLabelPrefixes: ['*'] },
        service: {
          apex: { labels: { app: 'mine', team: 'c' }, annotations: { note: 'mine' } },
          unmanagedMetadata: { labels: ['cost'], annotations: ['pager'] },
        },
      }),
    );
    assert.deepEqual(apex.metadata.labels, { app: 'mine', team: 'c' });
    assert.deepEqual(apex.metadata.annotations, { note: 'mine' });
    assert.deepEqual(primary.metadata.labels, { app: 'podinfo-primary', team: 'a' });
    assert.deepEqual(primary.metadata.annotations, { note: 'target' });
  });

  it('discovers ports of the pods that each Service leads to', () => {
    const pods = (metrics: number) => ({
      spec: { containers: [{ name: 'app', ports: [{ containerPort: 9898 }, { containerPort: metrics }] }] },
    });
    const release = testRelease({ service: { portDiscovery: true }, deploymentSpec: { template: pods(2) } });
    const numbers = (made: ReturnType<typeof services>) =>
      [made.apex, made.primary, made.canary].map(({ spec }) => spec.ports.map(({ port }) => port));
    assert.deepEqual(numbers(services(release)), [
      [80, 2],
      [80, 2],
      [80, 2],
    ]);
    assert.deepEqual(numbers(services(release, pods(1))), [
      [80, 1],
      [80, 1],
      [80, 2],
    ]);
  });

  it("makes none for the layout where they are the user's own", () => {
    assert.throws(() => services(adoptedRelease()), TypeError);
  });
});
