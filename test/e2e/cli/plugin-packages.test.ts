// What `make plugin` makes: a package for npm, an executable a platform, and krew's manifest with its archives.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { SHELL_SCRIPTS } from '../../../plugin/completion/shell-scripts.ts';
import { PLATFORMS } from '../../../plugin/ship/platforms.ts';

const dist = join(import.meta.dirname, '..', '..', '..', 'dist');
const executable = (platform: string) =>
  join(dist, 'executables', platform, platform.startsWith('win') ? 'kubectl-canary.exe' : 'kubectl-canary');
const here = `${process.platform}-${process.arch}`;

describe('make plugin', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-packages-'));
    await execa('make', ['plugin'], { timeout: 15 * 60_000 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  describe('an executable', { skip: PLATFORMS.some(({ name }) => name === here) ? false : `none for ${here}` }, () => {
    const alone = (args: readonly string[]) =>
      execa(executable(here), args, { ...{ reject: false, extendEnv: false, stripFinalNewline: false }, env: {} });

    it('runs where there is no Node', async () => {
      const { stdout, stderr, exitCode } = await alone(['--help']);
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.match(stdout, /^Usage: kubectl canary \[options\] \[command\]\n/);
      assert.equal((await alone(['completion', 'bash'])).stdout, SHELL_SCRIPTS.bash);
    });

    it('loads what a command needs out of itself', async () => {
      const { stderr, exitCode } = await alone(['get', '--kubeconfig', '/nowhere']);
      assert.deepEqual([exitCode, stderr], [1, 'error: there is no kubeconfig /nowhere\n']);
      // Its parser of YAML is in a part of its own.
      const other = await alone(['get', '--kubeconfig', join(dist, 'krew', 'canary.yaml')]);
      assert.equal(other.exitCode, 1);
      assert.match(other.stderr, /^error: .*canary\.yaml.*\n$/);
    });

    it('writes YAML with what it has in itself', async () => {
      for (const args of [
        ['version', '--client', '-o', 'yaml'],
        ['plan', '-f', 'examples/contour/canary.yaml', '-o', 'yaml'],
      ]) {
        const { stdout, stderr, exitCode } = await alone(args);
        assert.equal(exitCode, 0, stderr);
        assert.equal(typeof parse(stdout), 'object', stdout);
      }
    });

    it('is found by kubectl', async () => {
      const env = { PATH: `${join(executable(here), '..')}${delimiter}${process.env['PATH'] ?? ''}` };
      const { stdout } = await execa('kubectl', ['canary', 'completion', 'kubectl'], { env, stripFinalNewline: false });
      assert.equal(stdout, SHELL_SCRIPTS.kubectl);
    });
  });

  /** The kind of file and of machine that each has at its beginning, by what their formats say. */
  const MACHINES: Readonly<Record<string, (program: Buffer) => unknown>> = {
    'linux-x64': (program) => assert.deepEqual([program.toString('latin1', 0, 4), program[18]], ['\x7fELF', 62]),
    'linux-arm64': (program) => assert.deepEqual([program.toString('latin1', 0, 4), program[18]], ['\x7fELF', 183]),
    'darwin-x64': (program) => assert.equal(program.toString('hex', 0, 8), 'cffaedfe07000001'),
    'darwin-arm64': (program) => assert.equal(program.toString('hex', 0, 8), 'cffaedfe0c000001'),
    'win-x64': (program) =>
      assert.equal(program.toString('hex', program.readUInt32LE(60), program.readUInt32LE(60) + 6), '504500006486'),
  };

  for (const { name, os } of PLATFORMS) {
    it(`makes a program of ${name} with the plugin in it`, async () => {
      const program = await readFile(executable(name));
      MACHINES[name]?.(program);
      const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
      assert.equal(program[program.indexOf(fuse) + fuse.length], '1'.charCodeAt(0), 'Node does not look for it');
      assert.ok(program.includes("const { getRawAsset } = builtIn('node:sea');"));
      assert.ok(program.includes('kubectl canary completion kubectl'));
      if (os === 'linux') assert.ok(notesOf(program).includes('NODE_SEA_BLOB'), 'Node does not find it');
      if (os === 'darwin') assertSignedAdHoc(program);
    });
  }

  it('makes a package that npm installs', async () => {
    const { stdout } = await execa('npm', ['pack', '--silent', join(dist, 'npm')], { cwd: folder });
    const prefix = join(folder, 'prefix');
    await execa('npm', ['install', '--global', '--offline', '--prefix', prefix, join(folder, stdout.trim())]);
    const { stdout: help } = await execa(join(prefix, 'bin', 'kubectl-canary'), ['--help']);
    assert.match(help, /^Usage: kubectl canary \[options\] \[command\]\n/);
    const failed = await execa(join(prefix, 'bin', 'kubectl-canary'), ['get', '--kubeconfig', '/nowhere'], {
      reject: false,
    });
    assert.deepEqual([failed.exitCode, failed.stderr], [1, 'error: there is no kubeconfig /nowhere']);
    const installed = await readdir(join(prefix, 'lib', 'node_modules', 'kubectl-canary'));
    assert.deepEqual(installed.toSorted(), ['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES', 'bin', 'package.json']);
  });

  it('names in the licences every package that is in the bundle', async () => {
    const licenses = await readFile(join(dist, 'npm', 'THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['commander', 'yaml', '@kubernetes/client-node']) {
      assert.match(licenses, new RegExp(`^${name} \\d\\S+: \\S`, 'm'));
    }
  });

  it('makes a manifest that keeps the rules of krew', async () => {
    const manifest = parse(await readFile(join(dist, 'krew', 'canary.yaml'), 'utf8')) as KrewPlugin;
    assert.deepEqual(
      [manifest.apiVersion, manifest.kind, manifest.metadata.name],
      ['krew.googlecontainertools.github.com/v1alpha2', 'Plugin', 'canary'],
    );
    const { version, homepage, shortDescription, description, platforms } = manifest.spec;
    assert.match(version, /^v\d+\.\d+\.\d+$/);
    assert.match(homepage, /^https:\/\/\S+$/);
    assert.match(shortDescription, /^\S.{0,60}[^.\s]$/);
    assert.notEqual(description.trim(), '');
    assert.equal(platforms.length, PLATFORMS.length);
    for (const { selector, uri, sha256, files, bin } of platforms) {
      const { os, arch, ...others } = selector.matchLabels;
      assert.deepEqual(others, {});
      assert.match(`${os}/${arch}`, /^(linux|darwin|windows)\/(amd64|arm64)$/);
      assert.match(uri, os === 'windows' ? /^https:.*\.zip$/ : /^https:.*\.tar\.gz$/);
      const archive = join(dist, 'krew', uri.slice(uri.lastIndexOf('/') + 1));
      assert.equal(
        createHash('sha256')
          .update(await readFile(archive))
          .digest('hex'),
        sha256,
      );
      assert.equal(bin, os === 'windows' ? 'kubectl-canary.exe' : 'kubectl-canary');
      const packed = await namesIn(archive);
      assert.deepEqual(
        files,
        packed.map((from) => ({ from, to: '.' })),
      );
      assert.ok(packed.includes(bin) && packed.includes('LICENSE'), packed.join(' '));
    }
  });

  it('packs the very executables', async () => {
    const [archive] = (await readdir(join(dist, 'krew'))).filter((name) => name.endsWith('_linux_amd64.tar.gz'));
    await execa('tar', ['-xzf', join(dist, 'krew', archive!), '-C', folder]);
    const { stdout } = await execa('sh', ['-c', 'test -x kubectl-canary && sha256sum < kubectl-canary'], {
      cwd: folder,
    });
    const sum = createHash('sha256')
      .update(await readFile(executable('linux-x64')))
      .digest('hex');
    assert.equal(stdout.split(' ')[0], sum);
  });
});

interface KrewPlugin {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly homepage: string;
    readonly shortDescription: string;
    readonly description: string;
    readonly platforms: readonly {
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
      readonly uri: string;
      readonly sha256: string;
      readonly files: readonly object[];
      readonly bin: string;
    }[];
  };
}

/** By programs that others have made, which test the sums in it too. */
async function namesIn(archive: string): Promise<readonly string[]> {
  if (archive.endsWith('.tar.gz')) return (await execa('tar', ['-tzf', archive])).stdout.split('\n');
  const list =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(*z.namelist(), sep="\\n")';
  return (await execa('python3', ['-c', list, archive])).stdout.split('\n');
}

/** The names of the notes of an ELF program, in which Node looks for the blob. */
function notesOf(program: Buffer): readonly string[] {
  const names: string[] = [];
  const [segments, size, count] = [
    Number(program.readBigUInt64LE(32)),
    program.readUInt16LE(54),
    program.readUInt16LE(56),
  ];
  for (let segment = segments; segment < segments + size * count; segment += size) {
    if (program.readUInt32LE(segment) !== 4) continue;
    let at = Number(program.readBigUInt64LE(segment + 8));
    const end = at + Number(program.readBigUInt64LE(segment + 32));
    while (at < end) {
      const [name, content] = [program.readUInt32LE(at), program.readUInt32LE(at + 4)];
      names.push(program.toString('latin1', at + 12, at + 12 + name).replace(/\0$/, ''));
      at += 12 + Math.ceil(name / 4) * 4 + Math.ceil(content / 4) * 4;
    }
  }
  return names;
}

/** As a Mac looks at it before it runs the program: each page has the hash that the signature says. */
function assertSignedAdHoc(program: Buffer): void {
  let at = 32;
  let place: { readonly from: number; readonly bytes: number } | undefined;
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    const [kind, size] = [program.readUInt32LE(at), program.readUInt32LE(at + 4)];
    if (kind === 0x1d) place = { from: program.readUInt32LE(at + 8), bytes: program.readUInt32LE(at + 12) };
    at += size;
  }
  assert.ok(place !== undefined, 'it says of no signature');
  assert.equal(place.from + place.bytes, program.length);
  const blob = program.subarray(place.from);
  assert.equal(blob.readUInt32BE(0), 0xfade0cc0);
  const directory = blob.subarray(blob.readUInt32BE(16));
  assert.equal(directory.readUInt32BE(0), 0xfade0c02);
  assert.equal(directory.readUInt32BE(12), 2, 'not ad hoc');
  const [hashes, pages, limit] = [16, 28, 32].map((field) => directory.readUInt32BE(field));
  assert.equal(limit, place.from);
  assert.equal(pages, Math.ceil(place.from / 4096));
  for (let page = 0; page < pages; page++) {
    const content = program.subarray(page * 4096, Math.min((page + 1) * 4096, limit));
    const hash = directory.subarray(hashes! + page * 32, hashes! + (page + 1) * 32);
    if (!createHash('sha256').update(content).digest().equals(hash)) assert.fail(`page ${page} has another hash`);
  }
}
