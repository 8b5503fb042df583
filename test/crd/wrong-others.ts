// MetricTemplates, AlertProviders and CanaryActions that are wrong in one place.
import { action, alertProvider, template } from './manifest.ts';
import { byRule, bySchema, unknownField, type Wrong } from './wrong.ts';

export const wrongOthers: readonly Wrong[] = [
  bySchema('a template without a query', template({}, { query: null }), 'spec.query', 'required'),
  bySchema('a template with an empty query', template({}, { query: '' }), 'spec.query', 'it is empty'),
  bySchema('a template without a provider type', template({ type: null }), 'spec.provider.type', 'required'),
  bySchema(
    'a metric provider that is none',
    template({ type: 'promethues' }),
    'spec.provider.type',
    'did you mean prometheus?',
  ),
  byRule(
    'Prometheus without an address',
    template({ address: null }),
    'spec.provider.address',
    'write the URL of prometheus',
  ),
  byRule(
    'Prometheus without a scheme',
    template({ address: 'prometheus:9090' }),
    'spec.provider.address',
    'write a URL',
  ),
  byRule(
    'CloudWatch without a region',
    template({ type: 'cloudwatch', address: null }),
    'spec.provider.region',
    'write the region',
  ),
  byRule(
    'Datadog without credentials',
    template({ type: 'datadog', address: null }),
    'spec.provider.secretRef',
    'the credentials of datadog',
  ),
  bySchema('a Secret without a name', template({ secretRef: {} }), 'spec.provider.secretRef.name', 'required'),
  bySchema(
    'a header that is no list',
    template({ headers: { 'X-Scope-OrgID': 'a' } }),
    'spec.provider.headers.X-Scope-OrgID',
    'a list',
  ),
  byRule(
    'a Secret in upper case',
    template({ secretRef: { name: 'Token' } }),
    'spec.provider.secretRef.name',
    'lower case letters',
  ),
  byRule(
    'headers of more than 16 kB together',
    template({ headers: { a: ['x'.repeat(8000), 'x'.repeat(8000)], b: ['x'.repeat(385)] } }),
    'spec.provider.headers',
    'write at most 16384 characters',
  ),
  bySchema('a query of more than 16 kB', template({}, { query: 'x'.repeat(16_385) }), 'spec.query', 'at most 16384'),
  unknownField(
    'a Secret under another name',
    template({ secret: 'a' }),
    'spec.provider.secret',
    'did you mean secretRef?',
  ),

  bySchema('an alert provider without a type', alertProvider({ type: null }), 'spec.type', 'required'),
  bySchema('a chat that is none', alertProvider({ type: 'teams' }), 'spec.type', 'did you mean msteams?'),
  byRule('an alert provider without an address', alertProvider({ address: null }), 'spec', 'address or secretRef'),
  byRule(
    'an alert provider with two addresses',
    alertProvider({ secretRef: { name: 'hook' } }),
    'spec',
    'address or secretRef',
  ),
  byRule('an address that is no URL', alertProvider({ address: 'hooks.example.com' }), 'spec.address', 'write a URL'),
  byRule('a proxy that is no URL', alertProvider({ proxy: 'proxy:3128' }), 'spec.proxy', 'write a URL'),
  bySchema(
    'an alert provider whose Secret has no name',
    alertProvider({ address: null, secretRef: { name: '' } }),
    'spec.secretRef.name',
    'it is empty',
  ),
  byRule(
    'an alert provider whose Secret is in upper case',
    alertProvider({ address: null, secretRef: { name: 'Hook' } }),
    'spec.secretRef.name',
    'lower case letters',
  ),

  bySchema('an action without a canary', action({ canary: null }), 'spec.canary', 'required'),
  byRule('an action on a canary that is none', action({ canary: 'canary/podinfo' }), 'spec.canary', "an object's name"),
  bySchema('an action on whichever revision', action({ revision: null }), 'spec.revision', 'required'),
  bySchema('an action that is none', action({ action: 'rollback' }), 'spec.action', 'write one of promote'),
  byRule('a full abort', action({ full: true }), 'spec.full', 'only promote can be full'),
  byRule('an abort to a step', action({ toStep: 3 }), 'spec.toStep', 'only promote goes to a step'),
  byRule('an abort from a step', action({ fromStep: 3 }), 'spec.fromStep', 'only promote goes on from a step'),
  bySchema('a promotion from step -1', action({ action: 'promote', fromStep: -1 }), 'spec.fromStep', 'at least 0'),
  byRule(
    'a full promotion to a step',
    action({ action: 'promote', full: true, toStep: 3 }),
    'spec.toStep',
    'remove it or full',
  ),
  bySchema('a promotion to step 0', action({ action: 'promote', toStep: 0 }), 'spec.toStep', 'at least 1'),
  byRule(
    'a reason that sets a title',
    action({ reason: 'x\u001b]0;x\u0007' }),
    'spec.reason',
    'without control characters',
  ),
  byRule('a reason that turns around', action({ reason: 'x\u202ey' }), 'spec.reason', 'without control characters'),
  byRule(
    'a gate that clears the screen',
    action({ action: 'approve', gate: '\u001b[2J' }),
    'spec.gate',
    'without control characters',
  ),
  byRule('an abort of a gate', action({ gate: 'promotion' }), 'spec.gate', 'only approve and reject'),
];
