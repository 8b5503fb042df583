import type { Fault, Traffic } from './fault.ts';
import { FAULT_GROUPS } from './faults.ts';
import { sightText } from './sights.ts';
import type { Outcome } from './trial.ts';

const INTRODUCTION = `# What goes wrong, and what becomes of a release

<!-- Made by test/e2e/faults/faults.test.ts: UPDATE_GOLDEN=1 make test-disturbed FILES=test/e2e/faults/faults.test.ts -->

Each fault befalls a release of podinfo on Contour's Envoy in the midst of it, at weight 25, while its users send requests all the time.
\`make test-disturbed\` has all of them, and looks for each thing that is said here to be seen, word by word: of canary \`podinfo\` in namespace
\`test\`, where \`…\` is what differs from one time to the next. Whatever the fault, weights only grow within a run, a canary has traffic only
while it has pods, it is scaled down only once it has none, and the primary becomes only what has passed: that is read of what the API
server had, and not of what was said.

The last column is of a run on two cores that had all of this to do: requests that failed of all that were sent, and the time from the change of
the image to the end of the release. A release that nothing befalls takes half a minute of it.
`;

const TRAFFIC: Readonly<Record<Traffic, string>> = {
  none: 'no request fails',
  'none, in the same split': 'no request fails, and both sides answer all the time',
  'some to the canary': 'those may fail that reach the canary before the gateway knows; none to the primary',
  'all get 404':
    'the gateway answers all with 404, as it has no route then, and maybe some with 503 when it takes it back; none fails otherwise',
};

/** What of a row is known before it is tried. */
export function fixedCells({ what, during, afterwards, release, traffic }: Fault): readonly string[] {
  const sights = [...during, ...afterwards].map(sightText);
  return [what, sights.join('<br>'), release, TRAFFIC[traffic]].map((cell) => cell.replaceAll('|', '\\|'));
}

/** The page of documentation, as Markdown. */
export function faultsPage(outcomes: ReadonlyMap<string, Outcome>): string {
  const sections = FAULT_GROUPS.map(({ title, faults }) => {
    const rows = faults.map((fault) => [...fixedCells(fault), outcomeText(outcomes.get(fault.name))]);
    const head = ['Fault', 'What a user sees', 'The release', 'Requests', 'Seen'];
    const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
    return `## ${title}\n\n${table.join('\n')}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** `0 of 412 failed, 38 s`. */
export function outcomeText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'not tried yet';
  const { requests, failed, others, seconds } = outcome;
  const notFound = others.get(404) ?? 0;
  const answered = notFound === 0 ? '' : `, ${notFound} got a 404`;
  return `${failed} of ${requests} failed${answered}, ${seconds.toFixed(0)} s`;
}
