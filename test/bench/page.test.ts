import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { benchmarksPage } from './page.ts';
import type { Setting } from './results.ts';
import { keptResults, PAGE_FILE, RESULTS_FILE } from './results-file.ts';

const setting: Setting = {
  ...{ date: '2026-11-22', cpu: 'AMD EPYC', cores: 2, memoryGigabytes: 24, load: 0.25 },
  ...{ node: 'v20.20.2', kubernetes: 'v1.36.3', contour: 'v1.33.8', version: '0.1.0 at abc1234' },
};

describe('the page of benchmarks', () => {
  it('has a table of a part, without the columns that nobody filled', () => {
    const rows = [{ what: 'one', value: '2 ms', aim: '5 ms' }];
    const page = benchmarksPage({ parts: { webhook: { setting, rows } }, releases: {} });
    assert.match(
      page,
      /\n## Admission\n\n2026-11-22, 2 cores of AMD EPYC, 24 GB, load 0\.3 before it; Node v20\.20\.2/,
    );
    assert.ok(page.endsWith('\n|  | figure | aim |\n| --- | ---: | ---: |\n| one | 2 ms | 5 ms |\n'), page);
  });

  it('is that of the results that are kept', { skip: !existsSync(RESULTS_FILE) && 'none are kept' }, async () => {
    assert.equal(await readFile(PAGE_FILE, 'utf8'), benchmarksPage(await keptResults()));
  });
});
