import { readServerVersion } from '../cluster/installed-versions.ts';
import { type CheckLine, fail, ok, warn } from './check-line.ts';
import type { Site } from './site.ts';

const NAME = 'API server';
/** The first that has what the webhook's configurations and the policy on actions are made of. */
const OLDEST_MINOR = 30;

export async function checkServerVersion(site: Site): Promise<readonly CheckLine[]> {
  return [judgeServerVersion(await readServerVersion(site, site.signal))];
}

/** @param version such as `v1.36.1` or `v1.30.4-gke.100` */
export function judgeServerVersion(version: string): CheckLine {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return warn(NAME, `its version ${version} is none that we know`);
  if (Number(major) === 1 && Number(minor) < OLDEST_MINOR)
    return fail(NAME, `${version} is too old`, `update the cluster to Kubernetes 1.${OLDEST_MINOR} or later`);
  return ok(NAME, version);
}
