// The plugin as people get it, in dist/: node --import tsx plugin/ship/main.ts [PLATFORM...]
// dist/npm is a package to publish, dist/executables has one program a platform, dist/krew their archives and krew's manifest.
// Environment: RELEASES, where the archives will be.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { tarGz, zip } from './archives.ts';
import { asScripts, bundlePlugin } from './bundle.ts';
import { makeExecutable, writeSeaBlob } from './executable.ts';
import { type KrewArchive, krewManifest } from './krew-manifest.ts';
import { nodePackage } from './node-package.ts';
import { type ProjectPackage, writeNpmPackage } from './npm-package.ts';
import { executableName, PLATFORMS, type Platform } from './platforms.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-canary', 'node');
const releases = process.env['RELEASES'] || 'https://example.com/kubectl-canary/releases';
const say = (line: string) => console.log(line);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PLATFORMS.some((platform) => platform.name === name));
if (unknown.length > 0) {
  throw new RangeError(
    `no such platform: ${unknown.join(', ')}; there are ${PLATFORMS.map(({ name }) => name).join(', ')}`,
  );
}
const platforms = PLATFORMS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const host = `${process.platform}-${process.arch}`;

const project = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as ProjectPackage;
const bundle = await bundlePlugin(root);
const licenses = await thirdPartyLicenses(root, bundle);
for (const folder of ['npm', 'executables', 'krew']) await rm(join(dist, folder), { recursive: true, force: true });
await writeNpmPackage(join(dist, 'npm'), root, bundle, project, licenses);
say('dist/npm');

const scripts = await asScripts(bundle);
const license = await readFile(join(root, 'LICENSE'));
const archives: KrewArchive[] = [];
await mkdir(join(dist, 'krew'), { recursive: true });
for (const platform of platforms) archives.push(await ship(platform));
await writeFile(join(dist, 'krew', 'canary.yaml'), krewManifest(project.version, releases, archives));
say('dist/krew/canary.yaml');

async function ship(platform: Platform): Promise<KrewArchive> {
  const folder = join(dist, 'executables', platform.name);
  const file = join(folder, executableName(platform));
  await mkdir(folder, { recursive: true });
  const blob = join(folder, 'blob');
  const { name: machine, nodeVersion } = platform;
  const { node } = await nodePackage(nodeVersion, machine, cache, say);
  const hostNode = await nodePackage(nodeVersion, host, cache, say);
  await writeSeaBlob(blob, scripts, hostNode.node, machine === host);
  await makeExecutable(file, platform, { node, blob }, hostNode.node);
  await rm(blob);
  say(file.slice(root.length + 1));

  const contents = [
    { name: executableName(platform), content: await readFile(file), isProgram: true },
    { name: 'LICENSE', content: license, isProgram: false },
    {
      name: 'THIRD-PARTY-LICENSES',
      // Of one version it is the same on all platforms, and the package for Windows has none.
      content: Buffer.from(`${licenses}\n${await readFile(hostNode.license, 'utf8')}`),
      isProgram: false,
    },
  ];
  const isZip = platform.os === 'windows';
  const packed = await (isZip ? zip(contents) : tarGz(contents));
  const archive = `kubectl-canary_${project.version}_${platform.os}_${platform.arch}.${isZip ? 'zip' : 'tar.gz'}`;
  await writeFile(join(dist, 'krew', archive), packed);
  say(`dist/krew/${archive}`);
  return { platform, name: archive, sha256: createHash('sha256').update(packed).digest('hex') };
}
