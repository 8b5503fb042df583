import type { ControllerSample } from './controller-samples.ts';

/** What is open while nothing happens. */
export interface Rest {
  readonly controllers: readonly ControllerSample[];
  readonly watches: Readonly<Record<string, number>>;
}

/** A lease is being renewed, a connection is kept for the next request: as much may be open by chance. */
const SLACK = 3;

/** Of whoever leads and whoever waits, as each was before: what is open now and was not. */
export function leakedHandles(before: Rest, after: Rest): readonly string[] {
  const problems: string[] = [];
  for (const now of after.controllers) {
    const then = before.controllers.find(({ isLeading }) => isLeading === now.isLeading);
    if (then === undefined) continue;
    const role = now.isLeading ? 'the leader' : 'the one that waits';
    for (const [what, count] of Object.entries({ ...now.open, files: now.files })) {
      const known = what === 'files' ? then.files : (then.open[what] ?? 0);
      if (count > known + SLACK) problems.push(`${role} has ${count} ${what} open at rest, and had ${known}`);
    }
  }
  for (const kind of new Set([...Object.keys(before.watches), ...Object.keys(after.watches)])) {
    const [then = 0, now = 0] = [before.watches[kind], after.watches[kind]];
    if (now > then) problems.push(`the API server has ${now} watches of ${kind}, and had ${then}`);
  }
  return problems;
}

/** `leader: 41 files, TCPSocketWrap 14, Timeout 16`. */
export function handleLines({ controllers, watches }: Rest): readonly string[] {
  const sum = Object.values(watches).reduce((total, count) => total + count, 0);
  return [
    ...controllers.map(({ isLeading, files, open }) => {
      const counts = Object.entries(open).map(([what, count]) => `${what} ${count}`);
      return `${isLeading ? 'leader' : 'standby'}: ${files} files, ${counts.join(', ')}`;
    }),
    `${sum} watches at the API server`,
  ];
}
