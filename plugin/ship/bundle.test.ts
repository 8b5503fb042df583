import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SPECS } from '../specs.ts';
import { bundlePlugin } from './bundle.ts';

/** What knows of Kubernetes; of an error, it is the words that are known to all. */
const KUBERNETES =
  /^(kube\/(?!clock|errors|kube-config\/kube-config-error)|controller\/|plugin\/cluster\/|api\/generated\/|node_modules\/)/;
const OF_THE_COMMAND_LINE = 'node_modules/commander/';

/** Command lines that ask nobody. */
const ALONE = [
  ['--help'],
  ['get', '--help'],
  ['help', 'get'],
  ['options'],
  ['completion', 'bash'],
  ['completion', 'kubectl'],
  ['__complete', 'ge'],
  ...(SPECS.some(({ name }) => name === 'version') ? [['version', '--client']] : []),
];

describe('the bundle without what knows of Kubernetes', () => {
  let folder = '';
  let left: readonly string[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-bundle-'));
    const { main, chunks, sources } = await bundlePlugin(join(import.meta.dirname, '..', '..'));
    const isOfKubernetes = (source: string) => KUBERNETES.test(source) && !source.startsWith(OF_THE_COMMAND_LINE);
    const kept = [...chunks].filter(([name]) => sources.get(name)?.some(isOfKubernetes) !== true);
    left = ['plugin.mjs', ...kept.map(([name]) => name)].flatMap((name) => sources.get(name) ?? []);
    const hasLeft = chunks.size - kept.length;
    assert.ok(hasLeft > 3, `only ${hasLeft} parts know of Kubernetes`);
    await mkdir(join(folder, 'chunks'));
    for (const [name, text] of kept) await writeFile(join(folder, 'chunks', name), withRequire(text));
    await writeFile(join(folder, 'plugin.mjs'), withRequire(main));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const run = (args: readonly string[]) =>
    spawnSync(process.execPath, [join(folder, 'plugin.mjs'), ...args], { encoding: 'utf8' });

  for (const args of ALONE) {
    it(`still runs ${args.join(' ')}`, () => {
      const { status, stdout, stderr } = run(args);
      assert.deepEqual([status, stderr], [0, '']);
      assert.notEqual(stdout, '');
    });
  }

  it('cannot get canaries, and says so without a stack', () => {
    const { status, stderr } = run(['get']);
    assert.equal(status, 1);
    assert.match(stderr, /^error: kubectl canary get has a fault of its own: .*chunks\/.*\n$/);
  });

  it('has nothing of Kubernetes in what starts first', () => {
    assert.deepEqual(
      left.filter((source) => KUBERNETES.test(source) && !source.startsWith(OF_THE_COMMAND_LINE)),
      [],
    );
  });
});

function withRequire(text: string): string {
  return `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);\n${text}`;
}
