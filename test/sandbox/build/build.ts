import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import { withLock } from '../lock.ts';
import { goBuild } from './go-build.ts';
import type { Progress } from './progress.ts';
import { RECIPES, type Recipe } from './recipe.ts';
import { recipeFolder } from './store.ts';
import { fetchWheel } from './wheel.ts';

/** The recipes whose outcome is not in the cache, but for those of add-ons that are not asked for. */
export function missingRecipes(cache: string, addons: readonly string[]): Recipe[] {
  return RECIPES.filter((recipe) => isAskedFor(recipe, addons) && !existsSync(recipeFolder(cache, recipe)));
}

function isAskedFor(recipe: Recipe, addons: readonly string[]): boolean {
  return recipe.kind !== 'go' || recipe.onlyWith === undefined || addons.includes(recipe.onlyWith);
}

/**
 * Builds what is missing, one after the other (each uses all cores). A build that fails or is interrupted leaves nothing
 * in the cache: what is there is whole.
 *
 * @throws {Failure} with the last lines of what the failing command printed
 */
export async function build(cache: string, addons: readonly string[], progress: Progress): Promise<void> {
  await mkdir(cache, { recursive: true });
  await withLock(
    join(cache, 'build.lock'),
    () => progress.note('another build is under way: waiting for it'),
    async () => {
      const missing = missingRecipes(cache, addons);
      for (const [index, recipe] of missing.entries()) {
        const step = progress.start(`[${index + 1}/${missing.length}] ${recipe.name} ${recipe.version}`);
        const bytes = await buildOne(cache, recipe, step.stage);
        step.done(megabytes(bytes));
      }
    },
  );
}

async function buildOne(cache: string, recipe: Recipe, stage: (text: string) => void): Promise<number> {
  const folder = recipeFolder(cache, recipe);
  const scratch = `${folder}.partial`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    if (recipe.kind === 'go') await goBuild(recipe, scratch, stage);
    else await fetchWheel(recipe, scratch, stage);
    await rename(scratch, folder);
  } catch (error) {
    const log = join(dirname(folder), `${recipe.name}.log`);
    const output = outputOf(error);
    await writeFile(log, output);
    await rm(scratch, { recursive: true, force: true });
    const last = output.trim().split('\n').at(-1) ?? '';
    throw new Failure(`${recipe.name} ${recipe.version} could not be built: ${last} (all of it: ${log})`, {
      cause: error,
    });
  }
  return sizeOf(folder);
}

function outputOf(error: unknown): string {
  const output = (error as { stderr?: string }).stderr;
  return output === undefined || output === '' ? String(error) : output;
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}
