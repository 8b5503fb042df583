// Each dependency runs on the Node that runs this, is pinned, and has its reason written down. A major may install on our
// oldest Node and throw when it is imported, as not every package names its engines.

// @peculiar/x509 throws without it.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, Partial<Package> & { readonly integrity?: string; readonly resolved?: string }>
  >;
}

const root = join(import.meta.dirname, '..');
const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Package;
const reasons = await readFile(join(root, 'docs', 'dependencies.md'), 'utf8');
const documented = [...reasons.matchAll(/^- `([^`]+)` (\S+): ./gm)].map(([, name, version]) => `${name} ${version}`);

describe('every dependency', () => {
  for (const name of Object.keys(dependencies)) {
    it(`${name} can be imported on Node ${process.versions.node}`, async () => {
      assert.ok(Object.keys((await import(name)) as object).length > 0);
    });
  }

  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    it(`${name} has an exact version`, () => assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/));

    it(`${name} has a line in docs/dependencies.md`, () => {
      assert.ok(documented.includes(`${name} ${version}`), `add: - \`${name}\` ${version}: why it is there`);
    });
  }

  it('is in package-lock.json as package.json has it, and each package by integrity, on every platform', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
    const { '': own, ...packages } = lock.packages;
    assert.deepEqual([own?.dependencies, own?.devDependencies], [dependencies, devDependencies]);
    const unpinned = Object.keys(packages).filter((name) => !/^sha512-./.test(packages[name]?.integrity ?? ''));
    assert.deepEqual(unpinned, [], 'test/node/run node --import tsx test/complete-lock.ts adds what npm leaves out');
    const located = Object.keys(packages).filter((name) => packages[name]?.resolved !== undefined);
    assert.deepEqual(located, [], "a registry's address is in the lock: .npmrc has omit-lockfile-registry-resolved");
  });

  it('in docs/dependencies.md is in package.json', () => {
    const names = Object.entries({ ...dependencies, ...devDependencies }).map(
      ([name, version]) => `${name} ${version}`,
    );
    assert.deepEqual(
      documented.filter((entry) => !names.includes(entry)),
      [],
    );
  });
});
