import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../../api/generated/canary.ts';
import { copyName, copyOf, formerCopyName, isCopyName, withCopies } from './config-copies.ts';
import { configDigest, hasSameContents } from './config-object.ts';
import type { PodTemplate } from './workload.ts';

const canaryOf = (uid: string) => ({ metadata: { name: 'podinfo', namespace: 'test', uid } }) as Canary;
const canary = canaryOf('u');
const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];
const meta = { name: 'env', namespace: 'test', uid: '1', resourceVersion: '1' };

describe('the name of a copy', () => {
  it('says what is in it and whose it is', () => {
    const name = copyName(canary, 'env', A);
    assert.match(name, /^env-primary-[0-9a-f]{32}$/);
    assert.match(formerCopyName(canary, 'env', A), /^env-primary-[0-9a-f]{10}$/);
    assert.ok(isCopyName(name) && isCopyName(formerCopyName(canary, 'env', A)) && !isCopyName('env-primary'));
    assert.equal(copyName(canary, 'env', A), name);
    for (const other of [copyName(canary, 'env', B), copyName(canaryOf('v'), 'env', A), copyName(canary, 'en', A)])
      assert.notEqual(other, name);
  });

  it('is one that the API server takes, however long the other is', () => {
    for (const length of [230, 235, 253]) {
      const name = copyName(canary, `${'x'.repeat(length - 2)}.y`, A);
      assert.ok(
        name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name),
        name,
      );
    }
    const names = ['y', 'z'].map((end) => copyName(canary, `${'x'.repeat(250)}${end}`, A));
    assert.notEqual(names[0], names[1]);
  });
});

describe('a copy', () => {
  it('has all that pods read, cannot be changed, and has of the labels those that are asked for', () => {
    const source = {
      metadata: { ...meta, labels: { team: 'blue', 'kustomize.toolkit.fluxcd.io/name': 'x', other: 'y' } },
      ...{ data: { a: 'b' }, binaryData: { c: 'AAEC' } },
    };
    assert.deepEqual(copyOf(canary, 'ConfigMap', source, A, { includeLabelPrefixes: ['team', 'kustomize'] }), {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', immutable: true, data: { a: 'b' }, binaryData: { c: 'AAEC' } },
      metadata: {
        ...{ name: copyName(canary, 'env', A), namespace: 'test' },
        labels: { team: 'blue', 'flagger.app/canary': 'podinfo' },
      },
    });
    const secret = { metadata: meta, type: 'kubernetes.io/tls', data: { 'tls.key': 'eA==' } };
    assert.equal(copyOf(canary, 'Secret', secret, A, { includeLabelPrefixes: [] })['type'], 'kubernetes.io/tls');
  });

  it('stands in the place of what it is a copy of, also where that was absent', () => {
    const containers = ['env', 'maybe', 'live'].map((name) => ({ name, envFrom: [{ configMapRef: { name } }] }));
    const template = { spec: { containers } } as unknown as PodTemplate;
    const { spec } = withCopies(canary, template, {
      'configmap/env': A,
      'configmap/maybe': 'absent',
      'secret/live': B,
    });
    const renamed = (spec?.containers ?? []) as unknown as typeof containers;
    const names = renamed.map(({ envFrom }) => envFrom[0]?.configMapRef.name);
    assert.deepEqual(names, [copyName(canary, 'env', A), copyName(canary, 'maybe', 'absent'), 'live']);
    assert.deepEqual(withCopies(canary, template), template);
  });
});

describe('the digest of contents', () => {
  it('is another one for other contents, binary ones too, and not for other metadata', () => {
    const digest = (more: object) => configDigest('ConfigMap', { metadata: meta, data: { a: 'b' }, ...more });
    const same = digest({});
    assert.match(same ?? '', /^[0-9a-f]{64}$/);
    assert.equal(digest({ metadata: { ...meta, resourceVersion: '2', uid: '2', labels: { a: 'b' } } }), same);
    for (const more of [{ data: { a: 'c' } }, { data: {} }, { binaryData: { a: 'AAEC' } }])
      assert.notEqual(digest(more), same);
  });

  it('of a Secret cannot be guessed by who does not know its uid', () => {
    const of = (uid: string, value: string) =>
      configDigest('Secret', { metadata: { ...meta, uid }, type: 'Opaque', data: { password: value } });
    assert.equal(of('1', 'eA=='), of('1', 'eA=='));
    assert.notEqual(of('1', 'eA=='), of('2', 'eA=='));
    assert.notEqual(of('1', 'eA=='), of('1', 'eQ=='));
  });

  it('is none of a Secret that people do not write', () => {
    const of = (type: string) => configDigest('Secret', { metadata: meta, type });
    for (const type of ['Opaque', 'kubernetes.io/basic-auth', 'kubernetes.io/ssh-auth', 'kubernetes.io/tls'])
      assert.notEqual(of(type), undefined, type);
    for (const type of ['kubernetes.io/dockerconfigjson', 'kubernetes.io/service-account-token', 'helm.sh/release.v1'])
      assert.equal(of(type), undefined, type);
  });

  it('does not tell a copy from what it is a copy of', () => {
    assert.ok(
      hasSameContents({ metadata: meta, data: { a: 'b' } }, { metadata: { ...meta, uid: '2' }, data: { a: 'b' } }),
    );
    assert.ok(!hasSameContents({ metadata: meta, data: { a: 'b' } }, { metadata: meta, binaryData: { a: 'b' } }));
  });
});
