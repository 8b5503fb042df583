import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';

/**
 * The licences of the packages that are in the bundle, as each has to come with it.
 *
 * @param root the project's folder
 * @throws for a package that neither has the text nor says in its package.json which licence it is under
 */
export async function thirdPartyLicenses(root: string, { sources }: Bundle): Promise<string> {
  const found = [...sources.values()].flat().map((source) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0]);
  const folders = [...new Set(found.filter((folder) => folder !== undefined))].toSorted();
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const manifest = await readFile(join(root, folder, 'package.json'), 'utf8');
      const { name, version, license } = JSON.parse(manifest) as Record<'name' | 'version' | 'license', string>;
      const files = await readdir(join(root, folder));
      const file = files.toSorted().find((entry) => /^(licen[cs]e|copying)/i.test(entry));
      if (file === undefined && license === undefined) throw new Error(`${folder} says nothing of its licence`);
      const text = file === undefined ? '' : `\n\n${(await readFile(join(root, folder, file), 'utf8')).trim()}`;
      return `${name} ${version}: ${license ?? 'see below'}${text}\n`;
    }),
  );
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
