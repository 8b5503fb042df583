import { DEPLOYMENTS } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';
import { type EnvironmentVariable, expandedArgs } from './read-settings.ts';

/** Where the manifests put everything. */
export const SYSTEM_NAMESPACE = 'kubectl-canary';
const PART_OF = 'app.kubernetes.io/part-of=kubectl-canary';
const NAME_LABEL = 'app.kubernetes.io/name';
const VERSION_LABEL = 'app.kubernetes.io/version';

/** One of our programs, as its Deployment has it. */
export interface InstalledProgram {
  readonly namespace: string;
  /** Of its Deployment. */
  readonly name: string;
  /** Of its label, or else its image's tag; `undefined` of an image that is named by its digest. */
  readonly version: string | undefined;
  readonly wanted: number;
  readonly available: number;
  /** Of its command line, with what it takes from a ConfigMap. */
  readonly args: readonly string[];
  readonly serviceAccount: string;
}

export interface Installation {
  /** Several where they divide the canaries. */
  readonly controllers: readonly InstalledProgram[];
  readonly webhook: InstalledProgram | undefined;
  /** Whether only the usual namespace could be looked at. */
  readonly isPartial: boolean;
}

interface Container {
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
}

interface Deployment extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec?: {
        readonly serviceAccountName?: string;
        readonly containers?: readonly Container[];
      };
    };
  };
  readonly status?: { readonly availableReplicas?: number };
}

/**
 * Our programs, wherever in the cluster they are; in the usual namespace alone for who may not look into all.
 *
 * @throws {KubeError} 403 for who may not even do that
 */
export async function readInstallation({ transport }: Cluster, signal: AbortSignal): Promise<Installation> {
  const read = (namespace?: string) =>
    transport.request<{ readonly items: readonly Deployment[] }>({
      ...{ path: collectionPath(DEPLOYMENTS, namespace), query: { labelSelector: PART_OF }, signal },
    });
  let isPartial = false;
  const { items } = await read().catch((error: unknown) => {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    isPartial = true;
    return read(SYSTEM_NAMESPACE);
  });
  const find = (name: string) =>
    Promise.all(
      items
        .filter(({ metadata }) => metadata.labels?.[NAME_LABEL] === name)
        .map(async (deployment) => {
          const [container = {}] = deployment.spec?.template?.spec?.containers ?? [];
          const args = await expandedArgs(transport, deployment.metadata.namespace ?? '', container, signal);
          return programOf(deployment, args);
        }),
    );
  const [controllers, [webhook]] = await Promise.all([find('canary-controller'), find('canary-webhook')]);
  return { controllers, webhook, isPartial };
}

function programOf({ metadata, spec = {}, status = {} }: Deployment, args: readonly string[]): InstalledProgram {
  const pod = spec.template?.spec;
  const [container] = pod?.containers ?? [];
  const namespace = metadata.namespace ?? '';
  return {
    ...{ namespace, name: metadata.name },
    version: metadata.labels?.[VERSION_LABEL] ?? tagOf(container?.image ?? ''),
    ...{ wanted: spec.replicas ?? 1, available: status.availableReplicas ?? 0, args },
    serviceAccount: pod?.serviceAccountName ?? 'default',
  };
}

/** `registry:5000/a/b:1.2.3@sha256:...` has the tag 1.2.3. */
function tagOf(image: string): string | undefined {
  const [name = ''] = image.split('@', 1);
  return /:([\w.-]+)$/.exec(name)?.[1];
}

/** The value of an option on a program's command line, such as `--metrics-server=URL`; `undefined` where it is not there. */
export function optionOf({ args }: Pick<InstalledProgram, 'args'>, option: string): string | undefined {
  const index = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  const arg = args[index];
  if (arg === undefined) return undefined;
  return arg === option ? args[index + 1] : arg.slice(option.length + 1);
}
