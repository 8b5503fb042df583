import type { Canary } from '../../api/generated/canary.ts';
import type { CanaryAction } from '../../api/generated/canary-action.ts';
import { CANARY_LABEL, REVISION_ANNOTATION } from '../../api/keys.ts';
import {
  CANARY_ACTIONS,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  HORIZONTAL_POD_AUTOSCALERS,
  SECRETS,
  SERVICES,
} from '../../api/resources.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import type { TreeNode } from '../view/tree-lines.ts';
import type { Cluster } from './cluster.ts';
import { unreadText } from './read-release.ts';
import { releaseWorkloads } from './release-workloads.ts';
import { routeResources } from './route-resources.ts';
import { type WorkloadObject, workloadOf } from './workload-object.ts';

interface Listed extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
}

interface ReplicaSet extends Listed {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

interface Scaler extends Listed {
  readonly spec?: { readonly minReplicas?: number; readonly maxReplicas?: number };
  readonly status?: { readonly currentReplicas?: number };
}

const REPLICA_SETS: Resource = { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true };
/** Only what objects are called: nobody needs the values of a Secret for that, nor pod templates. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Reads what is made for a canary, each kind on its own: what cannot be read is said where it would stand. */
export async function readReleaseTree(
  { transport, namespace }: Cluster,
  canary: Canary,
  signal: AbortSignal,
): Promise<TreeNode> {
  const { name } = canary.metadata;

  async function list<T extends Listed>(
    resource: Resource,
    labelSelector?: string,
    accept?: string,
  ): Promise<readonly T[]> {
    const path = collectionPath(resource, namespace);
    const { items } = await transport.request<{ readonly items?: readonly T[] }>({
      ...{ path, signal, query: { labelSelector } },
      ...(accept !== undefined && { accept }),
    });
    return items ?? [];
  }

  /** The objects of a kind that carry the canary's label. */
  function labelled<T extends Listed>(
    resource: Resource,
    nodeOf: (object: T) => Partial<TreeNode>,
    accept?: string,
  ): Promise<readonly TreeNode[]> {
    return section(resource.plural, async () => {
      const objects = await list<T>(resource, `${CANARY_LABEL}=${name}`, accept);
      return objects.map((object) => ({ ...basics(resource, object), ...nodeOf(object) }));
    });
  }

  async function workload(each: ReturnType<typeof releaseWorkloads>[number]): Promise<readonly TreeNode[]> {
    return section(`${each.kind} ${each.name}`, async () => {
      const { kind } = each;
      try {
        const path = objectPath(each.resource, { namespace, name: each.name });
        const object = await transport.request<WorkloadObject & Listed>({ path, signal });
        const { pods, images } = workloadOf(each, object);
        const children = kind === 'Deployment' ? await replicaSets(object) : [];
        const note = `${each.role}, ${Object.values(images).join(', ')}`;
        return [{ ...basics(each.resource, object), note, children, ...(pods !== undefined && { pods }) }];
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return [{ kind, name: each.name, note: `${each.role}, not there`, children: [] }];
      }
    });
  }

  /** Those that have pods, or want some. */
  function replicaSets(owner: WorkloadObject): Promise<readonly TreeNode[]> {
    const { selector } = owner.spec as {
      readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    };
    const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
    if (labels.length === 0) return Promise.resolve([]);
    return section('replicasets', async () => {
      const sets = await list<ReplicaSet>(REPLICA_SETS, labels.join(','));
      const owned = sets.filter(({ metadata }) =>
        metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
      );
      return owned.flatMap((set): readonly TreeNode[] => {
        const pods = { wanted: set.spec?.replicas ?? 0, ready: set.status?.readyReplicas ?? 0 };
        return pods.wanted === 0 && pods.ready === 0 ? [] : [{ ...basics(REPLICA_SETS, set), pods }];
      });
    });
  }

  const revision = ({ metadata }: Listed) => ({
    note: revisionText(canary, metadata.annotations?.[REVISION_ANNOTATION]),
  });
  const sections = await Promise.all([
    ...releaseWorkloads(canary.spec).map(workload),
    labelled<Listed>(SERVICES, () => ({}), METADATA_ONLY),
    ...routeResources(canary.spec.provider).map((resource) => labelled<Listed>(resource, () => ({}), METADATA_ONLY)),
    labelled<Scaler>(HORIZONTAL_POD_AUTOSCALERS, scalerNode),
    labelled<Listed>(CONFIG_MAPS, () => ({ note: 'copy for the primary' }), METADATA_ONLY),
    labelled<Listed>(SECRETS, () => ({ note: 'copy for the primary' }), METADATA_ONLY),
    labelled<Listed>(CONTROLLER_REVISIONS, revision, METADATA_ONLY),
    section(CANARY_ACTIONS.plural, async () => {
      const actions = await list<CanaryAction & Listed>(CANARY_ACTIONS);
      return actions.filter(({ spec }) => spec.canary === name).map((action) => actionNode(action));
    }),
  ]);
  const { kind, metadata } = canary;
  return {
    kind,
    name,
    createdAt: metadata.creationTimestamp,
    note: canary.status?.phase ?? '',
    children: sections.flat(),
  };
}

/** A kind that the cluster does not serve has no objects; one that may not be read is told of. */
async function section(what: string, read: () => Promise<readonly TreeNode[]>): Promise<readonly TreeNode[]> {
  try {
    return await read();
  } catch (error) {
    if (isNotFound(error)) return [];
    return [{ kind: '', name: '', problem: unreadText(what, error), children: [] }];
  }
}

function basics({ kind }: Resource, { metadata }: Listed): TreeNode {
  const { name, creationTimestamp: createdAt } = metadata;
  return { kind, name, children: [], ...(createdAt !== undefined && { createdAt }) };
}

function scalerNode({ spec = {}, status = {} }: Scaler): Partial<TreeNode> {
  const { minReplicas = 1, maxReplicas = minReplicas } = spec;
  return { note: `${status.currentReplicas ?? 0} pods of ${minReplicas} to ${maxReplicas}` };
}

function revisionText({ status = {} }: Canary, revision = ''): string {
  const { lastAppliedSpec, lastPromotedSpec } = status;
  if (revision === lastPromotedSpec) return 'revision that is promoted';
  return revision === lastAppliedSpec ? 'revision that was released last' : 'revision from before';
}

function actionNode(action: CanaryAction & Listed): TreeNode {
  const { spec, status } = action;
  const by = spec.requestedBy === undefined ? '' : ` by ${spec.requestedBy}`;
  const answer = status?.phase === undefined || status.phase === '' ? 'not answered yet' : status.phase;
  return { ...basics(CANARY_ACTIONS, action), note: `${spec.action}${by}: ${answer}` };
}
