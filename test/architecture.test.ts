// The lint rules that hold the architecture do hold it: our own .oxlintrc.json, on a small tree with offenders in it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');

/** What there is to import. */
const TARGETS = [
  'api/names.ts',
  'kube/apply.ts',
  'controller/reconcile.ts',
  'controller/router/istio.ts',
  'controller/decide/decide.ts',
  'webhook/mutate.ts',
  'plugin/view/table.ts',
  'examples/demo/demo.ts',
  'test/sandbox/up.ts',
];

/** Which of the targets a file in this folder may import. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  api: ['api/names.ts'],
  kube: ['api/names.ts', 'kube/apply.ts'],
  controller: TARGETS.slice(0, 5),
  'controller/notify': TARGETS.slice(0, 5),
  'controller/decide': ['api/names.ts', 'controller/decide/decide.ts'],
  'controller/decide/rules': ['api/names.ts', 'controller/decide/decide.ts'],
  webhook: ['api/names.ts', 'kube/apply.ts', 'controller/decide/decide.ts', 'webhook/mutate.ts'],
  plugin: ['api/names.ts', 'kube/apply.ts', 'controller/decide/decide.ts', 'plugin/view/table.ts'],
  'plugin/commands': ['api/names.ts', 'kube/apply.ts', 'controller/decide/decide.ts', 'plugin/view/table.ts'],
  'test/e2e': TARGETS,
};

/** Every way to name a module, each of which has to be caught. */
const IMPORTS: Readonly<Record<string, (path: string) => string>> = {
  import: (path) => `import { x } from '${path}';\nexport const y = x;\n`,
  'import type': (path) => `import type { x } from '${path}';\nexport type Y = typeof x;\n`,
  'export from': (path) => `export { x } from '${path}';\n`,
  'import()': (path) => `export const y = async () => await import('${path}');\n`,
  'type import()': (path) => `export type Y = typeof import('${path}');\n`,
};

/** What else a file of a product folder may not do, and the rule that says so. */
const OFFENCES: Readonly<Record<string, string>> = {
  'export default function f(): void {}': 'import(no-default-export)',
  "export * from './apply.ts';": 'oxc(no-barrel-file)',
  "export const home = process.env['HOME'];": 'eslint(no-restricted-globals)',
  "import { env } from 'node:process';\nexport const home = env['HOME'];": 'eslint(no-restricted-imports)',
  "console.log('x');\nexport {};": 'eslint(no-console)',
  'export function f(): void {\n  Promise.resolve(1);\n}': 'typescript(no-floating-promises)',
  'export const f = (go: () => void) => go();\nf(async () => await Promise.resolve());':
    'typescript(no-misused-promises)',
  "export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}":
    'typescript(switch-exhaustiveness-check)',
  'export const f = (text: string): string => JSON.parse(text);': 'typescript(no-unsafe-return)',
  "export function f(): void {\n  throw 'x';\n}": 'typescript(only-throw-error)',
};

describe('the lint rules', () => {
  let tree = '';
  /** The rules that each file broke, by the file's path in the tree. */
  let broken = new Map<string, string[]>();

  before(async () => {
    tree = await mkdtemp(join(tmpdir(), 'kubectl-canary-lint-'));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
      await copyFile(join(root, file), join(tree, file));
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
    for (const target of TARGETS) await write(target, 'export const x = 1;\n');
    for (const folder of Object.keys(ALLOWED)) {
      for (const target of TARGETS)
        await write(importer(folder, target, 'import'), IMPORTS['import']!(pathTo(folder, target)));
    }
    for (const [way, source] of Object.entries(IMPORTS))
      await write(importer('api', 'kube/apply.ts', way), source('../kube/apply.ts'));
    for (const [index, source] of Object.keys(OFFENCES).entries())
      await write(`kube/offence-${index}.ts`, `${source}\n`);
    await write('controller/main.ts', "console.log(process.env['HOME']);\n");
    broken = await lint(tree);
  });

  after(async () => rm(tree, { recursive: true, force: true }));

  for (const [folder, allowed] of Object.entries(ALLOWED)) {
    it(`let ${folder}/ import ${allowed.length === TARGETS.length ? 'everything' : allowed.map(dirname).join(', ')} and no more`, () => {
      const passed = TARGETS.filter((target) => broken.get(importer(folder, target, 'import')) === undefined);
      assert.deepEqual(passed, allowed);
    });
  }

  for (const way of Object.keys(IMPORTS)) {
    it(`see ${way}`, () => assert.ok(broken.has(importer('api', 'kube/apply.ts', way))));
  }

  for (const [index, [source, rule]] of Object.entries(OFFENCES).entries()) {
    it(`refuse ${JSON.stringify(source)}`, () => {
      const rules = broken.get(`kube/offence-${index}.ts`) ?? [];
      assert.ok(rules.includes(rule), `broke ${rules.join(', ') || 'nothing'}`);
    });
  }

  it('leave environment and streams to main.ts', () => assert.equal(broken.get('controller/main.ts'), undefined));

  async function write(file: string, source: string): Promise<void> {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), source);
  }
});

/** The file of `folder` that imports `target`, one for each way. */
function importer(folder: string, target: string, way: string): string {
  return `${folder}/${`${way}-${target}`.replace(/\.ts$/, '').replaceAll(/[^a-z]+/g, '-')}.ts`;
}

/** `kube/apply.ts` as seen from `controller/notify`: `../../kube/apply.ts`. */
function pathTo(folder: string, target: string): string {
  const up = folder.split('/');
  const down = target.split('/');
  while (up.length > 0 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  return `${up.length === 0 ? './' : '../'.repeat(up.length)}${down.join('/')}`;
}

async function lint(folder: string): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const output = await new Promise<string>((resolve, reject) => {
    // It exits with 1 as it should; that it ran at all shows in what it says.
    execFile(
      process.execPath,
      [oxlint, '--format=json'],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (stdout.startsWith('{')) resolve(stdout);
        else reject(new Error(`oxlint said no JSON: ${stdout}${stderr}`, { cause: error }));
      },
    );
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; code?: string }[] };
  const broken = new Map<string, string[]>();
  for (const { filename, code = '' } of diagnostics) broken.set(filename, [...(broken.get(filename) ?? []), code]);
  return broken;
}
