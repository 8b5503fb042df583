import type { Rule } from './finding.ts';
import type { Canary } from './generated/canary.ts';
import * as durations from './rules/durations.ts';
import * as layout from './rules/layout.ts';
import * as metrics from './rules/metrics.ts';
import * as names from './rules/names.ts';
import * as abilities from './rules/provider-abilities.ts';
import * as needs from './rules/provider-needs.ts';
import * as references from './rules/references.ts';
import * as service from './rules/service.ts';
import * as cookies from './rules/session-affinity.ts';
import * as sizes from './rules/sizes.ts';
import * as strategy from './rules/strategy.ts';
import * as webhooks from './rules/webhooks.ts';

/**
 * What has to hold between the fields of a Canary, beyond what its schema says of each. The API server holds the same by the
 * CEL rules of manifests/crd/canary.yaml, with the same paths and words; here it is for files and for the webhook. Each
 * takes a Canary that its schema has accepted, with defaults.
 */
export const canaryRules: readonly Rule<Canary>[] = [
  layout.hasTarget,
  layout.hasOneLayout,
  layout.hasAllOfTheFirstLayout,
  layout.hasAnalysis,
  layout.hasOneAnalysis,
  layout.hasService,

  names.serviceNameLeavesRoom,
  names.targetNameMakesServiceNames,
  references.targetIsOfItsGroup,
  references.autoscalerIsOfItsGroup,
  references.routingIsOfItsGroup,

  needs.ingressProviderHasIngress,
  needs.apisixHasRoute,
  needs.gatewayApiHasParent,
  needs.appMeshHasMesh,
  needs.knativeServiceHasKnative,
  needs.knativeHasKnativeService,
  needs.knativeHasNoAutoscaler,

  abilities.providerCanMirror,
  abilities.providerCanMatch,
  abilities.providerCanKeepClients,
  abilities.connectionsAreNotMatched,
  abilities.gatewayApiHasFullOrigins,

  service.delegateHasNoHosts,
  service.mirroredServiceHasPort,
  service.podsArePickedOneWay,
  service.oneThingIsHashed,
  sizes.scalerLimitsAreInOrder,
  sizes.onlyDeploymentsAreSized,
  sizes.canaryIsSizedOnce,

  strategy.hasOneStrategy,
  strategy.firstLayoutHasOneStrategy,
  strategy.weightsRise,
  strategy.firstStepIsWithinMaxWeight,
  strategy.mirrorWeightHasMirror,
  durations.intervalIsInRange,
  durations.hookTimeoutIsInRange,

  metrics.metricHasOneSource,
  metrics.metricHasSource,
  metrics.firstLayoutMetricHasSource,
  metrics.metricHasLimit,
  metrics.metricHasOneLimit,
  metrics.rangeLetsSomethingPass,
  webhooks.hookHasUrl,
  webhooks.onlyPersonsAreApprovers,
  webhooks.eventKeepsItsNames,
  webhooks.headerHasOneValue,
  webhooks.headerIsNotOurs,
  cookies.cookiesDiffer,
  cookies.browsersKeepTheCookie,
];
