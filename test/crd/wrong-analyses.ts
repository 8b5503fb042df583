// Canaries whose analysis is wrong in one place: steps, metrics, hooks and alerts.
import { analysis, blueGreen, headers, hooks, metrics } from './manifest.ts';
import { byRule, bySchema, unknownField, type Wrong } from './wrong.ts';

const steps: readonly Wrong[] = [
  byRule('no strategy', analysis({ stepWeight: null }), 'spec.analysis', 'write exactly one of'),
  byRule('steps of two kinds', analysis({ stepWeights: [10, 50] }), 'spec.analysis', 'write exactly one of'),
  byRule('weights and iterations', analysis({ iterations: 10 }), 'spec.analysis', 'write exactly one of'),
  byRule(
    'a hook whose name sets the title of a terminal',
    analysis({ webhooks: [{ name: 'x\u001b]0;x\u0007', url: 'http://hooks.test/' }] }),
    'spec.analysis.webhooks[0].name',
    'without control characters',
  ),
  byRule(
    'a metric whose name clears the screen',
    metrics({ name: '\u001b[2J', templateRef: { name: 'error-rate' } }),
    'spec.analysis.metrics[0].name',
    'without control characters',
  ),
  byRule(
    'an alert whose name turns around',
    analysis({ alerts: [{ name: 'x\u202ey', providerRef: { name: 'slack' } }] }),
    'spec.analysis.alerts[0].name',
    'without control characters',
  ),
  bySchema('no interval', analysis({ interval: null }), 'spec.analysis.interval', 'required'),
  bySchema('no threshold', analysis({ threshold: null }), 'spec.analysis.threshold', 'required'),
  bySchema(
    'a threshold that is reached before the first check',
    analysis({ threshold: 0 }),
    'spec.analysis.threshold',
    'at least 1',
  ),
  bySchema('half a threshold', analysis({ threshold: 2.5 }), 'spec.analysis.threshold', 'a whole number'),
  byRule('an interval in words', analysis({ interval: '1min' }), 'spec.analysis.interval', 'write a duration'),
  byRule('an interval without a unit', analysis({ interval: '60' }), 'spec.analysis.interval', 'write a duration'),
  byRule('an interval of days', analysis({ interval: '1d' }), 'spec.analysis.interval', 'write a duration'),
  byRule(
    'an interval that is too short to measure',
    analysis({ interval: '500ms' }),
    'spec.analysis.interval',
    'from 1s to 168h',
  ),
  byRule('an interval of months', analysis({ interval: '1000h' }), 'spec.analysis.interval', 'from 1s to 168h'),
  bySchema('an interval as a number', analysis({ interval: 30 }), 'spec.analysis.interval', 'a text'),
  bySchema('a step of nothing', analysis({ stepWeight: 0 }), 'spec.analysis.stepWeight', 'at least 1'),
  bySchema('a step backwards', analysis({ stepWeight: -10 }), 'spec.analysis.stepWeight', 'at least 1'),
  bySchema(
    'a step past 100',
    analysis({ stepWeight: 120, maxWeight: null }),
    'spec.analysis.stepWeight',
    'at most 100',
  ),
  byRule('a step past maxWeight', analysis({ stepWeight: 60 }), 'spec.analysis.stepWeight', 'at most the maxWeight'),
  bySchema('a greatest weight of 0', analysis({ maxWeight: 0 }), 'spec.analysis.maxWeight', 'at least 1'),
  bySchema('a greatest weight past 100', analysis({ maxWeight: 101 }), 'spec.analysis.maxWeight', 'at most 100'),
  bySchema('no weights', weights([]), 'spec.analysis.stepWeights', 'at least 1'),
  byRule('weights that fall', weights([10, 50, 40]), 'spec.analysis.stepWeights', 'weights that rise'),
  byRule('weights that stay', weights([10, 10, 50]), 'spec.analysis.stepWeights', 'weights that rise'),
  bySchema('weights past 100', weights([1, 2, 10, 200]), 'spec.analysis.stepWeights[3]', 'at most 100'),
  bySchema('weights from 0', weights([0, 50]), 'spec.analysis.stepWeights[0]', 'at least 1'),
  bySchema('weights in a text', weights('10,50'), 'spec.analysis.stepWeights', 'a list'),
  bySchema('no iterations', blueGreen({ iterations: 0 }), 'spec.analysis.iterations', 'at least 1'),
  bySchema(
    'a way back of more than all',
    analysis({ stepWeightPromotion: 101 }),
    'spec.analysis.stepWeightPromotion',
    'at most 100',
  ),
  bySchema(
    'more than all pods ready',
    analysis({ primaryReadyThreshold: 110 }),
    'spec.analysis.primaryReadyThreshold',
    'at most 100',
  ),
  bySchema(
    'less than no pods ready',
    analysis({ canaryReadyThreshold: -1 }),
    'spec.analysis.canaryReadyThreshold',
    'at least 0',
  ),
  bySchema('a drain of hours', analysis({ drainSeconds: 7200 }), 'spec.analysis.drainSeconds', 'at most 3600'),
  byRule(
    'a share of mirroring that is not on',
    blueGreen({ mirrorWeight: 50 }),
    'spec.analysis.mirrorWeight',
    'mirror: true',
  ),
  bySchema(
    'a mirror of nothing',
    blueGreen({ mirror: true, mirrorWeight: 0 }),
    'spec.analysis.mirrorWeight',
    'at least 1',
  ),
  bySchema(
    'a header without a condition',
    blueGreen({ match: [{ headers: { 'x-canary': {} } }] }),
    'spec.analysis.match[0].headers.x-canary',
    'at least 1',
  ),
  bySchema(
    'a header with two conditions',
    blueGreen({ match: [{ headers: { cookie: { exact: 'a', regex: 'b' } } }] }),
    'spec.analysis.match[0].headers.cookie',
    'at most 1',
  ),
  unknownField('a misspelt step', analysis({ stepWeigth: 10 }), 'spec.analysis.stepWeigth', 'did you mean stepWeight'),
];

const measured: readonly Wrong[] = [
  bySchema('a metric without a name', metrics({ name: null }), 'spec.analysis.metrics[0].name', 'required'),
  bySchema('two metrics of one name', metrics({}, {}), 'spec.analysis.metrics[1]', 'is there already'),
  byRule(
    'a metric that is not built in',
    metrics({ name: 'error-rate' }),
    'spec.analysis.metrics[0].templateRef',
    'write the MetricTemplate',
  ),
  byRule(
    'a metric with two sources',
    metrics({ name: 'error-rate', query: 'up', templateRef: { name: 'error-rate' } }),
    'spec.analysis.metrics[0].query',
    'one source',
  ),
  bySchema(
    'a template without a name',
    metrics({}, { name: 'error-rate', templateRef: { namespace: 'monitoring' } }),
    'spec.analysis.metrics[1].templateRef.name',
    'required',
  ),
  byRule(
    'a metric without a limit',
    metrics({ thresholdRange: null }),
    'spec.analysis.metrics[0].thresholdRange',
    'write a thresholdRange',
  ),
  byRule(
    'a range without an end',
    metrics({ thresholdRange: { min: null } }),
    'spec.analysis.metrics[0].thresholdRange',
    'every value passes',
  ),
  byRule(
    'a range that nothing is in',
    metrics({ thresholdRange: { min: 99, max: 1 } }),
    'spec.analysis.metrics[0].thresholdRange.min',
    'not over max',
  ),
  byRule('two limits', metrics({ threshold: 99 }), 'spec.analysis.metrics[0].threshold', 'remove threshold'),
  bySchema(
    'a limit as a text',
    metrics({ thresholdRange: { min: '99' } }),
    'spec.analysis.metrics[0].thresholdRange.min',
    'a number',
  ),
  byRule(
    'a metric interval without a unit',
    metrics({ interval: '1' }),
    'spec.analysis.metrics[0].interval',
    'write a duration',
  ),
  bySchema(
    'no data that is ignored',
    metrics({ onNoData: 'ignore' }),
    'spec.analysis.metrics[0].onNoData',
    'fail, hold, pass',
  ),
  bySchema('an error that passes', metrics({ onError: 'pass' }), 'spec.analysis.metrics[0].onError', 'fail, hold'),
  unknownField(
    'a limit under another name',
    metrics({ thresholdRange: { minimum: 99 } }),
    'spec.analysis.metrics[0].thresholdRange.minimum',
    'there are min, max',
  ),
];

const hooked: readonly Wrong[] = [
  bySchema('a hook without a name', hooks({ name: null }), 'spec.analysis.webhooks[0].name', 'required'),
  bySchema(
    'two hooks of one name',
    hooks({}, { type: 'pre-rollout' }),
    'spec.analysis.webhooks[1]',
    'is there already',
  ),
  bySchema(
    'a hook type that is none',
    hooks({ type: 'prerollout' }),
    'spec.analysis.webhooks[0].type',
    'did you mean pre-rollout?',
  ),
  byRule(
    'approvers of a gate that is asked over HTTP',
    hooks({ type: 'confirm-promotion', approvers: 'notAuthor' }),
    'spec.analysis.webhooks[0].approvers',
    'remove it',
  ),
  bySchema(
    'approvers of another kind',
    hooks({ type: 'confirm-promotion', url: null, approvers: 'jane' }),
    'spec.analysis.webhooks[0].approvers',
    'anyone',
  ),
  byRule('a hook that nobody is called by', hooks({ url: null }), 'spec.analysis.webhooks[0].url', 'write the URL'),
  byRule(
    'an event hook without a URL',
    hooks({ type: 'event', url: null }),
    'spec.analysis.webhooks[0].url',
    'write the URL',
  ),
  byRule(
    'a hook without a scheme',
    hooks({ url: 'load-tester.test/' }),
    'spec.analysis.webhooks[0].url',
    'write a URL',
  ),
  byRule(
    'a hook of another scheme',
    hooks({ url: 'ftp://load-tester.test/' }),
    'spec.analysis.webhooks[0].url',
    'write a URL',
  ),
  byRule('a hook without a host', hooks({ url: 'http:///gate' }), 'spec.analysis.webhooks[0].url', 'write a URL'),
  byRule(
    'a hook timeout in words',
    hooks({ timeout: '30 seconds' }),
    'spec.analysis.webhooks[0].timeout',
    'write a duration',
  ),
  byRule('a hook timeout of nothing', hooks({ timeout: '0s' }), 'spec.analysis.webhooks[0].timeout', 'from 1ms to 24h'),
  byRule('a hook timeout of days', hooks({ timeout: '48h' }), 'spec.analysis.webhooks[0].timeout', 'from 1ms to 24h'),
  bySchema('fewer tries than none', hooks({ retries: -1 }), 'spec.analysis.webhooks[0].retries', 'at least 0'),
  bySchema(
    'a number for the receiver',
    hooks({ metadata: { replicas: 3 } }),
    'spec.analysis.webhooks[0].metadata.replicas',
    'a text',
  ),
  byRule(
    'a name that an event has already',
    hooks({ type: 'event', metadata: { eventType: 'Normal' } }),
    'spec.analysis.webhooks[0].metadata',
    'write other names',
  ),
  byRule(
    'a header without a value',
    headers({ name: 'Authorization' }),
    'spec.analysis.webhooks[0].headers[0]',
    'value or valueFrom',
  ),
  byRule(
    'a header with two values',
    headers({ name: 'X-Token', value: 'a', valueFrom: { secretKeyRef: { name: 'hooks', key: 'token' } } }),
    'spec.analysis.webhooks[0].headers[0]',
    'value or valueFrom',
  ),
  byRule(
    'a header that the call has already',
    headers({ name: 'content-Type', value: 'text/plain' }),
    'spec.analysis.webhooks[0].headers[0].name',
    'write another header',
  ),
  bySchema(
    'a header from a Secret without a key',
    headers({ name: 'X-Token', valueFrom: { secretKeyRef: { name: 'hooks' } } }),
    'spec.analysis.webhooks[0].headers[0].valueFrom.secretKeyRef.key',
    'required',
  ),
  bySchema(
    'two headers of one name',
    headers({ name: 'X-A', value: '1' }, { name: 'X-A', value: '2' }),
    'spec.analysis.webhooks[0].headers[1]',
    'is there already',
  ),
  bySchema(
    'a header that ends the line',
    headers({ name: 'X-A', value: 'a\r\nX-B: b' }),
    'spec.analysis.webhooks[0].headers[0].value',
    'of the form',
  ),
];

const alerted: readonly Wrong[] = [
  bySchema(
    'an alert without a name',
    analysis({ alerts: [{ providerRef: { name: 'on-call' } }] }),
    'spec.analysis.alerts[0].name',
    'required',
  ),
  bySchema(
    'an alert without a provider',
    analysis({ alerts: [{ name: 'on-call' }] }),
    'spec.analysis.alerts[0].providerRef',
    'required',
  ),
  bySchema(
    'an alert whose provider has no name',
    analysis({ alerts: [{ name: 'on-call', providerRef: {} }] }),
    'spec.analysis.alerts[0].providerRef.name',
    'required',
  ),
  bySchema(
    'a severity that is none',
    analysis({ alerts: [{ name: 'on-call', severity: 'warning', providerRef: { name: 'on-call' } }] }),
    'spec.analysis.alerts[0].severity',
    'info, warn, error',
  ),
];

export const wrongAnalyses: readonly Wrong[] = [...steps, ...measured, ...hooked, ...alerted];

function weights(stepWeights: unknown) {
  return analysis({ stepWeight: null, maxWeight: null, stepWeights });
}
