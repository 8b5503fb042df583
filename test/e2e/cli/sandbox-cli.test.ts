import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { eventually } from '../eventually.ts';

const SANDBOX = join(import.meta.dirname, '..', '..', 'sandbox', 'sandbox');
const NAME = `cli-${process.pid}`;
const folderOf = (name: string) =>
  join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'kubectl-canary', 'sandboxes', name);

const sandbox = (...args: string[]) => execa(SANDBOX, args, { reject: false, timeout: 180_000 });

/** Processes of this machine, seen from outside, whose command line or environment names the sandbox's folder. */
function processesOf(name: string): number[] {
  const folder = folderOf(name);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`);
      } catch {
        return false;
      }
    });
}

function mountsOf(name: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folderOf(name)));
}

async function assertNothingLeft(name: string): Promise<void> {
  await eventually(() => Promise.resolve(assert.deepEqual(processesOf(name), [])), 20_000);
  assert.deepEqual(mountsOf(name), []);
}

describe('the sandbox command', () => {
  before(async () => {
    const { exitCode, stderr } = await sandbox('up', '--name', NAME);
    assert.equal(exitCode, 0, stderr);
  });
  after(() => sandbox('down', '--name', NAME));

  it('gives back what a command prints, and its exit code', async () => {
    const { stdout, stderr, exitCode } = await sandbox(
      'exec',
      '--name',
      NAME,
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    );
    assert.equal(stdout, 'out');
    assert.equal(stderr, 'err');
    assert.equal(exitCode, 7);
  });

  it('puts kubectl and the tools on PATH', async () => {
    const { stdout } = await sandbox('exec', '--name', NAME, '--', 'kubectl', 'get', 'nodes', '-o', 'name');
    assert.equal(stdout, 'node/sandbox');
    const tools = await sandbox(
      'exec',
      '--name',
      NAME,
      '--',
      'sh',
      '-c',
      'for tool in hey podcli kubectl; do command -v $tool; done',
    );
    assert.equal(tools.stdout.split('\n').length, 3);
  });

  it('passes the options of the command on to it', async () => {
    const { stdout } = await sandbox('exec', '--name', NAME, '--', 'echo', '--name', 'other', '--help');
    assert.equal(stdout, '--name other --help');
  });

  it('opens no port on the host and reaches nothing outside', async () => {
    const { stdout: listening } = await execa('ss', ['-Hltn']);
    assert.doesNotMatch(listening, /:(6443|10250|2379)\b/);
    const { stdout } = await sandbox('exec', '--name', NAME, '--', 'ip', '-o', 'link', 'show');
    const devices = stdout.split('\n').map((line) => line.split(': ')[1]?.replace(/@.*/, ''));
    assert.ok(
      devices.every((device) => device === 'lo' || device?.startsWith('pod-')),
      devices.join(' '),
    );
    const { stdout: routes } = await sandbox('exec', '--name', NAME, '--', 'ip', 'route');
    assert.doesNotMatch(routes, /default/);
  });

  it('refuses a name in use in one line', async () => {
    const { exitCode, stderr } = await sandbox('up', '--name', NAME);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^sandbox: a sandbox "${NAME}" is up already[^\\n]*$`));
  });

  it('refuses what is no name, and a sandbox that is not there, in one line', async () => {
    const bad = await sandbox('up', '--name', 'Not/A_Name');
    assert.equal(bad.exitCode, 1);
    assert.match(bad.stderr, /^sandbox: "Not\/A_Name" is no name for a sandbox[^\n]*$/);
    const absent = await sandbox('exec', '--name', 'absent', '--', 'true');
    assert.equal(absent.exitCode, 1);
    assert.match(absent.stderr, /^sandbox: there is no sandbox "absent"[^\n]*up --name absent$/);
  });

  it('says which tool is missing and how to get it', async () => {
    // A PATH with node and the few tools of the launcher itself, and no package manager that could install the rest.
    const bin = join(folderOf(NAME), 'few-tools');
    const tools = ['bash', 'env', 'dirname', 'readlink', 'uname'];
    const links = [
      ...tools.map((tool) => `ln -s "$(command -v ${tool})" ${bin}`),
      `ln -s ${process.execPath} ${bin}/node`,
    ];
    await execa('sh', ['-c', [`mkdir -p ${bin}`, ...links].join(' && ')]);
    const { exitCode, stderr } = await execa(SANDBOX, ['up', '--name', 'never'], {
      env: { PATH: bin },
      reject: false,
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^sandbox: missing on this machine: .*unshare.*get them with: sudo \S+ install .*util-linux/m);
    assert.equal(existsSync(folderOf('never')), false);
  });

  it('says in one line that a download failed, and keeps nothing half-built', async () => {
    const cache = join(folderOf(NAME), 'empty-cache');
    const { exitCode, stderr } = await execa(SANDBOX, ['build'], {
      env: { XDG_CACHE_HOME: cache, GOPROXY: 'off', GOMODCACHE: join(cache, 'modules') },
      reject: false,
    });
    assert.equal(exitCode, 1);
    const said = stderr.split('\n').filter((line) => line.startsWith('sandbox: '));
    assert.equal(said.length, 1, stderr);
    assert.match(
      said[0] ?? '',
      /^sandbox: kubernetes v\S+ could not be built: .*GOPROXY=off.* \(all of it: .*\.log\)$/,
    );
    assert.deepEqual(readdirSync(join(cache, 'kubectl-canary', 'programs')), ['kubernetes.log']);
  });

  it('says in one line what the kernel refuses, and keeps the log', async () => {
    // The limit holds for everything below: one user namespace for the test's own, none for the sandbox's.
    const limited = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const { exitCode, stderr } = await execa(
      'unshare',
      [
        '--map-root-user',
        '--mount-proc',
        '--pid',
        '--fork',
        'sh',
        '-c',
        limited,
        'sh',
        SANDBOX,
        'up',
        '--name',
        `${NAME}-refused`,
      ],
      { reject: false, timeout: 60_000 },
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /^sandbox: the namespaces could not be made; .*unshare: .* \(logs: .*\)$/m);
    await sandbox('down', '--name', `${NAME}-refused`);
  });

  it('lists what is up, and runs several side by side', async () => {
    const runs = async () => ((await sandbox('ps')).stdout.match(/^run-\S+/gm) ?? []).toSorted();
    // Other tests may have theirs up.
    const others = await runs();
    const { stdout, exitCode, stderr } = await sandbox('run', '--', 'kubectl', 'get', 'nodes', '-o', 'name');
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, 'node/sandbox');
    const { stdout: listed } = await sandbox('ps');
    assert.match(listed, new RegExp(`^${NAME} +ready`, 'm'));
    assert.deepEqual(
      (await runs()).filter((name) => !others.includes(name)),
      [],
    );
  });

  it('ends with its command’s exit code and leaves nothing behind on Ctrl-C', async () => {
    const name = `${NAME}-int`;
    const run = execa(SANDBOX, ['run', '--name', name, '--', 'sleep', '1000'], { reject: false, detached: true });
    await eventually(async () => assert.match((await sandbox('ps')).stdout, new RegExp(`^${name} +ready`, 'm')));
    await eventually(() => Promise.resolve(assert.notDeepEqual(processesOf(name), [])));
    // A terminal's Ctrl-C goes to the whole foreground process group.
    process.kill(-(run.pid ?? Number.NaN), 'SIGINT');
    const { exitCode } = await run;
    assert.equal(exitCode, 130);
    await assertNothingLeft(name);
    assert.equal(existsSync(folderOf(name)), false);
  });

  it('is interrupted while it starts without leaving anything', async () => {
    const name = `${NAME}-early`;
    const up = execa(SANDBOX, ['up', '--name', name], { reject: false });
    await eventually(() => Promise.resolve(assert.ok(existsSync(join(folderOf(name), 'processes.json')))));
    up.kill('SIGINT');
    const { exitCode, stderr } = await up;
    assert.equal(exitCode, 1);
    assert.match(stderr, /interrupted by SIGINT/);
    await assertNothingLeft(name);
    assert.equal(existsSync(folderOf(name)), false);
  });

  it('dies with a run that is killed, and the next up of the name cleans what was left', async () => {
    const name = `${NAME}-kill`;
    const run = execa(SANDBOX, ['run', '--name', name, '--', 'sleep', '1000'], { reject: false });
    await eventually(async () => assert.match((await sandbox('ps')).stdout, new RegExp(`^${name} +ready`, 'm')));
    run.kill('SIGKILL');
    await run;
    await assertNothingLeft(name);
    assert.equal(existsSync(folderOf(name)), true, 'a killed run cannot clean its folder');
    const { exitCode, stderr } = await sandbox('run', '--name', name, '--', 'true');
    assert.equal(exitCode, 0, stderr);
    assert.equal(existsSync(folderOf(name)), false);
  });
});
