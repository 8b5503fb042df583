import type { TestEvent } from 'node:test/reporters';

/** What a run of tests came to. A test that holds others is not counted beside them, unless it failed by itself. */
export interface Totals {
  /** How many, by file. */
  readonly passed: Readonly<Record<string, number>>;
  readonly failed: readonly Failed[];
  readonly skipped: readonly (TestName & { readonly reason: string })[];
  /** What failed at first, in files that passed when they were run again. */
  readonly flaky: readonly Failed[];
}

interface TestName {
  readonly name: string;
  readonly file: string;
}

type Failed = TestName & { readonly why?: string };

export const NO_TOTALS: Totals = { passed: {}, failed: [], skipped: [], flaky: [] };

/** Enough for a difference of two objects, and little enough for a summary. */
const MAX_WHY = 2000;

type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** A reporter for node:test that yields one line at the end: the `Totals` as JSON. */
export async function* totalsReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const passed: Record<string, number> = {};
  const failed: Failed[] = [];
  const skipped: (TestName & { reason: string })[] = [];
  const depthBefore = new Map<string, number>();

  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, nesting, skip, todo, file = '' } = event.data;
    // Children are reported before what holds them, so an outcome right after a deeper one belongs to a holder.
    const holdsOthers = (depthBefore.get(file) ?? 0) > nesting;
    depthBefore.set(file, nesting);

    const test = { name, file };
    if (isSet(skip)) skipped.push({ ...test, reason: reasonOf(skip, 'no reason given') });
    else if (isSet(todo)) skipped.push({ ...test, reason: reasonOf(todo, 'still to be written') });
    else if (event.type === 'test:fail') {
      if (isFileItself(event)) failed.push({ ...test, name: 'the file itself: it crashed, hung or exited' });
      else if (!failedByItsTests(event)) failed.push({ ...test, ...whyOf(event) });
    } else if (isFileItself(event)) failed.push({ ...test, name: 'the file itself: there is no test in it' });
    else if (!holdsOthers && !isSuite(event)) passed[file] = (passed[file] ?? 0) + 1;
  }
  yield `${JSON.stringify({ ...NO_TOTALS, passed, failed, skipped } satisfies Totals)}\n`;
}

/** The totals of all files, some of which were run `again`: of those the second time counts. */
export function withSecondTime(first: Totals, again: Totals, files: readonly string[]): Totals {
  const once = <T extends TestName>(tests: readonly T[]) => tests.filter(({ file }) => !files.includes(file));
  const failsAgain = new Set(again.failed.map(({ file }) => file));
  return {
    passed: {
      ...Object.fromEntries(Object.entries(first.passed).filter(([file]) => !files.includes(file))),
      ...again.passed,
    },
    failed: [...once(first.failed), ...again.failed],
    skipped: [...once(first.skipped), ...again.skipped],
    flaky: first.failed.filter(({ file }) => files.includes(file) && !failsAgain.has(file)),
  };
}

function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}

function reasonOf(mark: string | boolean | undefined, otherwise: string): string {
  return typeof mark === 'string' && mark !== '' ? mark : otherwise;
}

function isSuite(event: Outcome): boolean {
  return event.data.details.type === 'suite';
}

function failedByItsTests(event: Outcome): boolean {
  const { error } = event.data.details as { error?: { failureType?: unknown } };
  return error?.failureType === 'subtestsFailed';
}

/** What was thrown, which the runner wraps in an error of its own. */
function whyOf(event: Outcome): { why?: string } {
  const { error } = event.data.details as { error?: { message?: unknown; cause?: unknown } };
  const thrown = error?.cause instanceof Error ? error.cause.message : (error?.cause ?? error?.message);
  return typeof thrown === 'string' ? { why: thrown.slice(0, MAX_WHY) } : {};
}

/** node:test reports a file that held no test, or that ended badly besides its tests, as a test with the file's path for a name. */
function isFileItself(event: Outcome): boolean {
  const { name, nesting, file } = event.data;
  return nesting === 0 && name === file;
}
