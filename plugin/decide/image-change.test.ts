import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target } from '../cluster/target.ts';
import { imageChange, namesAndImages } from './image-change.ts';

const TARGET: Target = {
  metadata: { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '1', generation: 1 },
  spec: {
    template: {
      metadata: { labels: 'kept' },
      spec: {
        dnsPolicy: 'Default',
        containers: [
          { name: 'web', image: 'web:1' },
          { name: 'log', image: 'log:1' },
        ],
        initContainers: [{ name: 'init', image: 'init:1' }],
      },
    },
  },
};
const change = (images: Record<string, string>, reason?: string) =>
  imageChange(TARGET, new Map(Object.entries(images)), reason);

describe('namesAndImages()', () => {
  it('tells canaries from images, also with a registry’s port and a digest', () => {
    const { names, images } = namesAndImages(['podinfo', 'web=host:5000/web@sha256:ab', 'shop', '*=x:1']);
    assert.deepEqual(
      [names, [...images]],
      [
        ['podinfo', 'shop'],
        [
          ['web', 'host:5000/web@sha256:ab'],
          ['*', 'x:1'],
        ],
      ],
    );
  });

  it('refuses what is no image', () => {
    assert.throws(() => namesAndImages(['podinfo']), /say which image/);
    assert.throws(() => namesAndImages(['podinfo', 'web=']), /write CONTAINER=IMAGE in place of "web="/);
    assert.throws(() => namesAndImages(['podinfo', '=x']), /write CONTAINER=IMAGE/);
    assert.throws(() => namesAndImages(['web=a', 'web=b']), /container web has two images/);
  });
});

describe('imageChange()', () => {
  it('patches the containers that change, of this very object', () => {
    assert.deepEqual(change({ web: 'web:2', log: 'log:1' })?.patch, {
      contentType: 'application/strategic-merge-patch+json',
      body: { metadata: { uid: 'u' }, spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } },
    });
  });

  it('changes all of them for a star, but for those that are named', () => {
    const { template } = change({ '*': 'x:1', log: 'log:2' }) ?? {};
    const { containers = [], initContainers = [], dnsPolicy } = template?.spec ?? {};
    const images = [...containers, ...initContainers].map(({ image }) => image);
    assert.deepEqual([images, dnsPolicy], [['x:1', 'log:2', 'x:1'], 'Default']);
  });

  it('is none where they are so already, and says which containers there are', () => {
    assert.equal(change({ web: 'web:1', init: 'init:1' }), undefined);
    assert.throws(() => change({ wbe: 'web:2' }), /there is no container wbe: there are web, log, init/);
  });

  it('says the reason where kubectl shows it', () => {
    const body = change({ web: 'web:2' }, 'why')?.patch.body as { metadata: object };
    assert.deepEqual(body.metadata, { uid: 'u', annotations: { 'kubernetes.io/change-cause': 'why' } });
  });
});
