// What a provider cannot do. Left out without a word, a release would seem to be checked in a way that it is not.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { ABILITIES } from '../provider-abilities.ts';

export function* providerCanMirror({ spec }: Canary): Iterable<Finding> {
  const { provider, analysis } = spec;
  if (provider === undefined || analysis?.mirror !== true) return;
  const path = 'spec.analysis.mirror';
  switch (ABILITIES[provider].mirror) {
    case 'always':
      return;
    case 'never':
      yield { path, message: `remove it, as ${provider} cannot mirror requests; istio and gatewayapi can` };
      return;
    case 'with iterations':
      if (analysis.iterations !== undefined) return;
      yield {
        path,
        message: 'remove it or release by iterations, as the Gateway API cannot mirror and split by weight at a time',
      };
  }
}

export function* providerCanMatch({ spec }: Canary): Iterable<Finding> {
  const { provider, analysis } = spec;
  if (provider === undefined || ABILITIES[provider].match || (analysis?.match ?? []).length === 0) return;
  yield { path: 'spec.analysis.match', message: `remove it, as ${provider} cannot tell requests apart (A/B)` };
}

export function* providerCanKeepClients({ spec }: Canary): Iterable<Finding> {
  const { provider, analysis } = spec;
  if (provider === undefined || ABILITIES[provider].cookies || analysis?.sessionAffinity === undefined) return;
  const message = `remove it, as ${provider} cannot keep clients by a cookie; istio and gatewayapi can`;
  yield { path: 'spec.analysis.sessionAffinity', message };
}

export function* connectionsAreNotMatched({ spec }: Canary): Iterable<Finding> {
  if (spec.service?.appProtocol?.toLowerCase() !== 'tcp' || (spec.analysis?.match ?? []).length === 0) return;
  const message = 'remove it, as connections (service.appProtocol tcp) have no headers to tell them apart';
  yield { path: 'spec.analysis.match', message };
}

export function* gatewayApiHasFullOrigins({ spec }: Canary): Iterable<Finding> {
  const { provider = '', service } = spec;
  if (!provider.startsWith('gatewayapi:') || service?.corsPolicy?.allowOrigins === undefined) return;
  const message = 'write the origins in full in allowOrigin, as the Gateway API has no patterns for them';
  yield { path: 'spec.service.corsPolicy.allowOrigins', message };
}
