// Canaries that are wrong in one place: who splits the traffic, behind which Services and routes, and with which cookies.
import { affinity, analysis, blueGreen, canary, service } from './manifest.ts';
import { byRule, bySchema, unknownField, type Wrong } from './wrong.ts';

const KNATIVE = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' };
const MATCH = [{ headers: { 'x-canary': { exact: 'insider' } } }];

const providers: readonly Wrong[] = [
  bySchema('a provider that is none', canary({ provider: 'isto' }), 'spec.provider', 'did you mean istio?'),
  bySchema('a provider without its version', canary({ provider: 'gatewayapi' }), 'spec.provider', 'gatewayapi:v1'),
  byRule('nginx without an Ingress', canary({ provider: 'nginx' }), 'spec.ingressRef', 'which nginx splits'),
  byRule('skipper without an Ingress', canary({ provider: 'skipper' }), 'spec.ingressRef', 'which skipper splits'),
  byRule('apisix without a route', canary({ provider: 'apisix' }), 'spec.routeRef', 'write the ApisixRoute'),
  byRule(
    'the Gateway API without a Gateway',
    canary({ provider: 'gatewayapi:v1' }),
    'spec.service.gatewayRefs',
    'write the Gateway',
  ),
  byRule(
    'the Gateway API with a list of no Gateways',
    service({ gatewayRefs: [] }, { provider: 'gatewayapi:v1beta1' }),
    'spec.service.gatewayRefs',
    'write the Gateway',
  ),
  byRule('App Mesh without a mesh', canary({ provider: 'appmesh' }), 'spec.service.meshName', 'write the mesh'),
  byRule(
    'a Knative Service behind another provider',
    canary({ provider: 'istio', targetRef: KNATIVE }),
    'spec.provider',
    'write knative',
  ),
  byRule(
    'a Knative Service behind whichever provider',
    canary({ targetRef: KNATIVE }),
    'spec.provider',
    'write knative',
  ),
  byRule('Knative with a Deployment', canary({ provider: 'knative' }), 'spec.targetRef', 'write a Knative Service'),
  byRule(
    'Knative with an autoscaler',
    canary({
      provider: 'knative',
      targetRef: KNATIVE,
      autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
    }),
    'spec.autoscalerRef',
    'Knative scales its revisions itself',
  ),
  byRule(
    'mirroring on plain Kubernetes',
    blueGreen({ mirror: true }, { provider: 'kubernetes' }),
    'spec.analysis.mirror',
    'kubernetes cannot mirror',
  ),
  byRule(
    'mirroring by linkerd',
    analysis({ mirror: true }, { provider: 'linkerd' }),
    'spec.analysis.mirror',
    'linkerd cannot mirror',
  ),
  byRule(
    'mirroring by SMI',
    analysis({ mirror: true }, { provider: 'smi:v1alpha3' }),
    'spec.analysis.mirror',
    'smi:v1alpha3 cannot mirror',
  ),
  byRule(
    'mirroring beside weights on the Gateway API',
    analysis({ mirror: true }, { provider: 'gatewayapi:v1', service: { gatewayRefs: [{ name: 'gateway' }] } }),
    'spec.analysis.mirror',
    'release by iterations',
  ),
  byRule(
    'A/B on plain Kubernetes',
    blueGreen({ match: MATCH }, { provider: 'kubernetes' }),
    'spec.analysis.match',
    'kubernetes cannot tell requests apart',
  ),
  byRule(
    'A/B by skipper',
    blueGreen(
      { match: MATCH },
      { provider: 'skipper', ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' } },
    ),
    'spec.analysis.match',
    'skipper cannot tell requests apart',
  ),
  byRule(
    'A/B by SMI',
    blueGreen({ match: MATCH }, { provider: 'smi:crossover' }),
    'spec.analysis.match',
    'smi:crossover cannot tell requests apart',
  ),
  byRule(
    'A/B of connections',
    blueGreen({ match: MATCH }, { service: { appProtocol: 'TCP' } }),
    'spec.analysis.match',
    'connections (service.appProtocol tcp)',
  ),
  byRule(
    'cookies by traefik',
    analysis({ sessionAffinity: { cookieName: 'canary' } }, { provider: 'traefik' }),
    'spec.analysis.sessionAffinity',
    'traefik cannot keep clients',
  ),
  byRule(
    'cookies by SMI',
    analysis({ sessionAffinity: { cookieName: 'canary' } }, { provider: 'smi:v1alpha2' }),
    'spec.analysis.sessionAffinity',
    'smi:v1alpha2 cannot keep clients',
  ),
  byRule(
    'patterns of origins on the Gateway API',
    service(
      { gatewayRefs: [{ name: 'gateway' }], corsPolicy: { allowOrigins: [{ regex: '.*' }] } },
      { provider: 'gatewayapi:v1' },
    ),
    'spec.service.corsPolicy.allowOrigins',
    'write the origins in full',
  ),
];

const services: readonly Wrong[] = [
  bySchema('no port', service({ port: null }), 'spec.service.port', 'required'),
  bySchema('port 0', service({ port: 0 }), 'spec.service.port', 'at least 1'),
  bySchema('a port past 65535', service({ port: 70000 }), 'spec.service.port', 'at most 65535'),
  bySchema('a port as a text', service({ port: '9898' }), 'spec.service.port', 'a whole number'),
  bySchema(
    'a target port of digits in quotes',
    service({ targetPort: '9898' }),
    'spec.service.targetPort',
    'of the form',
  ),
  bySchema('a target port past 65535', service({ targetPort: 65536 }), 'spec.service.targetPort', 'at most 65535'),
  bySchema('a port name with a space', service({ portName: 'http frontend' }), 'spec.service.portName', 'of the form'),
  bySchema(
    'a traffic distribution that is none',
    service({ trafficDistribution: 'PreferNear' }),
    'spec.service.trafficDistribution',
    'PreferClose',
  ),
  byRule('a timeout without a unit', service({ timeout: '30' }), 'spec.service.timeout', 'write a duration'),
  byRule(
    'a timeout in words',
    service({ retries: { perTryTimeout: '1sec' } }),
    'spec.service.retries.perTryTimeout',
    'write a duration',
  ),
  bySchema(
    'a negative number of retries',
    service({ retries: { attempts: -1 } }),
    'spec.service.retries.attempts',
    'at least 0',
  ),
  byRule(
    'a host with a scheme',
    service({ hosts: ['https://app.example.com'] }),
    'spec.service.hosts[0]',
    'without scheme',
  ),
  byRule(
    'a host with a port',
    service({ hosts: ['ok.example.com', 'app.example.com:8080'] }),
    'spec.service.hosts[1]',
    'without scheme',
  ),
  bySchema(
    'a Gateway without a name',
    service({ gatewayRefs: [{ namespace: 'istio' }] }),
    'spec.service.gatewayRefs[0].name',
    'required',
  ),
  bySchema(
    'more Gateways than an HTTPRoute can have',
    service({ gatewayRefs: Array.from({ length: 33 }, (_, index) => ({ name: `gateway-${index}` })) }),
    'spec.service.gatewayRefs',
    'at most 32',
  ),
  byRule(
    'a delegate with hosts',
    service({ delegation: true, hosts: ['app.example.com'] }),
    'spec.service.delegation',
    'remove hosts and gateways',
  ),
  byRule(
    'a delegate with gateways',
    service({ delegation: true, gateways: ['mesh'] }),
    'spec.service.delegation',
    'remove hosts and gateways',
  ),
  bySchema(
    'a kind of rewrite that is none',
    service({ rewrite: { uri: '/', type: 'Prefix' } }),
    'spec.service.rewrite.type',
    'ReplaceFullPath, ReplacePrefixMatch',
  ),
  bySchema(
    'a text that has to look two ways',
    service({ match: [{ uri: { prefix: '/', exact: '/' } }] }),
    'spec.service.match[0].uri',
    'at most 1',
  ),
  byRule(
    'a mirror at a Service without a port',
    service({ mirror: [{ backendRef: { name: 'audit' } }] }),
    'spec.service.mirror[0].backendRef.port',
    'write the port',
  ),
  byRule(
    'two ways to pick a pod',
    service({ trafficPolicy: { loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true } } } }),
    'spec.service.trafficPolicy.loadBalancer.simple',
    'simple or consistentHash',
  ),
  byRule(
    'two things to hash',
    service({
      trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true, httpHeaderName: 'x-user' } } },
    }),
    'spec.service.trafficPolicy.loadBalancer.consistentHash',
    'exactly one of',
  ),
  bySchema(
    'a TLS mode that is none',
    service({ trafficPolicy: { tls: { mode: 'OFF' } } }),
    'spec.service.trafficPolicy.tls.mode',
    'DISABLE',
  ),
  unknownField(
    'a misspelt field far down',
    service({ trafficPolicy: { outlierDetection: { consecutive5xxError: 5 } } }),
    'spec.service.trafficPolicy.outlierDetection.consecutive5xxError',
    'did you mean consecutive5xxErrors?',
  ),
  byRule(
    'a metrics server without a scheme',
    canary({ metricsServer: 'prometheus:9090' }),
    'spec.metricsServer',
    'write a URL',
  ),
];

const cookies: readonly Wrong[] = [
  bySchema('no cookie', affinity({ cookieName: null }), 'spec.analysis.sessionAffinity.cookieName', 'required'),
  bySchema(
    'an empty cookie name',
    affinity({ cookieName: '' }),
    'spec.analysis.sessionAffinity.cookieName',
    'it is empty',
  ),
  bySchema(
    'a cookie name with a space',
    affinity({ cookieName: 'my cookie' }),
    'spec.analysis.sessionAffinity.cookieName',
    'of the form',
  ),
  bySchema(
    'a cookie that is over at once',
    affinity({ maxAge: 0 }),
    'spec.analysis.sessionAffinity.maxAge',
    'at least 1',
  ),
  bySchema('a path that is none', affinity({ path: 'app' }), 'spec.analysis.sessionAffinity.path', 'of the form'),
  bySchema(
    'a same-site rule that is none',
    affinity({ sameSite: 'none' }),
    'spec.analysis.sessionAffinity.sameSite',
    'did you mean None?',
  ),
  byRule(
    'one cookie for canary and primary',
    affinity({ primaryCookieName: 'canary' }),
    'spec.analysis.sessionAffinity.primaryCookieName',
    'another name',
  ),
  byRule(
    'a cookie that browsers drop',
    affinity({ sameSite: 'None' }),
    'spec.analysis.sessionAffinity.secure',
    'browsers drop',
  ),
];

export const wrongTraffic: readonly Wrong[] = [...providers, ...services, ...cookies];
