import { Command, Option } from 'commander';
import { OPTIONAL_ADDONS } from './cluster/optional-addons.ts';
import { Failure } from './failure.ts';
import { placesOf } from './places.ts';
import { listSandboxes } from './ps.ts';

// All else is loaded by the verb that needs it: `exec` is typed often and needs next to nothing.

const places = placesOf(process.env);
const say = (line: string) => void process.stderr.write(`${line}\n`);
const nameOption = () => new Option('-n, --name <name>', 'which sandbox').default('default');
const withOption = () =>
  new Option('--with <addon...>', 'what to start besides the usual').choices(OPTIONAL_ADDONS).default([]);

async function buildMissing(addons: readonly string[]): Promise<void> {
  const { build, missingRecipes } = await import('./build/build.ts');
  const { lineProgress } = await import('./build/progress.ts');
  const { ensureSystemPackages } = await import('./system-packages.ts');
  const missing = missingRecipes(places.cache, addons);
  await ensureSystemPackages(missing.length > 0 ? 'build' : 'run', process.env, say);
  if (missing.length > 0) await build(places.cache, addons, lineProgress(process.stderr));
}

async function startSandbox(options: { name: string; with: string[] }): Promise<void> {
  await buildMissing(options.with);
  const { up } = await import('./up.ts');
  await up(places, { ...options, attached: false, say });
}

const program = new Command('sandbox')
  .description('A real Kubernetes as plain processes in namespaces of its own: no Docker, no virtual machine, no root.')
  .enablePositionalOptions();

program
  .command('build')
  .description('fetch and compile what is missing in the cache')
  .addOption(withOption())
  .action(async (options: { with: string[] }) => {
    await buildMissing(options.with);
    say(`all built: ${places.cache}`);
  });

program
  .command('up')
  .description('start a sandbox and wait until it is ready')
  .addOption(nameOption())
  .addOption(withOption())
  .action(async (options: { name: string; with: string[] }) => {
    await startSandbox(options);
  });

program
  .command('exec')
  .description('run a command inside: kubectl and the tools are on PATH, KUBECONFIG is set')
  .addOption(nameOption())
  .argument('<command...>')
  .passThroughOptions()
  .action(async (command: string[], options: { name: string }) => {
    const { enter } = await import('./enter.ts');
    process.exitCode = await enter(places, options.name, command);
  });

program
  .command('shell')
  .description('a shell inside; starts the sandbox when it is not up')
  .addOption(nameOption())
  .addOption(withOption())
  .action(async (options: { name: string; with: string[] }) => {
    if (!listSandboxes(places).some((sandbox) => sandbox.name === options.name)) {
      await startSandbox(options);
    }
    const { enter } = await import('./enter.ts');
    process.exitCode = await enter(places, options.name, [process.env['SHELL'] ?? '/bin/sh']);
  });

program
  .command('down')
  .description('end a sandbox and all that runs in it')
  .addOption(nameOption())
  .option('--all', 'every sandbox of this user')
  .action(async (options: { name: string; all?: true }) => {
    const { down } = await import('./down.ts');
    const names = options.all ? listSandboxes(places).map((sandbox) => sandbox.name) : [options.name];
    await Promise.all(names.map((name) => down(places, name)));
  });

program
  .command('run')
  .description("up, exec, down; the exit code is the command's")
  .addOption(nameOption().default(undefined, 'one of its own'))
  .addOption(withOption())
  .argument('<command...>')
  .passThroughOptions()
  .action(async (command: string[], options: { name?: string; with: string[] }) => {
    await buildMissing(options.with);
    const { run } = await import('./run.ts');
    process.exitCode = await run(places, { ...options, name: options.name ?? `run-${process.pid}`, say }, command);
  });

program
  .command('ps')
  .description('the sandboxes that are up')
  .action(() => {
    const rows = listSandboxes(places).map(({ name, state, ageSeconds }) => [name, state, `${ageSeconds}s`]);
    for (const [name = '', state = '', age = ''] of [['NAME', 'STATE', 'AGE'], ...rows]) {
      process.stdout.write(`${name.padEnd(34)}${state.padEnd(12)}${age}\n`);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(`sandbox: ${error.message}`);
  process.exitCode = 1;
}
