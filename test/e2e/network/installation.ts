import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a folder to apply, as docs/network.md says: the page's kustomization that begins with a comment of that name, beside the
 * manifests. Its parent, with both, is the caller's to remove.
 *
 * @param namespace in place of the page's
 */
export async function installation(name: string, namespace = 'shop'): Promise<string> {
  const page = await readFile('docs/network.md', 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const block = blocks.find((each) => each.startsWith(`# ${name}/`));
  assert.ok(block !== undefined, `docs/network.md has no ${name}`);
  const folder = await mkdtemp(join(tmpdir(), 'installation-'));
  await cp('manifests', join(folder, 'manifests'), { recursive: true });
  await mkdir(join(folder, name));
  await writeFile(
    join(folder, name, 'kustomization.yaml'),
    block.replace('namespace: shop', `namespace: ${namespace}`),
  );
  return join(folder, name);
}
