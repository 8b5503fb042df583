import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageNames, parseReference, resolveImage } from './images.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

for (const [reference, repository, tag] of [
  ['busybox', 'docker.io/library/busybox', 'latest'],
  ['stefanprodan/podinfo:6.0.0', 'docker.io/stefanprodan/podinfo', '6.0.0'],
  ['index.docker.io/a/b', 'docker.io/a/b', 'latest'],
  ['localhost:5000/a', 'localhost:5000/a', 'latest'],
  ['registry.k8s.io/coredns/coredns:v1.12.0', 'registry.k8s.io/coredns/coredns', 'v1.12.0'],
] as const) {
  test(`parseReference() reads ${reference}`, () => {
    assert.deepEqual(parseReference(reference), { repository, tag, digest: undefined });
  });
}

test('parseReference() takes a digest, with and without a tag', () => {
  assert.deepEqual(parseReference(`a@${DIGEST}`), {
    repository: 'docker.io/library/a',
    tag: undefined,
    digest: DIGEST,
  });
  assert.equal(parseReference(`a:1@${DIGEST}`)?.tag, '1');
});

test('parseReference() refuses what is not a reference', () => {
  for (const reference of ['', 'A/B', 'a b', 'x/a@sha256:12', 'x/a:'])
    assert.equal(parseReference(reference), undefined);
});

test('imageNames() gives names as a container runtime does', () => {
  const names = imageNames({ repository: 'docker.io/library/a', tag: '1', digest: undefined });
  assert.equal(names.image, 'docker.io/library/a:1');
  assert.match(names.imageID, /^docker\.io\/library\/a@sha256:[0-9a-f]{64}$/);
});

test('resolveImage() knows podinfo by its tags only', () => {
  const file = (name: string) => `/programs/${name}`;
  const image = resolveImage('ghcr.io/stefanprodan/podinfo:6.9.1', file);
  assert.equal(image?.kind, 'process');
  assert.equal(image?.kind === 'process' && image.files['/home/app/podinfo'], '/programs/podinfo-6.9.1');
  assert.equal(resolveImage('stefanprodan/podinfo:nope', file), undefined);
  assert.equal(
    resolveImage('stefanprodan/podinfo:6.9.1', () => undefined),
    undefined,
  );
  assert.deepEqual(resolveImage('scale.test/anything:1', file), { kind: 'instant' });
  assert.equal(resolveImage('nginx', file), undefined);
});
