import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldPath } from './field-path.ts';
import { schemas } from './generated/schemas.ts';

describe('fieldPath', () => {
  const paths: Readonly<Record<string, string>> = {
    '': '',
    '/spec': 'spec',
    '/spec/analysis/metrics/0/thresholdRange/min': 'spec.analysis.metrics[0].thresholdRange.min',
    '/spec/analysis/stepWeights/3': 'spec.analysis.stepWeights[3]',
    '/spec/service/apex/labels/1': 'spec.service.apex.labels.1',
    '/spec/service/apex/annotations/example.com~1owner~0': 'spec.service.apex.annotations.example.com/owner~',
    '/spec/unknown/0': 'spec.unknown.0',
  };
  for (const [pointer, path] of Object.entries(paths)) {
    it(`writes ${pointer || 'the whole'} as ${path || 'nothing'}`, () =>
      assert.equal(fieldPath(pointer, schemas.Canary), path));
  }
});
