import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { RECIPES, type Recipe } from './recipe.ts';

/** Where the modules that pin the Go programs are. */
export const MODULES = join(import.meta.dirname, '..', 'programs');

/**
 * The folder in the cache of what a recipe makes. Its name changes with everything that the outcome depends on, so that
 * several checkouts share one cache and a changed pin is a new folder.
 */
export function recipeFolder(cache: string, recipe: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify([recipe, platform(), arch()]));
  if (recipe.kind === 'go') {
    const folder = join(MODULES, recipe.module);
    for (const file of readdirSync(folder).toSorted()) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return join(cache, 'programs', `${recipe.name}-${hash.digest('hex').slice(0, 12)}`);
}

/** Every program of every recipe that is in the cache, by its name: `kubernetes`, `envoy`, `podinfo-6.9.2`, ... */
export function builtPrograms(cache: string): Record<string, string> {
  const programs: Record<string, string> = {};
  for (const recipe of RECIPES) {
    const folder = recipeFolder(cache, recipe);
    if (!existsSync(folder)) continue;
    const files = recipe.kind === 'go' ? recipe.programs.map((program) => program.file) : [recipe.file];
    for (const file of files) programs[file] = join(folder, file);
  }
  return programs;
}

/** The manifests that came with a program's module, as a file of one JSON array; undefined where it is not built. */
export function builtManifests(cache: string, name: string): string | undefined {
  const recipe = RECIPES.find((candidate) => candidate.name === name);
  if (recipe?.kind !== 'go' || recipe.manifests === undefined) return undefined;
  return join(recipeFolder(cache, recipe), recipe.manifests.file);
}
