import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { AUTHOR_POLICIES, judgePolicies } from './policies.ts';

const file = join(import.meta.dirname, '..', '..', 'manifests', 'policies', 'canaries.yaml');
const found = <T>(items: readonly T[]) => ({ kind: 'found', value: { items } }) as const;

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly policyName?: string; readonly validationActions?: readonly string[] };
}

describe('the policies on authors of canaries', async () => {
  const documents = parseAllDocuments(await readFile(file, 'utf8')).map((document) => document.toJS() as Policy);
  const policies = documents.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  const bindings = documents.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

  it('are all that the manifests have', () => {
    assert.deepEqual(
      policies.map(({ metadata }) => metadata.name),
      [...AUTHOR_POLICIES],
    );
  });

  it('are right where all are installed and bound', () => {
    assert.equal(judgePolicies(found(policies), found(bindings)).verdict, 'ok');
  });

  it('are wrong where one is missing, or bound to nothing but a warning', () => {
    const { verdict, text, fix } = judgePolicies(found(policies.slice(1)), found(bindings));
    assert.deepEqual([verdict, text], ['fail', 'not installed: canaries.flagger.app']);
    assert.equal(fix, 'kubectl apply -k manifests/policies');
    const warning = bindings.map(({ spec, ...rest }) => ({ ...rest, spec: { ...spec, validationActions: ['Warn'] } }));
    assert.match(judgePolicies(found(policies), found(warning)).text, /^no binding with Deny: canaries\.flagger\.app/);
  });

  it('are not asked about by who may not, and cannot be there on an old API server', () => {
    assert.equal(judgePolicies({ kind: 'forbidden' }, found(bindings)).verdict, 'skip');
    assert.match(judgePolicies({ kind: 'missing' }, { kind: 'missing' }).text, /older than Kubernetes 1\.30/);
  });
});
