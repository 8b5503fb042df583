// What manifests/crd says, as TypeScript in api/generated, and the policies on authors of canaries in manifests/policies:
// node --import tsx manifests/generate/main.ts [--check]
// With --check nothing is written, and a difference is an error.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readDefinitions } from './definitions.ts';
import { policiesFile } from './policies-file.ts';
import { schemaModule } from './schema-module.ts';
import { typesModule } from './types-module.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'api', 'generated');
const check = process.argv.includes('--check');

const definitions = await readDefinitions(join(root, 'manifests', 'crd'));
const modules = new Map(
  definitions.map((definition) => [definition.file.replace('.yaml', '.ts'), typesModule(definition)]),
);
modules.set('schemas.ts', schemaModule(definitions));

const texts = new Map(
  [...modules].map(([file, source]) => {
    const path = join(folder, file);
    return [path, formatted(path, source)];
  }),
);
const policies = join(root, 'manifests', 'policies', 'canaries.yaml');
texts.set(policies, formatted(policies, policiesFile()));

await mkdir(folder, { recursive: true });
const different: string[] = [];
for (const [path, text] of texts) {
  const old = await readFile(path, 'utf8').catch(() => '');
  if (old === text) continue;
  different.push(relative(root, path));
  if (!check) await writeFile(path, text);
}

if (!check) {
  console.log(different.length === 0 ? 'what is generated is up to date' : `wrote ${different.join(', ')}`);
} else if (different.length > 0) {
  console.error(`not as it would be generated: ${different.join(', ')}: run make generate`);
  process.exitCode = 1;
}

/** As `make fmt` would leave it. */
function formatted(path: string, source: string): string {
  const biome = join(root, 'node_modules', '.bin', 'biome');
  return execFileSync(biome, ['check', '--write', `--stdin-file-path=${path}`], {
    cwd: root,
    input: source,
    encoding: 'utf8',
  });
}
