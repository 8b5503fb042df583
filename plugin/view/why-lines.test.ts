import { describe, it } from 'node:test';
import { assertGolden } from './golden-file.ts';
import { NOW, PRETEND_RELEASES } from './pretend-releases.ts';
import { whyLines } from './why-lines.ts';

const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;
const TROUBLES = ['container podinfod: ImagePullBackOff: Back-off pulling image "ghcr.io/stefanprodan/podinfo:6.0.x"'];

describe('why a release stands where it stands', () => {
  for (const name of ['progressing', 'at a gate', 'failed', 'paused by hand', 'suspended', 'no status yet']) {
    it(`is said when it is: ${name}`, () => {
      const seen = PRETEND_RELEASES[name]!;
      const facts = { ...seen, podTroubles: name === 'failed' ? TROUBLES : [] };
      const file = `why-${name.replaceAll(' ', '-')}`;
      assertGolden(file, isUpdated, (look) => whyLines(facts, { now: NOW, look }));
    });
  }
});
