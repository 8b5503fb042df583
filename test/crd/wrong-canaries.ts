// Canaries that are wrong in one place: what is released, under which names and in which sizes.
import { canary, service } from './manifest.ts';
import { byRule, bySchema, unknownField, type Wrong } from './wrong.ts';

const LONG = 'a'.repeat(56);
const PAIR = { name: 'podinfo', host: 'podinfo' };

const layout: readonly Wrong[] = [
  byRule('no target', canary({ targetRef: null }), 'spec.targetRef', 'write the workload that is released'),
  byRule('no service', canary({ service: null }), 'spec.service', 'write at least the port'),
  byRule('no analysis', canary({ analysis: null }), 'spec.analysis', 'write the steps'),
  byRule(
    'analysis under two names',
    canary({ canaryAnalysis: { threshold: 5, stepWeight: 10 } }),
    'spec.canaryAnalysis',
    'move what is here to analysis',
  ),
  byRule('two layouts', canary({ primary: PAIR }), 'spec.targetRef', 'remove targetKind'),
  byRule(
    'half of the first layout',
    canary({ targetRef: null, service: null, canary: PAIR }),
    'spec.canary',
    'write primary, virtualService',
  ),
  byRule(
    'the first layout with two strategies',
    canary({
      targetRef: null,
      service: null,
      analysis: null,
      canary: PAIR,
      primary: PAIR,
      virtualService: { name: 'podinfo' },
      canaryAnalysis: { threshold: 5, stepWeight: 10, iterations: 3 },
    }),
    'spec.canaryAnalysis',
    'write stepWeight (by weight) or iterations',
  ),
  byRule(
    'a metric of the first layout that is not built in',
    canary({
      analysis: null,
      canaryAnalysis: { threshold: 5, stepWeight: 10, metrics: [{ name: 'errors', threshold: 1 }] },
    }),
    'spec.canaryAnalysis.metrics[0].query',
    'write the query',
  ),
  unknownField('a field of analysis one level too high', canary({ webhooks: [] }), 'spec.webhooks', 'no such field'),
  unknownField('a misspelt field', canary({ skipAnalysys: true }), 'spec.skipAnalysys', 'did you mean skipAnalysis?'),
];

const references: readonly Wrong[] = [
  bySchema('a target without a name', canary({ targetRef: { name: null } }), 'spec.targetRef.name', 'required'),
  bySchema('a target with an empty name', canary({ targetRef: { name: '' } }), 'spec.targetRef.name', 'it is empty'),
  bySchema(
    'a target without apiVersion',
    canary({ targetRef: { apiVersion: null } }),
    'spec.targetRef.apiVersion',
    'required',
  ),
  bySchema('a target without kind', canary({ targetRef: { kind: null } }), 'spec.targetRef.kind', 'required'),
  bySchema(
    'a kind that cannot be released',
    canary({ targetRef: { kind: 'StatefulSet' } }),
    'spec.targetRef.kind',
    'write one of DaemonSet, Deployment, Service',
  ),
  bySchema(
    'a kind in lower case',
    canary({ targetRef: { kind: 'deployment' } }),
    'spec.targetRef.kind',
    'did you mean Deployment?',
  ),
  byRule(
    'a target in upper case',
    canary({ targetRef: { name: 'Podinfo' } }),
    'spec.targetRef.name',
    "an object's name",
  ),
  byRule(
    'a Deployment of another group',
    canary({ targetRef: { apiVersion: 'batch/v1' } }),
    'spec.targetRef.apiVersion',
    'write apps/v1',
  ),
  byRule(
    'a Service of apps',
    canary({ targetRef: { kind: 'Service' } }),
    'spec.targetRef.apiVersion',
    'write v1 for a Service',
  ),
  byRule(
    'a ScaledObject of autoscaling',
    canary({ autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'ScaledObject', name: 'podinfo' } }),
    'spec.autoscalerRef.apiVersion',
    'keda.sh/v1alpha1',
  ),
  bySchema(
    'an autoscaler without a name',
    canary({ autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } }),
    'spec.autoscalerRef.name',
    'required',
  ),
  bySchema(
    'an autoscaler kind that is none',
    canary({ autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HPA', name: 'podinfo' } }),
    'spec.autoscalerRef.kind',
    'HorizontalPodAutoscaler, ScaledObject',
  ),
  bySchema(
    'an Ingress without a name',
    canary({ ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' } }),
    'spec.ingressRef.name',
    'required',
  ),
  byRule(
    'an Ingress of another group',
    canary({ ingressRef: { apiVersion: 'apps/v1', kind: 'Ingress', name: 'podinfo' } }),
    'spec.ingressRef.apiVersion',
    'networking.k8s.io/v1',
  ),
  byRule(
    'an ApisixRoute of another group',
    canary({ routeRef: { apiVersion: 'v1', kind: 'ApisixRoute', name: 'podinfo' } }),
    'spec.routeRef.apiVersion',
    'apisix.apache.org/v2',
  ),
  byRule(
    'an Upstream of another group',
    canary({ upstreamRef: { apiVersion: 'v1', kind: 'Upstream', name: 'podinfo' } }),
    'spec.upstreamRef.apiVersion',
    'gloo.solo.io/v1',
  ),
  byRule(
    'a target whose primary would not fit a Service',
    canary({ targetRef: { name: LONG } }),
    'spec.targetRef.name',
    'write service.name',
  ),
  byRule(
    'a target that cannot be a Service for its dot',
    canary({ targetRef: { name: 'podinfo.v2' } }),
    'spec.targetRef.name',
    'write service.name',
  ),
  byRule(
    'a Service whose primary would not fit',
    service({ name: LONG }),
    'spec.service.name',
    'at most 55 characters',
  ),
  byRule('a Service that is no label', service({ name: 'pod_info' }), 'spec.service.name', "a Service's name"),
];

const sizes: readonly Wrong[] = [
  bySchema('a canary of no pods', canary({ canaryReplicas: 0 }), 'spec.canaryReplicas', 'at least 1'),
  bySchema('a canary of too many percent', canary({ canaryReplicas: '150%' }), 'spec.canaryReplicas', 'of the form'),
  byRule(
    'a size for a DaemonSet',
    canary({ canaryReplicas: 1, targetRef: { kind: 'DaemonSet' } }),
    'spec.canaryReplicas',
    'only a Deployment',
  ),
  byRule(
    'two sizes',
    canary({
      canaryReplicas: 1,
      autoscalerRef: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        name: 'podinfo',
        canaryScalerReplicas: { maxReplicas: 2 },
      },
    }),
    'spec.canaryReplicas',
    'both size the canary',
  ),
  byRule(
    'a primary of more pods at least than at most',
    canary({
      autoscalerRef: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        name: 'podinfo',
        primaryScalerReplicas: { minReplicas: 5, maxReplicas: 2 },
      },
    }),
    'spec.autoscalerRef.primaryScalerReplicas.minReplicas',
    'not over maxReplicas',
  ),
  bySchema(
    'a primary of no pods',
    canary({
      autoscalerRef: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        name: 'podinfo',
        primaryScalerReplicas: { minReplicas: 0 },
      },
    }),
    'spec.autoscalerRef.primaryScalerReplicas.minReplicas',
    'at least 1',
  ),
  bySchema('drift that is ignored', canary({ drift: 'ignore' }), 'spec.drift', 'write one of hold, restore, report'),
  bySchema(
    'a history of less than nothing',
    canary({ revisionHistoryLimit: -1 }),
    'spec.revisionHistoryLimit',
    'at least 0',
  ),
  bySchema(
    'a history without an end',
    canary({ revisionHistoryLimit: 1000 }),
    'spec.revisionHistoryLimit',
    'at most 100',
  ),
  bySchema(
    'no time to make progress',
    canary({ progressDeadlineSeconds: 0 }),
    'spec.progressDeadlineSeconds',
    'at least 1',
  ),
  bySchema(
    'a deadline with a unit',
    canary({ progressDeadlineSeconds: '60s' }),
    'spec.progressDeadlineSeconds',
    'a whole number',
  ),
];

export const wrongCanaries: readonly Wrong[] = [...layout, ...references, ...sizes];
