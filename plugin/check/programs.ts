import { VERSION } from '../../api/version.ts';
import type { InstalledProgram } from '../cluster/installation.ts';
import { type CheckLine, fail, INSTALL, ok, warn } from './check-line.ts';
import type { InstalledSite } from './site.ts';

export function checkPrograms({ installation }: InstalledSite): readonly CheckLine[] {
  const { controllers, webhook } = installation;
  return [
    ...(controllers.length === 0 ? [judgeProgram('controller', undefined)] : []),
    ...controllers.map((each) =>
      judgeProgram(controllers.length === 1 ? 'controller' : `controller ${each.name}`, each),
    ),
    judgeProgram('webhook', webhook),
  ];
}

/** @param name what the line is called */
export function judgeProgram(name: string, program: InstalledProgram | undefined): CheckLine {
  if (program === undefined) return fail(name, 'it is not installed', INSTALL);
  const { namespace, name: deployment, version, wanted, available } = program;
  const pods = `${available} of ${wanted} pods available`;
  if (wanted === 0)
    return fail(name, 'it is scaled to zero', `kubectl -n ${namespace} scale deployment/${deployment} --replicas=2`);
  if (available === 0) return fail(name, pods, `kubectl -n ${namespace} describe deployment/${deployment}`);
  const skew = skewOf(version);
  if (skew !== undefined) return warn(name, `${pods}, ${skew}`, 'install the same version of both');
  return available < wanted
    ? warn(name, pods, `kubectl -n ${namespace} get pods`)
    : ok(name, `${pods}, version ${version ?? 'unknown'}`);
}

/** Patches go together; what is not known is not blamed. */
function skewOf(version: string | undefined): string | undefined {
  const of = (text: string) => /^v?(\d+\.\d+)\./.exec(text)?.[1];
  const [ours, theirs] = [of(VERSION), of(version ?? '')];
  return theirs === undefined || ours === theirs ? undefined : `version ${version ?? ''}, and the plugin is ${VERSION}`;
}
