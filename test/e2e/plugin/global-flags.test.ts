// kubectl reads none of its global flags for a plugin: they work as kubectl's own, wherever they stand.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { scratchFolder } from '../../../kube/kube-config/fixture.ts';
import { canaryOf } from '../controller/release.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { installedPlugin } from './installed-plugin.ts';

interface View {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
}

describe('the global flags of kubectl', () => {
  const namespace = testNamespace('flags');
  const scratch = scratchFolder();
  const plugin = installedPlugin();
  let server = '';
  let authority = '';
  let token = '';
  before(async () => {
    // Its target is not there: it can be read all the same.
    await apply(canaryOf(namespace));
    await kubectl('-n', namespace, 'create', 'serviceaccount', 'reader');
    const rights = ['--verb=get,list', '--resource=canaries.flagger.app'];
    await kubectl('-n', namespace, 'create', 'role', 'reader', ...rights);
    const subjects = [`--serviceaccount=${namespace}:reader`, '--user=jane', '--group=readers'];
    await kubectl('-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', ...subjects);
    token = (await kubectl('-n', namespace, 'create', 'token', 'reader')).trim();
    const view = JSON.parse(await kubectl('config', 'view', '--raw', '--flatten', '--minify', '-o', 'json')) as View;
    const cluster = view.clusters[0]?.cluster ?? {};
    server = cluster['server'] ?? '';
    authority = await scratch.write(
      'ca.crt',
      Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString(),
    );
  });

  const NAMES = 'canary.flagger.app/podinfo\n';
  const name = (...args: readonly string[]) => plugin.ok('get', '-o', 'name', ...args);
  /** What it said in one line, with its exit code. */
  async function said(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await plugin.run(args, { env });
    assert.equal(stdout, '');
    assert.match(stderr, /^[^\n]+\n$/);
    return `${exitCode} ${stderr.trim()}`;
  }

  it('stand before the verb, after it and at the end, with an equals sign and without', async () => {
    for (const args of [
      ['-n', namespace, 'get', '-o', 'name'],
      ['get', '-n', namespace, '-o=name', 'podinfo'],
      ['get', 'podinfo', '--output=name', `-n=${namespace}`],
      [`--namespace=${namespace}`, 'get', '-oname', '--v=0', '--no-headers=true'],
    ]) {
      assert.equal(await plugin.ok(...args), NAMES, args.join(' '));
    }
  });

  it('--server, --token and --certificate-authority need no kubeconfig', async () => {
    const given = ['--server', server, '--token', token, '--certificate-authority', authority, '-n', namespace];
    const nowhere = { KUBECONFIG: scratch.path('none'), HOME: scratch.path('nobody') };
    const { exitCode, stdout, stderr } = await plugin.run(['get', '-o', 'name', ...given], { env: nowhere });
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: NAMES, stderr: '' });
  });

  it('--token is who asks, whoever the kubeconfig says', async () => {
    assert.equal(await name('--token', token, '-n', namespace), NAMES);
    assert.match(
      await said(['get', '--token', token, '-n', 'default']),
      /^1 Error from server \(Forbidden\): .*User "system:serviceaccount:flags-\w+:reader" cannot list .*"default"$/,
    );
    assert.equal(
      await said(['get', '--token', 'wrong']),
      '1 error: You must be logged in to the server (Unauthorized)',
    );
  });

  it('--as, --as-group, --as-uid and --as-user-extra are in whose name it is asked', async () => {
    assert.equal(await name('--as', 'jane', '-n', namespace), NAMES);
    const extra = ['--as-uid=42', '--as-user-extra=team=a', '--as-user-extra=team=b'];
    assert.equal(await name('--as=joe', '--as-group=others', '--as-group=readers', ...extra, '-n', namespace), NAMES);
    assert.match(
      await said(['get', '--as', 'joe', '-n', namespace]),
      /^1 Error from server \(Forbidden\): .*User "joe" cannot list/,
    );
    assert.match(await said(['get', '--as-group', 'readers']), /^1 error: .* need an "as", who it is to be$/);
  });

  it('--kubeconfig, --context, --cluster and --user pick what is used', async () => {
    const config = {
      'current-context': 'away',
      contexts: [
        { name: 'away', context: { cluster: 'nowhere', user: 'nobody' } },
        { name: 'here', context: { cluster: 'here', user: 'reader', namespace } },
      ],
      clusters: [
        { name: 'nowhere', cluster: { server: 'https://127.0.0.1:1' } },
        { name: 'here', cluster: { server, 'certificate-authority': authority } },
      ],
      users: [
        { name: 'nobody', user: {} },
        { name: 'reader', user: { token } },
      ],
    };
    const file = join(scratch.path('.'), 'other');
    await writeFile(file, JSON.stringify(config));
    assert.equal(await name('--kubeconfig', file, '--context', 'here'), NAMES);
    assert.equal(await name(`--kubeconfig=${file}`, '--cluster=here', '--user=reader', '-n', namespace), NAMES);
    const here = ['get', '--kubeconfig', file];
    assert.match(await said(here), /^1 error: the API server cannot be asked: .*ECONNREFUSED 127.0.0.1:1$/);
    assert.match(
      await said([...here, '--context', 'home']),
      /^1 error: there is no context "home": .* has away, here$/,
    );
    assert.match(
      await said([...here, '--cluster', 'home']),
      /^1 error: there is no cluster "home": .* has nowhere, here$/,
    );
    assert.match(await said([...here, '--user', 'home']), /^1 error: there is no user "home": .* has nobody, reader$/);
    assert.match(await said(['get', '--kubeconfig', '/none']), /^1 error: there is no kubeconfig \/none$/);
  });

  it('--insecure-skip-tls-verify and --tls-server-name are what the certificate is held to', async () => {
    const asked = ['--server', server, '--token', token, '-n', namespace];
    const nowhere = { KUBECONFIG: scratch.path('none'), HOME: scratch.path('nobody') };
    assert.match(await said(['get', ...asked], nowhere), /^1 error: the API server cannot be asked: .*certificate/);
    const { stdout } = await plugin.run(['get', '-o', 'name', '--insecure-skip-tls-verify=true', ...asked], {
      env: nowhere,
    });
    assert.equal(stdout, NAMES);
    assert.match(await said(['get', '--tls-server-name', 'other.test', '-n', namespace]), /^1 error: .*other\.test/);
    assert.equal(await name('--tls-server-name', 'kubernetes.default', '-n', namespace), NAMES);
    assert.match(await said(['get', '--certificate-authority', '/none']), /^1 error: .*ENOENT.*\/none/);
  });

  it('-v=6 tells each request on standard error, and nothing secret', async () => {
    const { stdout, stderr } = await plugin.run(['get', '-o', 'name', '-v=6', '-n', namespace, '--token', token]);
    assert.equal(stdout, NAMES);
    const path = `/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries?limit=500`;
    const [line = '', ...more] = stderr.trimEnd().split('\n');
    assert.deepEqual(more, []);
    assert.ok(line.includes(` GET ${server}${path} 200 in `), line);
    assert.match(line, /^\d{4}-\S+Z GET .* in \d+ milliseconds$/);
    assert.ok(!stderr.includes(token));
  });

  it('that cannot be read are told with what to write', async () => {
    const wrong = await plugin.run(['get', '--request-timeout', 'soon', '-v', 'much']);
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /--request-timeout.*Write a time such as 10s or 1m/);
    assert.match(
      await said(['get', '--as', 'x', '--as-user-extra', 'team']),
      /^2 error: --as-user-extra is key=value: "team"/,
    );
    assert.equal(await name('--request-timeout=20', '-n', namespace), NAMES);
  });
});
