import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseNames } from './names.ts';

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } as const;
const spec = { progressDeadlineSeconds: 600 };

describe('releaseNames', () => {
  it('are made from the target', () => {
    assert.deepEqual(releaseNames({ ...spec, targetRef: target }), {
      target,
      primary: 'podinfo-primary',
      apexService: 'podinfo',
      primaryService: 'podinfo-primary',
      canaryService: 'podinfo-canary',
      adopted: false,
    });
  });

  it('follow the name of the Service where it has one', () => {
    const names = releaseNames({ ...spec, targetRef: target, service: { name: 'web', port: 80, portName: 'http' } });
    assert.deepEqual(
      [names.apexService, names.primaryService, names.canaryService],
      ['web', 'web-primary', 'web-canary'],
    );
    assert.equal(names.primary, 'podinfo-primary');
  });

  it('are the user’s own in the layout of 2018', () => {
    const [primary, canary] = [
      { name: 'podinfo', host: 'stable' },
      { name: 'podinfo-canary', host: 'next' },
    ];
    assert.deepEqual(releaseNames({ ...spec, primary, canary, virtualService: { name: 'routes' } }), {
      target: { ...target, name: 'podinfo-canary' },
      primary: 'podinfo',
      apexService: 'routes',
      primaryService: 'stable',
      canaryService: 'next',
      adopted: true,
    });
  });

  it('are not there for a canary that is not valid', () => assert.throws(() => releaseNames(spec), TypeError));
});
