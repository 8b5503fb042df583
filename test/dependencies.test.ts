// Each dependency runs on the Node that runs this, is pinned, and has its reason written down. Some majors install on our
// oldest Node and throw when they are imported: npm only warns.

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
    Record<
      string,
      Partial<Package> & {
        readonly integrity?: string;
        readonly optional?: boolean;
        readonly os?: readonly string[];
        readonly cpu?: readonly string[];
      }
    >
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

  it('is in package-lock.json as package.json has it, and by integrity', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
    const { '': own, ...packages } = lock.packages;
    assert.deepEqual([own?.dependencies, own?.devDependencies], [dependencies, devDependencies]);
    // The binaries for other platforms are pinned by version: not every mirror has them to take a hash from.
    const unpinned = Object.keys(packages).filter((name) => {
      const { integrity, optional = false, os = [], cpu = [] } = packages[name] ?? {};
      const here =
        (os.length === 0 || os.includes(process.platform)) && (cpu.length === 0 || cpu.includes(process.arch));
      return integrity === undefined && !(optional && (!here || name.includes('musl')));
    });
    assert.deepEqual(unpinned, []);
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
