import { describe, it } from 'node:test';
import { analysisLines } from './analysis-lines.ts';
import { checkRows } from './check-rows.ts';
import { assertGolden } from './golden-file.ts';
import { PRETEND_RELEASES } from './pretend-releases.ts';

const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;

describe('what the checks have measured', () => {
  for (const name of ['failed', 'initialized']) {
    it(`is shown of a release that is ${name}`, () =>
      assertGolden(`analysis-${name}`, isUpdated, (look) =>
        analysisLines(checkRows(PRETEND_RELEASES[name]!.canary), look),
      ));
  }
});
