import type { TestEvent } from 'node:test/reporters';

/** What a run of tests came to. A test that holds others is not counted beside them, unless it failed by itself. */
export interface Totals {
  readonly passed: number;
  readonly failed: readonly TestName[];
  readonly skipped: readonly (TestName & { readonly reason: string })[];
}

interface TestName {
  readonly name: string;
  readonly file: string;
}

type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** A reporter for node:test that yields one line at the end: the `Totals` as JSON. */
export async function* totalsReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  const failed: TestName[] = [];
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
      else if (!failedByItsTests(event)) failed.push(test);
    } else if (isFileItself(event)) failed.push({ ...test, name: 'the file itself: there is no test in it' });
    else if (!holdsOthers && !isSuite(event)) passed += 1;
  }
  yield `${JSON.stringify({ passed, failed, skipped } satisfies Totals)}\n`;
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

/** node:test reports a file that held no test, or that ended badly besides its tests, as a test with the file's path for a name. */
function isFileItself(event: Outcome): boolean {
  const { name, nesting, file } = event.data;
  return nesting === 0 && name === file;
}
