import type { Canary } from '../../api/generated/canary.ts';
import { readableNames } from '../../api/names.ts';
import { DEPLOYMENTS } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import { isFailedTest } from '../../kube/failed-test.ts';
import type { KubeObject } from '../../kube/object.ts';
import { objectPath } from '../../kube/resource.ts';
import { CommandError } from '../command-error.ts';
import type { Cluster } from './cluster.ts';

/** A pod template as the API server has it. Only what is looked at has a type. */
export interface PodTemplate {
  readonly metadata?: Readonly<Record<string, unknown>> & {
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>> & {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
}

/** The Deployment that a canary releases. */
export interface Target extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & { readonly template: PodTemplate };
}

export interface TargetPatch {
  readonly contentType: 'application/json-patch+json' | 'application/strategic-merge-patch+json';
  readonly body: unknown;
}

export interface PatchOptions {
  readonly fieldManager: string;
  /** The API server looks at it, and changes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * @throws {CommandError} where it is no Deployment: of what else there is nothing is released yet
 * @throws {KubeError} where it cannot be read
 */
export async function readTarget({ transport }: Cluster, canary: Canary, signal: AbortSignal): Promise<Target> {
  const target = readableNames(canary.spec)?.target;
  if (target === undefined) throw new CommandError('its spec names no target');
  const { apiVersion, kind, name } = target;
  if (kind !== DEPLOYMENTS.kind || apiVersion !== DEPLOYMENTS.apiVersion) {
    throw new CommandError(`its target is ${kind} ${name}, and only Deployments of apps/v1 are changed: use kubectl`);
  }
  const path = objectPath(DEPLOYMENTS, { namespace: canary.metadata.namespace, name });
  return transport.request<Target>({ path, signal });
}

/**
 * The target as it is then.
 *
 * @throws {KubeError} a 409 where it is not the object that was read, or a test of a JSON patch does not hold
 */
export async function patchTarget(
  { transport }: Cluster,
  { metadata }: Target,
  { contentType, body }: TargetPatch,
  { fieldManager, dryRun, signal }: PatchOptions,
): Promise<Target> {
  const query = { fieldManager, ...(dryRun && { dryRun: 'All' }) };
  const path = objectPath(DEPLOYMENTS, metadata);
  try {
    return await transport.request<Target>({ method: 'PATCH', path, query, contentType, body, signal });
  } catch (error) {
    if (isFailedTest(error)) {
      throw new KubeError({ status: 409, reason: 'Conflict', message: error.message, cause: error });
    }
    throw error;
  }
}
