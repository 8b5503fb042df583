import assert from 'node:assert/strict';
import { type DeploymentState, type ReleaseRecord, type Versioned, weightsOf } from './release-record.ts';

export interface Expected {
  /** Version that the primary had before. */
  readonly old: string;
  /** Version that it has in the end; `old` again where the release failed. */
  readonly last: string;
}

/** Asserts what has to hold of every release, whatever befell it: by what the API server had, and not by what was said of it. */
export function assertRulesKept(record: ReleaseRecord, expected: Expected): void {
  weightsGrow(record);
  routeIsWhole(record);
  onlyReadyCanariesGetMore(record);
  podsGoAfterTraffic(record);
  primaryIsWhatHasPassed(record, expected);
}

/** Within a run, weights only grow until its promotion, or go back to 0. */
function weightsGrow({ statuses }: ReleaseRecord): void {
  for (const [index, { status }] of statuses.entries()) {
    const before = statuses[index - 1]?.status;
    const isSameRun = before?.startedAt === status.startedAt;
    if (!isSameRun || before?.phase !== 'Progressing' || status.phase !== 'Progressing') continue;
    const [was, is] = [before.desiredWeight ?? 0, status.desiredWeight ?? 0];
    assert.ok(is >= was || is === 0, `from ${was} % to ${is} % in the midst of a run`);
  }
}

/** All requests go somewhere. */
function routeIsWhole({ route }: ReleaseRecord): void {
  for (const { object } of route) {
    const weights = weightsOf(object);
    assert.ok(weights !== undefined, 'the route splits nothing');
    assert.equal(weights.primary + weights.canary, 100, 'of the route');
  }
}

function onlyReadyCanariesGetMore({ route, target }: ReleaseRecord): void {
  let given = 0;
  for (const { version, object } of route) {
    const weight = weightsOf(object)?.canary ?? 0;
    const available = latest(target, version)?.status?.availableReplicas ?? 0;
    if (weight > given) assert.ok(available > 0, `${weight} % for a canary without a pod that is available`);
    given = weight;
  }
}

/** The target is not scaled down while the route leads to it. */
function podsGoAfterTraffic({ route, target }: ReleaseRecord): void {
  for (const [index, { version, object }] of target.entries()) {
    const before = target[index - 1]?.object.spec.replicas ?? 0;
    if (object.spec.replicas !== 0 || before === 0) continue;
    const split = latest(route, version);
    const weight = split === undefined ? 0 : (weightsOf(split)?.canary ?? 0);
    assert.equal(weight, 0, `the target is scaled down while the route gives it ${weight} %`);
  }
}

/** The primary gets another version only once that is being promoted, and none but the last. */
function primaryIsWhatHasPassed({ primary, statuses }: ReleaseRecord, { old, last }: Expected): void {
  const versions = primary.map(({ version, object }) => ({ version, tag: tagOf(object) }));
  assert.deepEqual([...new Set(versions.map(({ tag }) => tag))], old === last ? [old] : [old, last], 'of the primary');
  const changedAt = versions.find(({ tag }) => tag !== old)?.version;
  if (changedAt === undefined) return;
  const promoting = statuses.findLast(
    ({ version, status }) => version < changedAt && status.phase !== undefined,
  )?.status;
  assert.equal(promoting?.phase, 'Promoting', 'the primary was changed before its promotion');
  assert.equal(promoting.ending, undefined);
}

function latest<T>(states: readonly Versioned<T>[], before: bigint): T | undefined {
  return states.findLast(({ version }) => version < before)?.object;
}

function tagOf({ spec }: DeploymentState): string {
  return spec.template.spec.containers[0]?.image.split(':').at(-1) ?? '';
}
