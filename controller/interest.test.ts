import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { createInterest } from './interest.ts';

function canary(target: string, service?: string, namespace = 'test'): Canary {
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: target } as const;
  const spec = { targetRef, service: { port: 80, ...(service !== undefined && { name: service }) } };
  return { metadata: { name: target, namespace }, spec } as unknown as Canary;
}

describe('the canaries that share a name with another', () => {
  const interest = createInterest();
  const set = (key: string, of: Canary | undefined) => interest.set(key, of);
  set('test/web', canary('web'));
  set('test/same', canary('web', 'other'));
  set('test/of-its-primary', canary('web-primary', 'third'));
  set('test/of-its-service', canary('app', 'web-canary'));
  set('test/apart', canary('shop'));
  set('elsewhere/web', canary('web', undefined, 'elsewhere'));

  it('are those of its workloads and Services, in its namespace', () =>
    assert.deepEqual(interest.sharing(canary('web')).toSorted(), [
      ...['test/of-its-primary', 'test/of-its-service', 'test/same', 'test/web'],
    ]));

  it('are not those that are gone or have other names now', () => {
    set('test/same', undefined);
    set('test/of-its-service', canary('app'));
    assert.deepEqual(interest.sharing(canary('web')).toSorted(), ['test/of-its-primary', 'test/web']);
    assert.deepEqual(interest.sharing(canary('app')), ['test/of-its-service']);
  });

  it('are none of one that cannot be read', () =>
    assert.deepEqual(
      interest.sharing({ metadata: { name: 'x', namespace: 'test' }, spec: {} } as unknown as Canary),
      [],
    ));
});
