import { autoscalerNames } from '../../api/autoscaler-names.ts';
import { closest } from '../../api/closest.ts';
import type { Cluster } from '../../api/cluster/cluster.ts';
import { validateInCluster } from '../../api/cluster/validate-in-cluster.ts';
import { withDefaults } from '../../api/defaults.ts';
import type { Finding } from '../../api/finding.ts';
import type { Canary } from '../../api/generated/canary.ts';
import type { MetricTemplate } from '../../api/generated/metric-template.ts';
import { type Kind, schemas } from '../../api/generated/schemas.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import { CANARIES } from '../../api/resources.ts';
import { validate } from '../../api/validate.ts';
import type { ManifestFile } from '../manifests/manifest-files.ts';
import { type Manifest, type Position, parseManifests } from '../manifests/parse-manifests.ts';
import { metadataFindings } from './metadata-rules.ts';

/** Something that is wrong in a file, or that does not do what it seems to. */
export interface LintFinding extends Position {
  readonly file: string;
  readonly severity: 'error' | 'warning';
  /** The field as Kubernetes names it; empty for the whole object or file. */
  readonly path: string;
  /** Begins in lower case and ends without a full stop. */
  readonly message: string;
}

export interface LintResult {
  readonly findings: readonly LintFinding[];
  /** Canaries that nothing is wrong with, with defaults, in the order of the files. */
  readonly canaries: readonly Canary[];
  /** How many objects are ours. */
  readonly checked: number;
  /** How many are of other kinds, of which nothing is said. */
  readonly passedOver: number;
}

export interface LintOptions {
  /** Of objects that name none. */
  readonly namespace: string;
  /** Of canaries that name none; where it is not known, nothing is claimed of what such a canary may ask of it. */
  readonly defaultProvider?: Provider | undefined;
}

const { apiVersion: OURS } = CANARIES;
/** What a definition serves beside that. */
const ALSO_SERVED: Readonly<Partial<Record<Kind, string>>> = { Canary: 'flagger.app/v1alpha3' };
const [GROUP = ''] = OURS.split('/');

/** One of our objects, as the webhook would be asked about it. */
interface Subject {
  readonly manifest: Manifest;
  readonly kind: Kind;
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * What admission would say of each object of ours in these files: what is wrong in it by itself, and beside the others that are
 * in the files. What is in a cluster is not known here, so nothing is said to be missing.
 */
export function lint(files: readonly ManifestFile[], options: LintOptions): LintResult {
  const parsed = files.map(parseManifests);
  const manifests = parsed.flatMap((each) => each.manifests);
  const syntax = parsed.flatMap(({ errors }) =>
    errors.map(
      ({ file, position, message }): LintFinding => ({ file, ...position, severity: 'error', path: '', message }),
    ),
  );
  const ours = manifests.filter(({ object }) => isOurs(object['apiVersion']));
  const subjects = ours.flatMap((manifest) => subjectOf(manifest, options.namespace));
  const others = surroundingsOf(subjects, manifests, options);
  const canaries: Canary[] = [];
  const findings = ours.flatMap((manifest) => {
    const subject = subjects.find((each) => each.manifest === manifest);
    if (subject === undefined) return [placed(manifest, 'error', typeFinding(manifest))];
    const { kind, object } = subject;
    const { errors, warnings } = validateInCluster(kind, object, others(subject));
    const wrong = [...metadataFindings(object['metadata']), ...errors];
    if (kind === 'Canary' && wrong.length === 0) canaries.push(withDefaults(kind, object) as Canary);
    return [
      ...wrong.map((finding) => placed(manifest, 'error', finding)),
      ...warnings.map((finding) => placed(manifest, 'warning', finding)),
    ];
  });
  return {
    findings: inOrder([...syntax, ...findings], files),
    ...{ canaries, checked: ours.length, passedOver: manifests.length - ours.length },
  };
}

/** A group that is only misspelt is meant to be ours. */
function isOurs(apiVersion: unknown): boolean {
  if (typeof apiVersion !== 'string') return false;
  const [group = ''] = apiVersion.split('/');
  return group === GROUP || closest(group, [GROUP]) !== undefined;
}

function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(schemas, kind);
}

/** With a namespace, and without the status that a definition with a status of its own drops. */
function subjectOf(manifest: Manifest, namespace: string): readonly Subject[] {
  const { apiVersion, kind, metadata, status: _, ...rest } = manifest.object;
  if (!isKind(kind) || (apiVersion !== OURS && apiVersion !== ALSO_SERVED[kind])) return [];
  const whole = isRecord(metadata) ? { namespace, ...metadata } : metadata;
  return [{ manifest, kind, object: { apiVersion, kind, metadata: whole, ...rest } }];
}

function typeFinding({ object: { apiVersion, kind } }: Manifest): Finding {
  if (apiVersion !== OURS) return { path: 'apiVersion', message: `write ${OURS}, which is what is served` };
  const kinds = Object.keys(schemas);
  const meant = typeof kind === 'string' ? closest(kind, kinds) : undefined;
  const instead = meant === undefined ? `there are ${kinds.join(', ')}` : `did you mean ${meant}?`;
  return { path: 'kind', message: `there is no such kind; ${instead}` };
}

/** What there is beside an object, as far as the files say. */
function surroundingsOf(
  subjects: readonly Subject[],
  manifests: readonly Manifest[],
  { namespace, defaultProvider }: LintOptions,
): (subject: Subject) => Cluster {
  // Of another shape they own nothing, and have findings of their own.
  const right = subjects.filter(
    ({ kind, object }) => isRecord(object['metadata']) && validate(kind, object).length === 0,
  );
  const canaries = right.flatMap(({ kind, object }) => (kind === 'Canary' ? [object as unknown as Canary] : []));
  const templates = right.flatMap(({ kind, object }) =>
    kind === 'MetricTemplate' ? [object as unknown as MetricTemplate] : [],
  );
  return ({ object }) => {
    const of = namespaceOf(object, namespace);
    const scaler = isRecord(object['spec'])
      ? minReplicasOf(object['spec'] as never, manifests, of, namespace)
      : undefined;
    return {
      ...{ defaultProvider, scrapeIntervalMs: 0, templates, missing: [] },
      canaries: canaries.filter(({ metadata }) => metadata.namespace === of),
      ...(scaler !== undefined && { scalerMinReplicas: scaler }),
    };
  };
}

/** The least that the autoscaler of the target leaves, where it is in the files. */
function minReplicasOf(
  spec: Canary['spec'],
  manifests: readonly Manifest[],
  namespace: string,
  usual: string,
): number | undefined {
  const name = autoscalerNames(spec)?.target;
  const scaler = manifests.find(
    ({ object }) =>
      object['kind'] === 'HorizontalPodAutoscaler' &&
      isRecord(object['metadata']) &&
      object['metadata']['name'] === name &&
      namespaceOf(object, usual) === namespace,
  );
  const fields = scaler?.object['spec'];
  const least = isRecord(fields) ? fields['minReplicas'] : undefined;
  return typeof least === 'number' ? least : undefined;
}

function namespaceOf({ metadata }: Readonly<Record<string, unknown>>, usual: string): string {
  const namespace = isRecord(metadata) ? metadata['namespace'] : undefined;
  return typeof namespace === 'string' ? namespace : usual;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placed(manifest: Manifest, severity: LintFinding['severity'], { path, message }: Finding): LintFinding {
  return { file: manifest.file, ...manifest.positionOf(path), severity, path, message };
}

function inOrder(findings: readonly LintFinding[], files: readonly ManifestFile[]): readonly LintFinding[] {
  const order = new Map(files.map(({ name }, index) => [name, index]));
  return findings.toSorted(
    (one, other) =>
      (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column,
  );
}
