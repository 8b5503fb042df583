import { alertProviderRules } from './alert-provider-rules.ts';
import { canaryActionRules } from './canary-action-rules.ts';
import { canaryRules } from './canary-rules.ts';
import { withDefaults } from './defaults.ts';
import type { Finding, Rule } from './finding.ts';
import type { Kind } from './generated/schemas.ts';
import { metricTemplateRules } from './metric-template-rules.ts';
import { validateSchema } from './validate-schema.ts';

/**
 * Everything that is wrong in an object of ours by itself, as the API server finds it with the definition alone: what its
 * schema refuses, and when it has the schema's shape, what the rules between its fields say. The object may be anything
 * that JSON can be; what needs other objects or the controller's options is not looked at.
 */
export function validate(kind: Kind, object: unknown): readonly Finding[] {
  const whole = withDefaults(kind, object);
  const findings = validateSchema(kind, whole);
  // A field that nobody knows is in no rule's way; anything else the rules would trip over.
  if (findings.some((finding) => !finding.unknownField)) return findings;
  return [...findings, ...rules[kind].flatMap((rule) => [...rule(whole as never)])];
}

const rules: Readonly<Record<Kind, readonly Rule<never>[]>> = {
  AlertProvider: alertProviderRules,
  Canary: canaryRules,
  CanaryAction: canaryActionRules,
  MetricTemplate: metricTemplateRules,
};
