import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LintFinding } from '../lint/lint.ts';
import { annotationLine, findingLine, lintSummary } from './lint-findings.ts';

const FINDING: LintFinding = {
  ...{ file: 'a,b:c%.yaml', line: 3, column: 7 },
  severity: 'error',
  ...{ path: 'spec.analysis', message: '50% is\nnot: enough' },
};

describe('a finding', () => {
  it('is a line that editors jump to, with its severity in colour where there are colours', () => {
    assert.equal(
      findingLine(FINDING, { hasColor: false }),
      'a,b:c%.yaml:3:7: error: spec.analysis: 50% is\nnot: enough',
    );
    const shown = findingLine({ ...FINDING, severity: 'warning' }, { hasColor: true });
    assert.ok(shown.includes(': \u001B[33mwarning\u001B[39m: '));
    assert.equal(
      findingLine({ ...FINDING, path: '', message: 'no' }, { hasColor: false }),
      'a,b:c%.yaml:3:7: error: no',
    );
  });

  it('is an annotation of GitHub, in which nothing of it ends the command early', () => {
    assert.equal(
      annotationLine(FINDING),
      '::error file=a%2Cb%3Ac%25.yaml,line=3,col=7::spec.analysis: 50%25 is%0Anot: enough',
    );
  });
});

describe('the summary', () => {
  it('counts', () => {
    const none = { findings: [], canaries: [], checked: 0, passedOver: 0 };
    assert.equal(lintSummary(none, 0), '0 objects in 0 files: 0 errors, 0 warnings');
    const some = {
      ...none,
      findings: [FINDING, { ...FINDING, severity: 'warning' as const }],
      checked: 1,
      passedOver: 1,
    };
    assert.equal(lintSummary(some, 2), '1 object in 2 files: 1 error, 1 warning; 1 of other kinds is passed over');
  });
});
