import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeRequest, Transport } from '../../kube/transport/transport.ts';
import { ownServices, serviceName } from './own-service.ts';

describe('serviceName()', () => {
  it('is the Service of the namespace that a host name is for', () => {
    for (const host of [
      'hooks.test',
      'hooks.test.svc',
      'hooks.test.svc.cluster.local',
      'hooks.test.svc.cluster.local.',
    ]) {
      assert.equal(serviceName('test', host), 'hooks', host);
    }
  });

  it('is undefined for a Service of the controller’s namespace, of another one, and for all other hosts', () => {
    const hosts = [
      'hooks',
      'hooks.monitoring',
      'a.hooks.test',
      'hooks.test.example.com',
      'test',
      '.test',
      '10.0.0.1',
      '',
    ];
    for (const host of [...hosts, 'hooks.test.svc.cluster.local.example.com', 'test.svc.cluster.local', 'hooks.svc']) {
      assert.equal(serviceName('test', host), undefined, host);
    }
  });
});

describe('ownServices()', () => {
  const { signal } = new AbortController();
  function askedOf(spec: object | Error, shown: readonly string[] = []) {
    const paths: string[] = [];
    const request = ({ path }: KubeRequest) => {
      paths.push(path);
      return spec instanceof Error ? Promise.reject(spec) : Promise.resolve({ spec });
    };
    const isOwn = ownServices({ request } as Transport, shown);
    return {
      paths,
      ask: (host: string, address: string) => isOwn('test', new URL(`http://${host}/`), address, signal),
    };
  }
  const PLAIN = { type: 'ClusterIP', clusterIPs: ['10.0.0.7', 'fd00::7'], selector: { app: 'hooks' } };

  it('is true of a Service of the namespace that leads to its pods, at its own address', async () => {
    const { ask, paths } = askedOf(PLAIN);
    assert.equal(await ask('hooks.test', '10.0.0.7'), true);
    assert.equal(await ask('hooks.test.svc', 'fd00:0::0:7'), true);
    assert.equal(paths[0], '/api/v1/namespaces/test/services/hooks');
  });

  it('is false of a name that leads, or led, anywhere else', async () => {
    const name = { type: 'ExternalName', externalName: 'prometheus.monitoring.svc.cluster.local' };
    assert.equal(await askedOf(name).ask('hooks.test', '10.0.0.9'), false);
    // It was an ExternalName when it was called, and is none any more.
    assert.equal(await askedOf(PLAIN).ask('hooks.test', '10.0.0.9'), false);
    // Whose endpoints somebody writes by hand.
    assert.equal(await askedOf({ ...PLAIN, selector: {} }).ask('hooks.test', '10.0.0.7'), false);
    assert.equal(await askedOf({ ...PLAIN, clusterIPs: ['None'] }).ask('hooks.test', 'None'), false);
    assert.equal(await askedOf(new Error('404')).ask('hooks.test', '10.0.0.7'), false);
  });

  it('does not look for a Service of another namespace, but of those that all may read', async () => {
    const { ask, paths } = askedOf(PLAIN, ['load']);
    assert.equal(await ask('hooks.monitoring', '10.0.0.7'), false);
    assert.deepEqual(paths, []);
    assert.equal(await ask('tester.load', '10.0.0.7'), true);
    assert.deepEqual(paths, ['/api/v1/namespaces/load/services/tester']);
  });
});
