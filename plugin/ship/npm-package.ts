import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';

/** What of the project's package.json is also the plugin's. */
export interface ProjectPackage {
  readonly version: string;
  readonly license: string;
  readonly engines: object;
}

/** Packages written as CommonJS ask for `require`, which a module does not have. */
const BANNER = `#!/usr/bin/env node
import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
`;
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);\n";

const README = `# kubectl canary

The kubectl plugin of kubectl-canary, progressive delivery for Kubernetes: see why a release stands where it stands, and decide.

It needs Node.js 24 or newer.

\`\`\`sh
npm install --global kubectl-canary
kubectl canary --help
\`\`\`

kubectl finds it as \`kubectl-canary\` on PATH. For completion, put what \`kubectl canary completion kubectl\` prints on PATH as an
executable \`kubectl_complete-canary\`.
`;

/** Writes a folder that npm can publish: the plugin for a Node that is there already. */
export async function writeNpmPackage(
  folder: string,
  root: string,
  { main, chunks }: Bundle,
  { version, license, engines }: ProjectPackage,
  licenses: string,
): Promise<void> {
  const manifest = {
    ...{ name: 'kubectl-canary', version, license, type: 'module' },
    description: 'The kubectl plugin of kubectl-canary: see why a release stands where it stands, and decide.',
    keywords: ['kubernetes', 'kubectl', 'kubectl-plugins', 'canary', 'progressive-delivery'],
    bin: { 'kubectl-canary': 'bin/kubectl-canary.mjs' },
    files: ['bin', 'LICENSE', 'README.md', 'THIRD-PARTY-LICENSES'],
    engines,
  };
  const bin = join(folder, 'bin');
  await mkdir(join(bin, 'chunks'), { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), README);
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), licenses);
  await writeFile(join(bin, 'kubectl-canary.mjs'), `${BANNER}${main}`);
  await chmod(join(bin, 'kubectl-canary.mjs'), 0o755);
  for (const [name, text] of chunks) await writeFile(join(bin, 'chunks', name), `${REQUIRE}${text}`);
}
