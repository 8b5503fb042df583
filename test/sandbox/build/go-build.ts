import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import type { Recipe } from './recipe.ts';
import { MODULES } from './store.ts';

type GoRecipe = Extract<Recipe, { kind: 'go' }>;

/** Builds every program of the recipe into `folder`, and gathers the manifests that it asks for. */
export async function goBuild(recipe: GoRecipe, folder: string, stage: (text: string) => void): Promise<void> {
  const cwd = join(MODULES, recipe.module);
  // Static programs run in any root; a go.work of the user's must not bend the pins.
  const env = { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly -trimpath' };
  const go = (...args: string[]) => execa('go', args, { cwd, env });

  const tags = `-tags=${(recipe.tags ?? []).join(',')}`;

  stage('fetching modules');
  // What the programs are made of, not all that their go.mod knows: that is often twice as much.
  await go('list', '-deps', tags, ...new Set(recipe.programs.map((program) => program.package)));
  for (const program of recipe.programs) {
    stage(`compiling ${program.file}`);
    const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const linker = ['-s', '-w', ...variables].join(' ');
    await go('build', tags, '-ldflags', linker, '-o', join(folder, program.file), program.package);
  }
  if (recipe.manifests === undefined) return;
  stage('gathering manifests');
  const objects: unknown[] = [];
  for (const { module, paths, kinds } of recipe.manifests.from) {
    const { stdout } = await go('mod', 'download', '-json', module);
    const { Dir: root } = JSON.parse(stdout) as { readonly Dir: string };
    for (const path of paths) {
      const documents = await yamlDocuments(join(root, path));
      objects.push(...documents.filter((document) => kinds.includes(document.kind)));
    }
  }
  await writeFile(join(folder, recipe.manifests.file), JSON.stringify(objects));
}

async function yamlDocuments(path: string): Promise<{ readonly kind: string }[]> {
  const files = (await stat(path)).isDirectory()
    ? (await readdir(path))
        .toSorted()
        .filter((file) => /\.ya?ml$/.test(file))
        .map((file) => join(path, file))
    : [path];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document) => (document.toJS() as { kind: string }) ?? []),
  );
}
