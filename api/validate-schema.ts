import type { ErrorObject, ValidateFunction } from 'ajv';
import { fieldPath } from './field-path.ts';
import type { Finding } from './finding.ts';
import { type Kind, schemas } from './generated/schemas.ts';
import { createAjv } from './kubernetes-vocabulary.ts';
import { outsized } from './outsized.ts';
import { schemaMessage } from './schema-message.ts';
import type { SchemaNode } from './schema-node.ts';
import { strictSchema } from './strict-schema.ts';

/** Nobody reads more, and a manifest of megabytes may have hundreds of thousands. */
const MAX_ERRORS = 100;

const ajv = createAjv();
/** Compiled when first needed, as a program seldom needs all of them. */
const compiled = new Map<Kind, ValidateFunction>();

export interface SchemaFinding extends Finding {
  /** The field is not in the schema: the API server would drop it, kubectl refuses it. */
  readonly unknownField: boolean;
}

/**
 * What the definition's schema refuses in an object of this kind, and fields that it does not know; the first hundred.
 * Where something is larger than its schema allows, only that is said, as the API server does. Cross-field rules are left to
 * `validate`. The object may be anything that JSON can be.
 */
export function validateSchema(kind: Kind, object: unknown): readonly SchemaFinding[] {
  const tooLarge = outsized(object, schemas[kind]);
  if (tooLarge.length > 0) return tooLarge.map((finding) => ({ ...finding, unknownField: false }));
  const check = validatorOf(kind);
  if (check(object)) return [];
  const findings = new Map<string, SchemaFinding>();
  for (const error of (check.errors ?? []).slice(0, MAX_ERRORS)) {
    const path = pathOf(error, schemas[kind]);
    // What is empty breaks its pattern too, which needs no word of its own.
    if (findings.has(path)) continue;
    findings.set(path, { path, message: schemaMessage(error), unknownField: error.keyword === 'additionalProperties' });
  }
  return [...findings.values()];
}

function validatorOf(kind: Kind): ValidateFunction {
  let check = compiled.get(kind);
  if (check === undefined) {
    check = ajv.compile(strictSchema(schemas[kind]));
    compiled.set(kind, check);
  }
  return check;
}

/** The field that the error is about, which for a missing or an unknown one is below the object that ajv names. */
function pathOf({ instancePath, params }: ErrorObject, schema: SchemaNode): string {
  const { missingProperty, additionalProperty, index } = params as {
    readonly missingProperty?: string;
    readonly additionalProperty?: string;
    readonly index?: number;
  };
  const below = missingProperty ?? additionalProperty ?? index?.toString();
  const pointer = below === undefined ? '' : `/${below.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return fieldPath(instancePath + pointer, schema);
}
