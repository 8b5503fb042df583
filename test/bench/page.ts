import { COMPARED, REFERENCE_COLUMNS, SIZES } from './references.ts';
import type { Results, Setting } from './results.ts';

const INTRODUCTION = `# Benchmarks

\`make bench\` measures all of this in a sandbox and writes this page; \`make bench BENCH=transport\` measures one part, and only
that part of the page is new. Each part says when and on what it was measured. What the figures mean for a large cluster is in
[scaling](scaling.md).`;

const RELEASES = `## Releases at once

Canaries on Contour with \`interval: 10s\`, \`stepWeight: 25\`, \`maxWeight: 50\` and no metrics, of Deployments with one pod each and no
process in it; everything is installed as it is delivered, with two replicas of the controller. They are made at once, left alone for half a
minute and measured at rest for another one, and given a new image at once. A bootstrap and a release of ours each end with five seconds
of draining, which are in the figures. Our figure stands before our aim.

The columns of the others were measured once, by hand, on a virtual machine of two cores with the same API server and gateway, and are
not measured again here; the last two lines say how fast this machine was beside that one. Rollouts of Argo split by replicas,
paused for ten seconds twice, and have one Deployment's worth of pods each, not two. Kubernetes' own requests are those of the same
rollouts by hand: the target up, the primary over, the target down. The sandbox's Prometheus scrapes both replicas of the controller
each fifteen seconds, which is in all CPU times. Its Contour and its control plane are not held to a number of requests a second: by
default Contour writes five statuses of routes a second, and each step of ours waits for one.`;

const NAMES: Readonly<Record<string, string>> = {
  release: 'One release',
  webhook: 'Admission',
  plugin: 'kubectl canary',
  transport: 'Requests to the API server',
  store: 'A copy of a cluster in memory',
  sandbox: 'The sandbox',
  pods: 'Pods of the sandbox',
};

/** The page of all results, in Markdown. */
export function benchmarksPage({ parts, releases }: Results): string {
  const sections = Object.entries(NAMES).flatMap(([name, title]) => {
    const part = parts[name];
    if (part === undefined) return [];
    const rows = part.rows.map(({ what, value, reference = '', aim = '' }) => [what, value, reference, aim]);
    return [`## ${title}`, settingText(part.setting), table(['', 'figure', 'reference', 'aim'], rows)];
  });
  return `${[INTRODUCTION, ...releasesSection(releases), ...sections].join('\n\n')}\n`;
}

function releasesSection(releases: Results['releases']): string[] {
  const measured = SIZES.flatMap((size) => (releases[size] === undefined ? [] : [{ size, ...releases[size] }]));
  if (measured.length === 0) return [];
  const header = ['', ...REFERENCE_COLUMNS, ...measured.map(({ size }) => `ours, ${size} (aim)`)];
  const rows = COMPARED.map(({ what, references, aims, value }) => [
    ...[what, ...references],
    ...measured.map(({ size, figures }) => {
      const aim = aims?.[SIZES.indexOf(size)];
      return aim === undefined ? value(figures) : `**${value(figures)}** (${aim})`;
    }),
  ]);
  const settings = measured.map(({ size, setting, figures: { cpu, byHand } }) =>
    [
      `- ${size}: ${settingText(setting)} CPU of all programs, in seconds:`,
      ...(byHand.made === undefined
        ? []
        : [`  - what ${byHand.releases} bootstraps make, made by hand ${byHand.made.cpu}`]),
      `  - ${byHand.releases} rollouts by hand ${byHand.cpu}`,
      `  - bootstrap ${cpu.bootstrap}`,
      `  - idle minute ${cpu.idle}`,
      `  - all of it, from the trigger until all is quiet ${cpu.releases}`,
    ].join('\n'),
  );
  return [RELEASES, table(header, rows), settings.join('\n')];
}

function settingText({ date, cpu, cores, memoryGigabytes, load, ...versions }: Setting): string {
  const { node, kubernetes, contour, version } = versions;
  return (
    `${date}, ${cores} cores of ${cpu}, ${memoryGigabytes} GB, load ${load.toFixed(1)} before it; ` +
    `Node ${node}, Kubernetes ${kubernetes}, Contour ${contour}, kubectl-canary ${version}.`
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  // Columns of which no row has anything are left out.
  const kept = header.map((_, column) => rows.some((row) => row[column] !== undefined && row[column] !== ''));
  const line = (cells: readonly string[]) => `| ${cells.filter((_, column) => kept[column]).join(' | ')} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
