import type { Finding, Rule } from './finding.ts';
import type { AlertProvider } from './generated/alert-provider.ts';

/** What has to hold between the fields of an AlertProvider; as `canaryRules`, for manifests/crd/alert-provider.yaml. */
export const alertProviderRules: readonly Rule<AlertProvider>[] = [hasOneAddress];

function* hasOneAddress({ spec }: AlertProvider): Iterable<Finding> {
  if ((spec.address === undefined) === (spec.secretRef === undefined)) {
    yield { path: 'spec', message: 'write address or secretRef, one of them' };
  }
}
