// The manifests of this folder against the rules in TypeScript. test/e2e/crd has them against an API server with the
// definitions: where both agree on each, so do CEL and TypeScript.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { alertProviderRules } from '../../api/alert-provider-rules.ts';
import { canaryActionRules } from '../../api/canary-action-rules.ts';
import { canaryRules } from '../../api/canary-rules.ts';
import { withDefaults } from '../../api/defaults.ts';
import type { Rule } from '../../api/finding.ts';
import { type Kind, schemas } from '../../api/generated/schemas.ts';
import { metricTemplateRules } from '../../api/metric-template-rules.ts';
import type { CelRule, SchemaNode } from '../../api/schema-node.ts';
import { validate } from '../../api/validate.ts';
import { validateSchema } from '../../api/validate-schema.ts';
import { readDefinitions } from '../../manifests/generate/definitions.ts';
import { examples, rightManifests } from './right.ts';
import { wrongInACluster } from './wrong-in-a-cluster.ts';
import { wrongManifests } from './wrong-manifests.ts';

const definitions = await readDefinitions(join(import.meta.dirname, '..', '..', 'manifests', 'crd'));
const right = [...rightManifests, ...(await examples())];
const rules: Readonly<Record<Kind, readonly Rule<never>[]>> = {
  AlertProvider: alertProviderRules,
  Canary: canaryRules,
  CanaryAction: canaryActionRules,
  MetricTemplate: metricTemplateRules,
};

describe('a wrong manifest', () => {
  for (const { why, manifest, path, says } of wrongManifests) {
    it(`is refused: ${manifest.kind}, ${why}`, () => {
      const findings = validate(manifest.kind, manifest);
      assert.deepEqual(
        findings.map((finding) => finding.path),
        [path],
      );
      assert.ok(findings[0]!.message.includes(says), findings[0]!.message);
    });
  }
});

describe('a right manifest', () => {
  for (const { what, manifest } of right) {
    it(`is accepted: ${manifest.kind}, ${what}`, () => assert.deepEqual(validate(manifest.kind, manifest), []));
  }
  for (const { why, manifest } of wrongInACluster) {
    it(`is left to the webhook: ${manifest.kind}, ${why}`, () =>
      assert.deepEqual(validate(manifest.kind, manifest), []));
  }
});

describe('the table', () => {
  it('has 80 wrong and 40 right manifests at least, each with a name of its own', () => {
    const names = [...wrongManifests.map(({ why }) => why), ...right.map(({ what }) => what)];
    assert.ok(wrongManifests.length >= 80 && right.length >= 40);
    assert.equal(new Set(names).size, names.length);
  });

  it('has an example for each provider', () => {
    const providers = right.map(({ manifest }) => manifest.spec['provider']);
    const known = schemas.Canary.properties?.['spec']?.properties?.['provider']?.enum ?? [];
    assert.deepEqual(
      known.filter((provider) => !providers.includes(provider)),
      [],
    );
  });

  // With that, a rule of the definitions that TypeScript has not, or has in other words, is found.
  for (const { kind, schema } of definitions) {
    const said = wrongManifests
      .filter(({ manifest }) => manifest.kind === kind)
      .flatMap(({ manifest }) => validate(manifest.kind, manifest).map((finding) => finding.message));
    for (const pattern of new Set(celRules(schema).map(messagePattern))) {
      it(`shows the rule of ${kind}: ${pattern}`, () =>
        assert.ok(said.some((message) => new RegExp(pattern).test(message))));
    }
  }

  for (const [kind, ofKind] of Object.entries(rules)) {
    const candidates = wrongManifests
      .map(({ manifest }) => manifest)
      .filter(
        (manifest) =>
          manifest.kind === kind && validateSchema(manifest.kind, withDefaults(manifest.kind, manifest)).length === 0,
      )
      .map((manifest) => withDefaults(manifest.kind, manifest) as never);
    for (const rule of ofKind) {
      it(`shows ${rule.name}`, () => assert.ok(candidates.some((candidate) => [...rule(candidate)].length > 0)));
    }
  }
});

/** The rules of a schema, but for those about a change, which no single manifest can break. */
function celRules(node: SchemaNode): readonly CelRule[] {
  const below = [...Object.values(node.properties ?? {}), node.items, node.additionalProperties];
  const own = (node['x-kubernetes-validations'] ?? []).filter(({ rule }) => rule?.includes('oldSelf') !== true);
  return [...own, ...below.flatMap((child) => (child === undefined ? [] : celRules(child)))];
}

/** `'write the URL of ' + self.type`: ^write the URL of .*$ */
function messagePattern({ message, messageExpression }: CelRule): string {
  const literals = messageExpression?.split(/ \+ self\.\w+(?: \+ |$)/).map((literal) => literal.replaceAll("'", ''));
  const escaped = (literals ?? [message]).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `^${escaped.join('.*')}$`;
}
