import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodePin } from './nodes.ts';
import { PLATFORMS } from './platforms.ts';

const packages = await readFile(join(import.meta.dirname, '..', '..', 'test', 'node', 'packages'), 'utf8');

describe('the Nodes that executables are made of', () => {
  for (const { name, nodeVersion } of PLATFORMS) {
    it(`are pinned for ${name}, and for the Linux machines that write its blob`, () => {
      for (const machine of [name, 'linux-x64', 'linux-arm64']) {
        assert.match(nodePin(nodeVersion, machine).integrity, /^sha512-[\w+/]{86}==$/, machine);
      }
    });
  }

  for (const { name, nodeVersion } of PLATFORMS.filter(({ os }) => os === 'linux')) {
    it(`are for ${name} the one that test/node/packages has, which tests run on`, () => {
      assert.ok(packages.includes(`\nours ${name} ${nodeVersion} ${nodePin(nodeVersion, name).integrity}\n`));
    });
  }

  it('name the version and the machine that npm has none for', () => {
    assert.throws(
      () => nodePin('24.22.3', 'darwin-arm64'),
      /^Error: there is no package of Node 24\.22\.3 for darwin-arm64/,
    );
  });
});
