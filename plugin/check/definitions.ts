import { type Kind, schemas } from '../../api/generated/schemas.ts';
import { ALERT_PROVIDERS, CANARIES, CANARY_ACTIONS, METRIC_TEMPLATES } from '../../api/resources.ts';
import type { SchemaNode } from '../../api/schema-node.ts';
import { type Answer, ask, notAsked } from './ask.ts';
import { type CheckLine, fail, ok } from './check-line.ts';
import { firstNamed } from './first-named.ts';
import type { Site } from './site.ts';

const KINDS = [CANARIES, CANARY_ACTIONS, METRIC_TEMPLATES, ALERT_PROVIDERS] as const;
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const FIX = 'kubectl apply -k manifests/crd';
const [GROUP = '', VERSION = ''] = CANARIES.apiVersion.split('/');

/** A CustomResourceDefinition, as far as it is looked at. */
export interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema?: { readonly openAPIV3Schema?: SchemaNode };
    }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export function checkDefinitions({ transport, signal }: Site): Promise<readonly CheckLine[]> {
  return Promise.all(
    KINDS.map(async ({ kind, plural }) => {
      const answer = await ask<Definition>(transport, { path: `${PATH}/${plural}.${GROUP}`, signal });
      return judgeDefinition(kind, plural, answer);
    }),
  );
}

export function judgeDefinition(kind: Kind, plural: string, answer: Answer<Definition>): CheckLine {
  const name = `definition of ${kind}`;
  if (answer.kind === 'forbidden') return notAsked(name, 'read CustomResourceDefinitions');
  if (answer.kind === 'missing') return fail(name, `there is no ${plural}.${GROUP}`, FIX);
  const { spec, status } = answer.value;
  const served = spec.versions.find((version) => version.name === VERSION && version.served);
  if (served === undefined) return fail(name, `${VERSION} is not served`, FIX);
  const isEstablished = status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True');
  if (isEstablished !== true) return fail(name, 'it is not established', `kubectl describe crd ${plural}.${GROUP}`);
  const missing = [...missingFields(withoutMeta(schemas[kind]), served.schema?.openAPIV3Schema ?? {}, '')];
  if (missing.length === 0) return ok(name, `established, ${VERSION} is served`);
  return fail(name, `it is of another version: it lacks ${firstNamed(missing)}`, FIX);
}

/** What every object has is the API server's own. */
function withoutMeta({ properties = {} }: SchemaNode): SchemaNode {
  const { apiVersion: _, kind: __, metadata: ___, ...own } = properties;
  return { properties: own };
}

/** Fields of ours that the other schema does not have; nothing is said of what is below such a field. */
function* missingFields(ours: SchemaNode, theirs: SchemaNode, path: string): Iterable<string> {
  for (const [field, node] of Object.entries(ours.properties ?? {})) {
    const there = theirs.properties?.[field];
    const place = path === '' ? field : `${path}.${field}`;
    if (there === undefined) yield place;
    else yield* missingFields(node, there, place);
  }
  if (ours.items !== undefined) yield* missingFields(ours.items, theirs.items ?? {}, `${path}[]`);
  if (ours.additionalProperties !== undefined)
    yield* missingFields(ours.additionalProperties, theirs.additionalProperties ?? {}, `${path}.*`);
}
