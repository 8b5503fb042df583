import { describe, it } from 'node:test';
import { assertGolden } from './golden-file.ts';
import { ago, NOW } from './pretend-releases.ts';
import { type TreeNode, treeLines } from './tree-lines.ts';

const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;

const TREE: TreeNode = {
  ...{ kind: 'Canary', name: 'podinfo', createdAt: ago(90_000), note: 'Progressing' },
  children: [
    {
      ...{ kind: 'Deployment', name: 'podinfo', createdAt: ago(90_000), pods: { wanted: 2, ready: 1 } },
      note: 'target, ghcr.io/stefanprodan/podinfo:6.0.1',
      children: [
        {
          kind: 'ReplicaSet',
          name: 'podinfo-6d4b75cb6d',
          createdAt: ago(60),
          pods: { wanted: 2, ready: 1 },
          children: [],
        },
      ],
    },
    { kind: 'Deployment', name: 'podinfo-primary', note: 'primary, not there', children: [] },
    { kind: 'Service', name: 'podinfo', createdAt: ago(90_000), children: [] },
    { kind: '', name: '', problem: 'secrets could not be read: secrets is forbidden', children: [] },
    {
      kind: 'CanaryAction',
      name: 'podinfo-pause-x7k2p',
      createdAt: ago(30),
      note: 'pause by jane: Done',
      children: [],
    },
  ],
};

describe('the objects of a canary', () => {
  it('are shown as a tree, in which what could not be read says so in its place', () =>
    assertGolden('tree', isUpdated, (look) => treeLines(TREE, { now: NOW, look })));
});
