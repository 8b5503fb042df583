// All tests but those of the leg disturbed, or the legs named: node --import tsx test/run.ts [lint format typecheck unused generated unit newest safety kube e2e network disturbed releases cli]
// Environment: FILES, test files to run in place of all; KUBECTL_CANARY_CLUSTER=current, the cluster of the current
// kubeconfig in place of the sandbox.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { NO_TOTALS, type Totals } from './totals-reporter.ts';

const CHECKS = ['lint', 'format', 'typecheck', 'unused', 'generated'] as const;
/**
 * One stage after the other; the legs of one side by side, as they mostly wait and have a sandbox each. What all but the last of
 * them say is held back until they are done.
 */
const STAGES = [
  ['unit'],
  ['newest'],
  ['safety'],
  ['kube', 'e2e'],
  ['network'],
  ['disturbed'],
  ['releases'],
  ['cli'],
] as const;
type LegName = (typeof STAGES)[number][number];
/** Whether what a leg says is shown at once, or when it is done. */
type Output = 'shown' | 'captured';
const RUNS: Readonly<Record<LegName, (output: Output) => Promise<Totals>>> = {
  unit: runUnit,
  newest: runUnitOnNewestNode,
  safety: () => runTests('safety', [process.execPath], [SAFETY]),
  kube: (output) => runEndToEnd('kube', (file) => file.startsWith(RUNTIME), output),
  e2e: () =>
    runEndToEnd(
      'e2e',
      (file) =>
        ![SANDBOX_COMMAND, RUNTIME, NETWORK, ...DISTURBED, ...RELEASES].some((folder) => file.startsWith(folder)),
    ),
  network: (output) => runEndToEnd('network', (file) => file.startsWith(NETWORK), output),
  disturbed: () => runEndToEnd('disturbed', (file) => DISTURBED.some((folder) => file.startsWith(folder))),
  releases: runReleases,
  cli: runSandboxCommand,
};
const UNIT_FOLDERS = ['api', 'kube', 'controller', 'webhook', 'plugin', 'examples', 'test'];
const UNIT_MINUTES = 10;
/** What test/node/fetch says on a platform for which it knows no package. */
const NO_PACKAGE = 'test/node/packages has none';
/** A unit test that takes all cores for minutes. */
const SAFETY = join('controller', 'decide', 'safety', 'many-schedules.test.ts');
const SAFETY_MINUTES = 30;
const END_TO_END = join('test', 'e2e');
/** Tests of the sandbox's own command line, and of the plugin's packages, which run beside a sandbox and not in one. */
const SANDBOX_COMMAND = join(END_TO_END, 'cli');
/** Tests of the runtime, which end and freeze the API server of their sandbox. */
const RUNTIME = join(END_TO_END, 'kube');
/** What NetworkPolicies let through, in a sandbox that enforces them. */
const NETWORK = join(END_TO_END, 'network');
/**
 * Releases while what they stand on is killed and frozen: whoever else is there would be disturbed too. It takes half an hour, and
 * is run where it is asked for by name.
 */
const DISTURBED = ['faults', 'killed', 'soak'].map((folder) => join(END_TO_END, folder));
const ASKED_FOR = 'disturbed';
/** Releases by a controller that is installed before all of them, and by people: they mostly wait, and so run side by side. */
const RELEASES = ['controller', 'plugin'].map((folder) => join(END_TO_END, folder));
/** With five of them the cluster was so busy that its gateway once cut all connections. */
const RELEASES_AT_A_TIME = 3;
const END_TO_END_MINUTES = 45;
/** With more the fault is not the machine’s. */
const AGAIN = 3;
const SANDBOX = join('test', 'sandbox', 'sandbox');

/**
 * Of how many files at a time, minutes for all, and failed files that are run again, as a machine that is busy with a cluster may
 * fail one (docs/decisions/0036-a-second-time.md). End-to-end tests share a cluster, and a machine that the cluster keeps busy.
 */
const LIMITS: Readonly<Record<LegName, readonly [number, number, number]>> = {
  unit: [availableParallelism(), UNIT_MINUTES, 0],
  newest: [availableParallelism(), UNIT_MINUTES, 0],
  safety: [1, SAFETY_MINUTES, 0],
  kube: [1, END_TO_END_MINUTES, AGAIN],
  e2e: [1, END_TO_END_MINUTES, AGAIN],
  network: [1, END_TO_END_MINUTES, AGAIN],
  disturbed: [1, END_TO_END_MINUTES, AGAIN],
  releases: [RELEASES_AT_A_TIME, END_TO_END_MINUTES, AGAIN],
  cli: [2, END_TO_END_MINUTES, AGAIN],
};

interface Leg {
  readonly name: string;
  readonly totals: Totals;
  readonly seconds: number;
}

const onCurrentCluster = process.env['KUBECTL_CANARY_CLUSTER'] === 'current';
const say = (line: string) => void process.stdout.write(`${line}\n`);
const root = join(import.meta.dirname, '..');
const scratch = await mkdtemp(join(tmpdir(), 'kubectl-canary-test-'));
process.chdir(root);
// What runs in here decides for itself what make runs in parallel.
delete process.env['MAKEFLAGS'];
delete process.env['MAKELEVEL'];
// A test may run us: to its runner we are a program like any other.
delete process.env['NODE_TEST_CONTEXT'];

const wanted = process.argv.slice(2);
const known = [...CHECKS, ...Object.keys(RUNS)];
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new RangeError(`no such leg: ${unknown.join(', ')}; there are ${known.join(', ')}`);
const isWanted = (name: string) => (wanted.length === 0 ? name !== ASKED_FOR : wanted.includes(name));

try {
  const legs = await Promise.all(CHECKS.filter(isWanted).map((name) => timed(name, () => runCheck(name))));
  // A cluster of the user's own is one for all.
  for (const stage of onCurrentCluster ? STAGES.flat().map((name) => [name]) : STAGES) {
    const names = stage.filter(isWanted);
    if (names.length === 0) continue;
    say(`\n== ${names.join(' and ')}`);
    const shown = names.at(-1);
    legs.push(
      ...(await Promise.all(names.map((name) => timed(name, () => RUNS[name](name === shown ? 'shown' : 'captured'))))),
    );
  }
  process.exitCode = summarize(legs) ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function timed(name: string, run: () => Promise<Totals>): Promise<Leg> {
  const start = performance.now();
  const totals = await run().catch((error: unknown) => failure(error instanceof Error ? error.message : String(error)));
  return { name, totals, seconds: (performance.now() - start) / 1000 };
}

/** A check counts as one test. What it says is held back until it is done, as several run at once. */
async function runCheck(name: string): Promise<Totals> {
  const { code, output } = await command('make', ['--no-print-directory', name], 'captured');
  say(code === 0 ? `✔ ${name}` : `✖ ${name}\n${output.trimEnd()}`);
  return code === 0 ? { ...NO_TOTALS, passed: { [name]: 1 } } : failure(`make ${name}`);
}

async function runUnit(): Promise<Totals> {
  return runTests('unit', [process.execPath], await unitFiles());
}

async function runUnitOnNewestNode(): Promise<Totals> {
  const { code, output } = await command('test/node/fetch', ['newest'], 'captured');
  // What it says before is on its way there; its last line is the file, or why there is none.
  const last = output.trim().split('\n').at(-1) ?? '';
  if (code === 0) return runTests('newest', [last], await unitFiles());
  if (!last.includes(NO_PACKAGE)) return failure(last);
  say(`skipped: ${last}`);
  return { ...NO_TOTALS, skipped: [{ name: 'all unit tests', file: '', reason: last }] };
}

async function runEndToEnd(
  leg: 'kube' | 'e2e' | 'network' | 'disturbed',
  isOfIt: (file: string) => boolean,
  output?: Output,
): Promise<Totals> {
  const files = (await endToEndFiles()).filter(isOfIt);
  // A file of its own may be asked for, which has nothing to do in here.
  if (files.length === 0 && chosenFiles() !== undefined) return NO_TOTALS;
  const addon = leg === 'network' ? 'network-policies' : 'istio';
  const inSandbox = [SANDBOX, 'run', '--with', addon, '--', process.execPath];
  return runTests(leg, onCurrentCluster ? [process.execPath] : inSandbox, files, output);
}

async function runReleases(): Promise<Totals> {
  const files = (await endToEndFiles()).filter((file) => RELEASES.some((folder) => file.startsWith(folder)));
  if (files.length === 0 && chosenFiles() !== undefined) return NO_TOTALS;
  // On a cluster of the user's own nothing is installed: what is not skipped there needs no controller.
  if (onCurrentCluster) return runTests('releases', [process.execPath], files);
  // The shell's own arguments come after the script: what is to be run once everything is installed.
  const installed = [
    'bash',
    '-c',
    'make --no-print-directory deploy OVERLAY=with-config-tracking >&2 && exec "$@"',
    'bash',
    process.execPath,
  ];
  return runTests('releases', [SANDBOX, 'run', '--with', 'istio', '--', ...installed], files);
}

async function runSandboxCommand(): Promise<Totals> {
  const files = (await endToEndFiles()).filter((file) => file.startsWith(SANDBOX_COMMAND));
  if (files.length === 0 && chosenFiles() !== undefined) return NO_TOTALS;
  if (!onCurrentCluster) return runTests('cli', [process.execPath], files);
  const reason = 'not on the current cluster: these ask none';
  return { ...NO_TOTALS, skipped: files.map((file) => ({ name: 'all of it', file, reason })) };
}

async function endToEndFiles(): Promise<string[]> {
  return (chosenFiles() ?? (await testFiles(END_TO_END))).filter((file) => file.startsWith(END_TO_END));
}

/** Runs the files with `node`, the words of a command line that end in a Node. What is captured is shown when it is done. */
async function runTests(
  leg: LegName,
  node: readonly string[],
  files: readonly string[],
  output: Output = 'shown',
): Promise<Totals> {
  if (files.length === 0) return failure('there are no test files');
  const totalsFile = join(scratch, `${leg}.json`);
  const limits = LIMITS[leg];
  const [program = '', ...args] = [
    ...node,
    '--import',
    'tsx',
    'test/run-files.ts',
    totalsFile,
    ...limits.map(String),
    ...files,
  ];
  const { code, output: text } = await command(program, args, output);
  if (output === 'captured') say(`\n== ${leg}, until its end\n${text.trimEnd()}\n`);

  const written = await readFile(totalsFile, 'utf8').catch(() => '');
  if (written === '') return failure(`ended before any test, with exit code ${code}`);
  const totals = JSON.parse(written) as Totals;
  if (passedIn(totals) + totals.failed.length + totals.skipped.length === 0) return failure('ran no test');
  if (code !== 0 && totals.failed.length === 0) {
    return { ...totals, failed: failure(`no test failed, and yet the exit code was ${code}`).failed };
  }
  return totals;
}

async function unitFiles(): Promise<string[]> {
  const files = chosenFiles() ?? (await Promise.all(UNIT_FOLDERS.map((folder) => testFiles(folder)))).flat();
  return files.filter((file) => file !== SAFETY && !file.startsWith(END_TO_END));
}

function chosenFiles(): string[] | undefined {
  const files = process.env['FILES']?.trim() ?? '';
  return files === '' ? undefined : files.split(/\s+/);
}

async function testFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function command(
  program: string,
  args: readonly string[],
  output: Output,
): Promise<{ code: number; output: string }> {
  const child = spawn(program, args, {
    stdio: ['ignore', output === 'shown' ? 'inherit' : 'pipe', output === 'shown' ? 'inherit' : 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== null) text += `\n${program} was ended by ${signal}\n`;
      resolve({ code: code ?? 1, output: text });
    });
  });
}

function passedIn({ passed }: Totals): number {
  return Object.values(passed).reduce((sum, each) => sum + each, 0);
}

function failure(reason: string): Totals {
  return { ...NO_TOTALS, failed: [{ name: reason, file: '' }] };
}

/** A table of the legs, what was skipped and what failed, and last one line with the totals; true when nothing failed. */
function summarize(legs: readonly Leg[]): boolean {
  const row = (...[name, ...figures]: string[]) =>
    `${(name ?? '').padEnd(11)}${figures.map((figure) => figure.padStart(9)).join('')}`;
  say(`\n${row('LEG', 'PASSED', 'FAILED', 'SKIPPED', 'TIME')}`);
  for (const { name, totals, seconds } of legs) {
    const { failed, skipped } = totals;
    say(row(name, String(passedIn(totals)), String(failed.length), String(skipped.length), `${seconds.toFixed(1)}s`));
  }
  const where = ({ name, file }: { name: string; file: string }) =>
    file === '' ? name : `${relative(root, file)}: ${name}`;
  const skipped = legs.flatMap((leg) =>
    leg.totals.skipped.map((test) => `  ${leg.name}  ${where(test)} (${test.reason})`),
  );
  const withReason = (kind: 'failed' | 'flaky') =>
    legs.flatMap((leg) =>
      leg.totals[kind].map(({ why, ...test }) =>
        [`  ${leg.name}  ${where(test)}`, ...(why?.trimEnd().split('\n') ?? [])].join('\n      '),
      ),
    );
  const [failed, flaky] = [withReason('failed'), withReason('flaky')];
  if (skipped.length > 0) say(`\nSkipped:\n${skipped.join('\n')}`);
  if (flaky.length > 0) say(`\nFailed at first, and passed when run again:\n${flaky.join('\n')}`);
  if (failed.length > 0) say(`\nFailed:\n${failed.join('\n')}`);

  const passed = legs.reduce((sum, leg) => sum + passedIn(leg.totals), 0);
  const again = flaky.length > 0 ? ` (${flaky.length} only when run again)` : '';
  const line = `${passed} passed, ${failed.length} failed${again}`;
  const none = passed + failed.length + skipped.length === 0;
  if (none) say('\nNo test ran: FILES names none of these legs.');
  say(`\n${skipped.length > 0 ? `${line}, ${skipped.length} skipped` : line}`);
  return failed.length === 0 && !none;
}
