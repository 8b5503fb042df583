// The policies on authors know of every place in which an object names another, and of every kind that a canary makes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type Kind, schemas } from '../api/generated/schemas.ts';
import { ABILITIES, type Provider } from '../api/provider-abilities.ts';
import type { SchemaNode } from '../api/schema-node.ts';
import { routerOf } from '../controller/router/routers.ts';

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly validations?: readonly { readonly expression: string }[] };
}

const file = join(import.meta.dirname, '..', 'manifests', 'policies', 'canaries.yaml');
const policies = parseAllDocuments(await readFile(file, 'utf8')).map((document) => document.toJS() as Policy);
const policy = (name: string) =>
  policies.find(({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === name);

/** `edit` lacks them by Kubernetes' own choice, and Services are asked of every canary. */
const NOT_ASKED = ['endpointslices', 'services'];

describe('the policies on authors', () => {
  for (const name of ['canaries.flagger.app', 'installed-defaults.canaries.flagger.app']) {
    for (const provider of Object.keys(ABILITIES) as readonly Provider[]) {
      it(`ask for the routes of ${provider} in ${name}`, () => {
        const written = (routerOf(provider)?.resources ?? []).filter(({ plural }) => !NOT_ASKED.includes(plural));
        const asked = (policy(name)?.spec.validations ?? [])
          .map(({ expression }) => expression)
          .filter((expression) => expression.includes('variables.provider in') && expression.includes(`'${provider}'`))
          .flatMap((expression) => /resource\('(\w+)'\).*check\('(\w+)'\)/.exec(expression)?.slice(1).join(' ') ?? []);
        assert.deepEqual(
          asked,
          written.flatMap(({ plural }) => [`${plural} create`, `${plural} patch`]),
        );
      });
    }
  }

  it('know of every field that names another object with something to read in it', () => {
    const paths = (Object.keys(schemas) as readonly Kind[]).flatMap((kind) =>
      [...references(schemas[kind], '')].map((path) => `${kind}${path}`),
    );
    assert.deepEqual(paths, [
      'AlertProvider.spec.secretRef',
      'Canary.spec.analysis.metrics[].templateRef',
      'Canary.spec.analysis.alerts[].providerRef',
      'Canary.spec.analysis.webhooks[].headers[].valueFrom.secretKeyRef',
      'MetricTemplate.spec.provider.secretRef',
    ]);
  });
});

function* references({ properties = {}, items, additionalProperties }: SchemaNode, path: string): Iterable<string> {
  for (const [name, node] of Object.entries(properties)) {
    // The others are of kinds that no router drives yet, or that the author has to be able to change.
    const isOther = ['targetRef', 'autoscalerRef', 'ingressRef', 'routeRef', 'upstreamRef', 'backendRef'].includes(
      name,
    );
    if (name.endsWith('Ref') && !isOther) yield `${path}.${name}`;
    else yield* references(node, `${path}.${name}`);
  }
  if (items !== undefined) yield* references(items, `${path}[]`);
  if (additionalProperties !== undefined) yield* references(additionalProperties, `${path}{}`);
}
