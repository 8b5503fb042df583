// How Deployments are read and changed: of the very object and state that was decided about, or not at all.

import { DEPLOYMENTS } from '../api/resources.ts';
import { revisionOf } from '../api/revision.ts';
import { KubeError } from '../kube/errors.ts';
import { isFailedTest } from '../kube/failed-test.ts';
import { objectPath } from '../kube/resource.ts';
import { type DeploymentRecord, recordOf } from './deployment-record.ts';
import type { Subject } from './subject.ts';
import type { Deployment, PodTemplate, Release } from './workload/workload.ts';
import type { Writer } from './writer.ts';

export function readDeployment({ transport, signal }: Writer, namespace: string, name: string): Promise<Deployment> {
  return transport.request<Deployment>({ path: objectPath(DEPLOYMENTS, { namespace, name }), signal });
}

/**
 * A JSON patch, with tests of what was observed.
 *
 * @throws {KubeError} a 409 where a test does not hold
 */
export async function patchDeployment(
  { transport, fieldManager, fence, signal }: Writer,
  namespace: string,
  name: string,
  body: readonly object[],
  more: { readonly dryRun?: 'All' } = {},
): Promise<DeploymentRecord> {
  const path = objectPath(DEPLOYMENTS, { namespace, name });
  const contentType = 'application/json-patch+json';
  try {
    return recordOf(
      await transport.request({
        method: 'PATCH',
        path,
        query: { fieldManager, ...more },
        contentType,
        body,
        fence,
        signal,
      }),
    );
  } catch (error) {
    if (isFailedTest(error)) throw changedMeanwhile(error.message);
    throw error;
  }
}

/** The target's pod template as it stands, if that is the one which was decided about. */
export async function targetTemplate(
  { canary, names }: Subject,
  templateRevision: string,
  writer: Writer,
): Promise<PodTemplate> {
  const { spec } = await readDeployment(writer, canary.metadata.namespace, names.target.name);
  if (revisionOf(spec.template) !== templateRevision)
    throw changedMeanwhile(`the pod template of ${names.target.name} has changed`);
  return spec.template;
}

export function releaseOf({ release, names }: Subject): Release {
  if (release === undefined) throw changedMeanwhile(`Deployment ${names.target.name} is gone`);
  return release;
}

/** What a resourceVersion would have said: somebody wrote before us, look again. */
export function changedMeanwhile(message: string): KubeError {
  return new KubeError({ status: 409, reason: 'Conflict', message });
}
