// The shapes of admission policies, as far as ours use them.

export interface Variable {
  readonly name: string;
  readonly expression: string;
}

export interface Validation {
  readonly expression: string;
  readonly messageExpression: string;
  /** For an API server that cannot evaluate the messageExpression. */
  readonly message: string;
  readonly reason: 'Forbidden' | 'Invalid';
}

export interface PolicySpec {
  readonly name: string;
  /** Plurals of flagger.app that it judges. */
  readonly resources: readonly string[];
  /** Whether it reads the settings of the installation. */
  readonly hasSettings?: boolean;
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
}

const LABELS = { 'app.kubernetes.io/part-of': 'kubectl-canary' };
const API_VERSION = 'admissionregistration.k8s.io/v1';
/** A ServiceAccount, whose annotations they are: manifests/settings/settings.yaml says why. */
const SETTINGS = { name: 'kubectl-canary-settings', namespace: 'kubectl-canary' } as const;

/** Returns a policy with its bindings. Only writes that change a spec are judged: labels, finalizers and status are not. */
export function policyDocuments(policy: PolicySpec): readonly object[] {
  const { name, resources, hasSettings = false, variables, validations } = policy;
  const rule = { apiGroups: ['flagger.app'], apiVersions: ['*'], resources };
  const definition = {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      ...(hasSettings && { paramKind: { apiVersion: 'v1', kind: 'ServiceAccount' } }),
      matchConstraints: { resourceRules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }] },
      matchConditions: [
        { name: 'spec-changes', expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
      ],
      variables,
      validations,
    },
  };
  if (!hasSettings) return [definition, binding(name, name, {})];
  // Without the settings nothing new is let in. What is there already can still be labelled, and lose its finalizer: a missing
  // parameter is found before the matchConditions are looked at, and would keep every canary from being deleted.
  const bound = (operation: 'CREATE' | 'UPDATE', parameterNotFoundAction: 'Allow' | 'Deny') =>
    binding(name, `${operation.toLowerCase()}.${name}`, {
      paramRef: { ...SETTINGS, parameterNotFoundAction },
      matchResources: { resourceRules: [{ ...rule, operations: [operation] }] },
    });
  return [definition, bound('CREATE', 'Deny'), bound('UPDATE', 'Allow')];
}

function binding(policyName: string, name: string, more: object): object {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name, labels: LABELS },
    spec: { policyName, validationActions: ['Deny'], ...more },
  };
}
