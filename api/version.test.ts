import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { VERSION } from './version.ts';

const read = (...path: readonly string[]) => readFile(join(import.meta.dirname, '..', ...path), 'utf8');

describe('the version', () => {
  it('is that of the package', async () => {
    const { version } = JSON.parse(await read('package.json')) as { readonly version: string };
    assert.equal(VERSION, version);
  });

  for (const program of ['controller', 'webhook']) {
    it(`is that of the image of the ${program}`, async () => {
      const manifest = await read('manifests', program, 'deployment.yaml');
      assert.equal(/image: kubectl-canary\/\S+:(\S+)/.exec(manifest)?.[1], VERSION);
    });
  }
});
