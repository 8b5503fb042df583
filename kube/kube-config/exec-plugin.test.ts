import assert from 'node:assert/strict';
import { chmod, readFile, rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import { kubeConfigOf, refusal, scratchFolder } from './fixture.ts';
import { connectionFromKubeConfig } from './kube-config.ts';

const V1 = 'client.authentication.k8s.io/v1';
const ca = '-----BEGIN CERTIFICATE-----\n';

/**
 * Notes what it was told, waits while `hold` is there, and prints `answer`, in which RUN stands for how often it has run.
 * It reads its standard input to the end first, as it may.
 */
const PLUGIN = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const folder = new URL('.', import.meta.url);
const at = (name) => new URL(name, folder);
readFileSync(0);
const { KUBERNETES_EXEC_INFO, HELLO, PATH } = process.env;
const args = process.argv.slice(2);
appendFileSync(at('runs'), JSON.stringify({ info: JSON.parse(KUBERNETES_EXEC_INFO), HELLO, PATH, args }) + '\\n');
const run = readFileSync(at('runs'), 'utf8').trim().split('\\n').length;
while (existsSync(at('hold-' + run))) await new Promise((resolve) => setTimeout(resolve, 5));
const answer = readFileSync(at('answer'), 'utf8').replaceAll('RUN', String(run));
if (answer.startsWith('exit ')) {
  process.stderr.write(answer);
  process.exit(3);
}
process.stdout.write(answer);
`;

interface Run {
  readonly info: { readonly spec: object };
  readonly HELLO?: string;
  readonly PATH?: string;
  readonly args: readonly string[];
}

const scratch = scratchFolder();

/** A connection as a user with this plugin; each starts with no runs. */
async function connectionWithPlugin(exec: object, parts: { user?: object; cluster?: object; env?: object } = {}) {
  await rm(scratch.path('runs'), { force: true });
  await scratch.write('plugin.mjs', PLUGIN);
  const clock = new PretendClock();
  const plugin = { apiVersion: V1, command: process.execPath, args: ['plugin.mjs'], interactiveMode: 'Never', ...exec };
  const args = plugin.args.map((arg) => (arg === 'plugin.mjs' ? scratch.path(arg) : arg));
  const user = { exec: { ...plugin, args }, ...parts.user };
  const config = kubeConfigOf({ cluster: { 'certificate-authority-data': btoa(ca), ...parts.cluster }, user });
  const kubeconfig = await scratch.write('config', config);
  const connection = await connectionFromKubeConfig({ env: { ...parts.env }, clock, kubeconfig });
  const token = async () => (await connection.credentials()).headers?.['Authorization'];
  return { clock, connection, token };
}

function answerWith(status: object): Promise<string> {
  return scratch.write('answer', { apiVersion: V1, kind: 'ExecCredential', status });
}

async function runs(): Promise<readonly Run[]> {
  const lines = (await readFile(scratch.path('runs'), 'utf8').catch(() => '')).trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Run);
}

async function hasBegun(run: number): Promise<void> {
  while ((await runs()).length < run) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a credential plugin', () => {
  it('gives a token', async () => {
    await answerWith({ token: 'token-RUN' });
    const { connection } = await connectionWithPlugin({});
    assert.deepEqual(await connection.credentials(), { ca, headers: { Authorization: 'Bearer token-1' } });
  });

  it('gives a client certificate', async () => {
    const cert = '-----BEGIN CERTIFICATE-----\nmine\n';
    const key = '-----BEGIN PRIVATE KEY-----\n';
    await answerWith({ clientCertificateData: cert, clientKeyData: key });
    const { connection } = await connectionWithPlugin({});
    assert.deepEqual(await connection.credentials(), { ca, cert, key, headers: {} });
  });

  it('has the environment and its own part of it, its arguments, and nothing to read', async () => {
    await answerWith({ token: 'x' });
    const env = { PATH: '/of/the/program', HELLO: 'from the program' };
    const exec = { args: ['plugin.mjs', '--one', 'two'], env: [{ name: 'HELLO', value: 'from the kubeconfig' }] };
    const { token } = await connectionWithPlugin(exec, { env });
    await token();
    const [run] = await runs();
    const info = { apiVersion: V1, kind: 'ExecCredential', spec: { interactive: false } };
    assert.deepEqual(run, { info, HELLO: 'from the kubeconfig', PATH: '/of/the/program', args: ['--one', 'two'] });
  });

  it('is told about the cluster where it asks for that', async () => {
    await answerWith({ token: 'x' });
    const cluster = {
      'tls-server-name': 'kubernetes',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'here' } }],
    };
    const { token } = await connectionWithPlugin({ provideClusterInfo: true }, { cluster });
    await token();
    const [run] = await runs();
    assert.deepEqual(run?.info.spec, {
      interactive: false,
      cluster: {
        server: 'https://10.0.0.1:6443',
        'tls-server-name': 'kubernetes',
        'certificate-authority-data': btoa(ca),
        config: { audience: 'here' },
      },
    });
  });

  it('runs once for all who ask together, and not again before the server refuses what it gave', async () => {
    await answerWith({ token: 'token-RUN' });
    const { clock, connection, token } = await connectionWithPlugin({});
    assert.deepEqual(new Set(await Promise.all([token(), token(), token()])), new Set(['Bearer token-1']));
    clock.advance(24 * 3600_000);
    assert.equal(await token(), 'Bearer token-1');
    connection.renew();
    assert.equal(await token(), 'Bearer token-2');
    assert.equal((await runs()).length, 2);
  });

  it('runs again once what it gave has expired', async () => {
    const { clock, token } = await connectionWithPlugin({});
    const expiresIn = (ms: number) => new Date(clock.date().getTime() + ms).toISOString();
    await answerWith({ token: 'token-RUN', expirationTimestamp: expiresIn(90_000) });
    await token();
    clock.advance(89_999);
    assert.equal(await token(), 'Bearer token-1');
    clock.advance(1);
    await answerWith({ token: 'token-RUN', expirationTimestamp: expiresIn(10_000) });
    assert.equal(await token(), 'Bearer token-2');
    clock.advance(10_000);
    assert.equal(await token(), 'Bearer token-3');
  });

  it('that was running when older credentials were refused does not pass for a fresh one', async () => {
    await answerWith({ token: 'token-RUN' });
    const hold = await scratch.write('hold-1', '');
    const { connection, token } = await connectionWithPlugin({});
    const first = token();
    await hasBegun(1);
    connection.renew();
    assert.equal(await token(), 'Bearer token-2');
    await rm(hold);
    assert.equal(await first, 'Bearer token-1');
    assert.equal(await token(), 'Bearer token-2');
  });

  it('is not run where the user has a token, a password or a certificate, or the server is plain HTTP', async () => {
    const data = btoa('-----BEGIN x');
    for (const user of [
      { token: 'x' },
      { username: 'jane', password: 'x' },
      { 'client-certificate-data': data, 'client-key-data': data },
    ]) {
      await (await connectionWithPlugin({}, { user })).connection.credentials();
    }
    const { connection } = await connectionWithPlugin({}, { cluster: { server: 'http://127.0.0.1:8001' } });
    assert.deepEqual((await connection.credentials()).headers, {});
    assert.deepEqual(await runs(), []);
  });

  it('is found on PATH by its name, and from the folder of the kubeconfig by its path', async () => {
    await answerWith({ token: 'token-RUN' });
    await scratch.write('bin/plugin', `#!/bin/sh\nexec '${process.execPath}' '${scratch.path('plugin.mjs')}'\n`);
    await chmod(scratch.path('bin/plugin'), 0o755);
    const byName = await connectionWithPlugin({ command: 'plugin' }, { env: { PATH: scratch.path('bin') } });
    assert.equal(await byName.token(), 'Bearer token-1');
    const byPath = await connectionWithPlugin({ command: './bin/plugin' });
    assert.equal(await byPath.token(), 'Bearer token-1');
  });
});

describe('a credential plugin that gives nothing', () => {
  it('because it is not installed: the error has the hint of the kubeconfig, without what terminals obey', async () => {
    const { token } = await connectionWithPlugin({ command: 'no-such', installHint: '\u001B[1mtry brew\u001B[0m\n' });
    const message = await refusal(token());
    assert.match(message, /^user "jane" of \S+config: exec: the credential plugin no-such is not installed: try brew$/);
  });

  it('because it cannot be started: the error says so', async () => {
    const { token } = await connectionWithPlugin({ command: './plugin.mjs' });
    assert.match(await refusal(token()), /did not start: spawn \S+plugin.mjs EACCES/);
  });

  it('because it fails: the error has what it says to people, and it is run again for the next', async () => {
    await scratch.write('answer', 'exit 3: your session is over, log in');
    const { token } = await connectionWithPlugin({ args: ['plugin.mjs', '--password=s3cret'] });
    const message = await refusal(token());
    assert.match(message, /ended with exit code 3: exit 3: your session is over, log in$/);
    assert.doesNotMatch(message, /s3cret/);
    await answerWith({ token: 'token-RUN' });
    assert.equal(await token(), 'Bearer token-2');
  });

  it('because it hangs: it is ended', async () => {
    const hold = await scratch.write('hold-1', '');
    const { clock, token } = await connectionWithPlugin({});
    const refused = refusal(token());
    await hasBegun(1);
    clock.advance(5 * 60_000);
    assert.match(await refused, /did not end within 5 minutes$/);
    await rm(hold);
  });

  const nonsense: Readonly<Record<string, readonly [string | object, RegExp]>> = {
    'but a bare token': ['s3cret', /printed something else than an ExecCredential/],
    'but broken JSON': ['{"status":{"token":"s3cret"', /printed something else than an ExecCredential/],
    'but another kind': [{ kind: 's3cret' }, /printed something else than an ExecCredential/],
    'but another version': [{ kind: 'ExecCredential', apiVersion: 's3cret' }, /answered in another version/],
    'but an empty status': [{ kind: 'ExecCredential', apiVersion: V1, status: {} }, /printed neither a token nor/],
    'but no status': [{ kind: 'ExecCredential', apiVersion: V1 }, /printed neither a token nor a certificate/],
    'but a number': [{ kind: 'ExecCredential', apiVersion: V1, status: { token: 1 } }, /credentials that are no text/],
    'but half a pair': [
      { kind: 'ExecCredential', apiVersion: V1, status: { token: 's3cret', clientKeyData: 's3cret' } },
      /printed a certificate without its key, or a key without its certificate/,
    ],
    'but a key that is no PEM': [
      { kind: 'ExecCredential', apiVersion: V1, status: { clientCertificateData: ca, clientKeyData: 's3cret' } },
      /printed a certificate or a key that is not PEM/,
    ],
    'but a token for ever and a day': [
      { kind: 'ExecCredential', apiVersion: V1, status: { token: 's3cret', expirationTimestamp: 'for ever' } },
      /printed an expirationTimestamp that is no time/,
    ],
  };
  for (const [name, [answer, message]] of Object.entries(nonsense)) {
    it(`${name}: the error says what is wrong and repeats nothing`, async () => {
      await scratch.write('answer', answer);
      const { token } = await connectionWithPlugin({});
      const said = await refusal(token());
      assert.match(said, message);
      assert.doesNotMatch(said, /s3cret/);
    });
  }

  const refused: Readonly<Record<string, readonly [object, RegExp]>> = {
    'it needs a terminal': [
      { interactiveMode: 'Always' },
      /standard input is not handed on to plugins: log in with kubec/,
    ],
    'its interactiveMode is unknown': [{ interactiveMode: 'Maybe' }, /must be Never, IfAvailable or Always/],
    'its version is too old': [{ apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /update the plugin/],
    'it has no version': [{ apiVersion: '' }, /exec: apiVersion is missing/],
    'it has no command': [{ command: null }, /exec: command is missing/],
    'its environment has no name': [{ env: [{ value: 'x' }] }, /exec: env\[0\]: name is missing/],
  };
  for (const [name, [exec, message]] of Object.entries(refused)) {
    it(`is refused before it is run if ${name}`, async () => {
      assert.match(await refusal(connectionWithPlugin(exec)), message);
    });
  }
});
