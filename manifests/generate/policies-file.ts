import { stringify } from 'yaml';
import { installedDefaults, ownKinds } from './author-rights.ts';
import {
  PROVIDERS_OF_ALERTS,
  readableCredentials,
  readableNames,
  SECRETS_OF_HOOKS,
  TEMPLATES_OF_METRICS,
} from './named-objects.ts';
import { policyDocuments } from './policy.ts';

const HEAD = `# Generated from api/route-kinds.ts by \`make generate\`. Not to be edited by hand.
#
# A canary does nothing that its author may not do: the API server asks itself whether who writes a Canary may make the kinds that
# it makes, and read the Secrets, MetricTemplates and AlertProviders that it names. It holds with the webhook up or down.
`;

/** The text of manifests/policies/canaries.yaml. */
export function policiesFile(): string {
  const policies = [
    ownKinds(),
    installedDefaults(),
    ...[SECRETS_OF_HOOKS, TEMPLATES_OF_METRICS, PROVIDERS_OF_ALERTS].map(readableNames),
    readableCredentials(),
  ];
  const documents = policies.flatMap(policyDocuments);
  const texts = documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
  return HEAD + texts.join('---\n');
}
