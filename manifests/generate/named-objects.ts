// The objects that an author must be allowed to read, as a canary reads them in the author's place: those that it names.
import type { PolicySpec, Validation, Variable } from './policy.ts';

/**
 * Objects that are asked about by name. An API server evaluates 28 authorization checks a policy, and two an expression: so there
 * is an expression for each of the first ten, and for more of them one right to all.
 */
const ASKED_BY_NAME = 10;

export interface NamedObjects {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  /** CEL: what is named, as `namespace/name`, with an empty text or list at each place that names nothing. */
  readonly given: string;
  /** CEL: the list of those texts. */
  readonly flat: string;
  /** CEL: the field that names a text. */
  readonly path: (text: string) => string;
  /** Where they stand, in general. */
  readonly place: string;
}

const WEBHOOKS = 'has(object.spec.analysis) && has(object.spec.analysis.webhooks) ? object.spec.analysis.webhooks : []';
const METRICS = 'has(object.spec.analysis) && has(object.spec.analysis.metrics) ? object.spec.analysis.metrics : []';
const ALERTS = 'has(object.spec.analysis) && has(object.spec.analysis.alerts) ? object.spec.analysis.alerts : []';

export const SECRETS_OF_HOOKS: NamedObjects = {
  ...{ group: '', plural: 'secrets', kind: 'Secret', place: 'spec.analysis.webhooks' },
  given: `(${WEBHOOKS}).map(hook, (has(hook.headers) ? hook.headers : []).filter(header, has(header.valueFrom))
  .map(header, request.namespace + '/' + header.valueFrom.secretKeyRef.name))`,
  flat: "variables.given.map(names, names.join(',')).filter(names, names != '').join(',').split(',')",
  path: (text) =>
    `'spec.analysis.webhooks[' + string(variables.given.map(names, ${text} in names).indexOf(true)) + '].headers'`,
};

export const TEMPLATES_OF_METRICS: NamedObjects = {
  ...{ group: 'flagger.app', plural: 'metrictemplates', kind: 'MetricTemplate', place: 'spec.analysis.metrics' },
  given: `(${METRICS}).map(metric, has(metric.templateRef) ? ${titleOf('metric.templateRef')} : '')`,
  flat: 'variables.given',
  path: (text) => `'spec.analysis.metrics[' + string(variables.given.indexOf(${text})) + '].templateRef'`,
};

export const PROVIDERS_OF_ALERTS: NamedObjects = {
  ...{ group: 'flagger.app', plural: 'alertproviders', kind: 'AlertProvider', place: 'spec.analysis.alerts' },
  given: `(${ALERTS}).map(alert, ${titleOf('alert.providerRef')})`,
  flat: 'variables.given',
  path: (text) => `'spec.analysis.alerts[' + string(variables.given.indexOf(${text})) + '].providerRef'`,
};

function titleOf(reference: string): string {
  return `(has(${reference}.namespace) && ${reference}.namespace != '' ? ${reference}.namespace : request.namespace)
  + '/' + ${reference}.name`;
}

/**
 * A policy by which an author may `get` all objects that a canary names. Names that are taken out one after the other leave no
 * comprehension with more than two checks; those of other namespaces come first.
 */
export function readableNames(objects: NamedObjects): PolicySpec {
  const { group, plural, given, flat } = objects;
  const indices = Array.from({ length: ASKED_BY_NAME }, (_, index) => index);
  const all = `authorizer.group('${group}').resource('${plural}')`;
  const variables: Variable[] = [
    { name: 'given', expression: given },
    { name: 'here', expression: "request.namespace + '/'" },
    { name: 'names', expression: flat },
    {
      name: 'left0',
      expression: `variables.names.filter(name, name != '' && !name.startsWith(variables.here))
  + variables.names.filter(name, name.startsWith(variables.here))`,
    },
    ...indices.flatMap((index) => [
      {
        name: `name${index}`,
        expression: `variables.left${index}.size() == 0 ? '' : variables.left${index}[0]`,
      },
      {
        name: `left${index + 1}`,
        expression: `variables.left${index}.filter(name, name != variables.name${index})`,
      },
    ]),
    { name: 'mayGetAllHere', expression: `${all}.namespace(request.namespace).check('get').allowed()` },
  ];
  return {
    name: `${plural}.canaries.flagger.app`,
    resources: ['canaries'],
    variables,
    validations: [...indices.map((index) => named(objects, all, index)), tooMany(objects, all)],
  };
}

function named({ kind, path }: NamedObjects, all: string, index: number): Validation {
  const name = `variables.name${index}`;
  const check = `${all}.namespace(${name}.split('/')[0]).name(${name}.split('/')[1]).check('get').allowed()`;
  const advice = 'and this canary would read it for you: ask for that right, or name another';
  return {
    expression: `${name} == '' || (${name}.startsWith(variables.here) && variables.mayGetAllHere)
  || ${check}`,
    message: `you may not get a ${kind} that is named here, ${advice}`,
    messageExpression: `${path(name)} + ': you may not get ${kind} ' + ${name} + ', ${advice}'`,
    reason: 'Forbidden',
  };
}

function tooMany({ kind, plural, group, place }: NamedObjects, all: string): Validation {
  const left = `variables.left${ASKED_BY_NAME}`;
  const title = group === '' ? plural : `${plural}.${group}`;
  const message = `${place}: more than ${ASKED_BY_NAME} different ${kind}s are named, which takes the right to get all ${title} of the namespace, and of all namespaces where one is of another: name fewer`;
  return {
    expression: `${left}.size() == 0 || (${left}.all(name, name.startsWith(variables.here)) && variables.mayGetAllHere)
  || ${all}.check('get').allowed()`,
    message,
    messageExpression: `'${message}'`,
    reason: 'Forbidden',
  };
}

/** The Secret with the credentials of a MetricTemplate or an AlertProvider, which is of its namespace. */
export function readableCredentials(): PolicySpec {
  const advice = 'and who uses this object would have it read: ask for that right, or name another';
  return {
    name: 'credentials.flagger.app',
    resources: ['metrictemplates', 'alertproviders'],
    variables: [
      {
        name: 'path',
        expression: "request.resource.resource == 'alertproviders' ? 'spec.secretRef' : 'spec.provider.secretRef'",
      },
      {
        name: 'secret',
        expression: `has(object.spec.secretRef) ? object.spec.secretRef.name :
has(object.spec.provider) && has(object.spec.provider.secretRef) ? object.spec.provider.secretRef.name : ''`,
      },
    ],
    validations: [
      {
        expression: `variables.secret == ''
  || authorizer.group('').resource('secrets').namespace(request.namespace).name(variables.secret).check('get').allowed()`,
        message: `you may not get the Secret that is named here, ${advice}`,
        messageExpression: `variables.path + ': you may not get Secret ' + request.namespace + '/' + variables.secret + ', ${advice}'`,
        reason: 'Forbidden',
      },
    ],
  };
}
