import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import { type KubeConfigParts, kubeConfigOf, refusal, scratchFolder } from './fixture.ts';
import { connectionFromKubeConfig, type KubeConfigConnection } from './kube-config.ts';
import type { Overrides } from './overrides.ts';

const CA = '-----BEGIN CERTIFICATE-----\nca\n';
const CERT = '-----BEGIN CERTIFICATE-----\njane\n';
const KEY = '-----BEGIN PRIVATE KEY-----\njane\n';
const clock = new PretendClock();
const scratch = scratchFolder();

async function connectionWith(parts: KubeConfigParts, overrides: Overrides): Promise<KubeConfigConnection> {
  const kubeconfig = await scratch.write('folder/config', kubeConfigOf(parts));
  return connectionFromKubeConfig({ env: {}, clock, kubeconfig, overrides });
}

const credentialsWith = async (parts: KubeConfigParts, overrides: Overrides) =>
  (await connectionWith(parts, overrides)).credentials();

/** A file outside of the kubeconfig's folder. */
const fileWith = (content: string) =>
  scratch.write(`elsewhere/${Buffer.from(content).toString('hex').slice(-12)}`, content);

describe('flags about the cluster go before the kubeconfig:', () => {
  const certificate = { 'certificate-authority-data': btoa(CERT) };

  it('another authority replaces data, a file and the wish to check nothing', async () => {
    const certificateAuthority = await fileWith(CA);
    for (const cluster of [
      certificate,
      { 'certificate-authority': 'not/read' },
      { 'insecure-skip-tls-verify': true },
    ]) {
      assert.deepEqual(await credentialsWith({ cluster }, { certificateAuthority }), { ca: CA, headers: {} });
    }
  });

  it('nothing is checked, whatever authority there is', async () => {
    const given = await credentialsWith({ cluster: certificate }, { insecureSkipTlsVerify: true });
    assert.deepEqual(given, { insecureSkipTlsVerify: true, headers: {} });
  });

  it('another server keeps the authority and the user, but not the name that the certificate had to have', async () => {
    const parts = { cluster: { ...certificate, 'tls-server-name': 'kubernetes' }, user: { token: 'x' } };
    const connection = await connectionWith(parts, { server: 'https://10.0.0.9:6443/' });
    assert.deepEqual([connection.server, connection.context], ['https://10.0.0.9:6443', 'home']);
    assert.deepEqual(await connection.credentials(), { ca: CERT, headers: { Authorization: 'Bearer x' } });
    const named = await credentialsWith(parts, { server: 'https://10.0.0.9:6443', tlsServerName: 'other' });
    assert.equal(named.serverName, 'other');
  });

  it('an empty one is none', async () => {
    const overrides = { server: '', tlsServerName: '', certificateAuthority: '', cluster: '', user: '', token: '' };
    const connection = await connectionWith({ cluster: certificate, user: { token: 'x' } }, overrides);
    assert.equal(connection.server, 'https://10.0.0.1:6443');
    assert.deepEqual(await connection.credentials(), { ca: CERT, headers: { Authorization: 'Bearer x' } });
  });
});

describe('flags about the user go before the kubeconfig:', () => {
  const users: Readonly<Record<string, object>> = {
    'a token': { token: 'of the file' },
    'a token in a file': { tokenFile: 'not/read' },
    'a name': { username: 'jane', password: 's3cret' },
    'a certificate': { 'client-certificate-data': btoa(CERT), 'client-key-data': btoa(KEY) },
    'a plugin': {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'not-run', interactiveMode: 'Never' },
    },
    'an auth-provider': { 'auth-provider': { name: 'not-asked' } },
  };
  for (const [name, user] of Object.entries(users)) {
    it(`a token, a name or a certificate replaces ${name}`, async () => {
      const token = await credentialsWith({ user }, { token: 'of the flag' });
      assert.deepEqual(token, { headers: { Authorization: 'Bearer of the flag' } });
      const basic = await credentialsWith({ user }, { username: 'joe', password: 'word' });
      assert.deepEqual(basic, { headers: { Authorization: `Basic ${btoa('joe:word')}` } });
      const files = { clientCertificate: await fileWith(CA), clientKey: await fileWith(KEY) };
      assert.deepEqual(await credentialsWith({ user }, files), { cert: CA, key: KEY, headers: {} });
    });
  }

  it('whom to act as, with groups, uid and extra, each in place of what the kubeconfig has', async () => {
    const user = { as: 'jane', 'as-groups': ['a'], 'as-uid': '1' };
    const overrides = { as: 'joe', asUid: '2', asUserExtra: { scopes: ['one', 'two'] } };
    assert.deepEqual((await credentialsWith({ user }, overrides)).headers, {
      ...{ 'Impersonate-User': 'joe', 'Impersonate-Uid': '2', 'Impersonate-Group': ['a'] },
      'Impersonate-Extra-scopes': ['one', 'two'],
    });
    const { headers } = await credentialsWith({ user }, { asGroups: ['b', 'c'] });
    assert.deepEqual(headers?.['Impersonate-Group'], ['b', 'c']);
  });

  it('a password alone is that of the kubeconfig’s name', async () => {
    const user = { username: 'jane', password: 'old' };
    const { headers } = await credentialsWith({ user }, { password: 'new' });
    assert.deepEqual(headers, { Authorization: `Basic ${btoa('jane:new')}` });
  });

  it('nothing secret goes over plain HTTP', async () => {
    const { headers } = await credentialsWith({}, { server: 'http://127.0.0.1:8001', token: 's3cret', as: 'joe' });
    assert.deepEqual(headers, { 'Impersonate-User': 'joe' });
  });
});

describe('other entries of the kubeconfig', () => {
  const config = {
    'current-context': 'home',
    contexts: [{ name: 'home', context: { cluster: 'house', user: 'jane', namespace: 'garden' } }],
    clusters: [
      { name: 'house', cluster: { server: 'https://house' } },
      { name: 'office', cluster: { server: 'https://office' } },
    ],
    users: [
      { name: 'jane', user: { token: 'of jane' } },
      { name: 'joe', user: { token: 'of joe' } },
    ],
  };
  const connect = async (overrides: Overrides, content: object = config) =>
    connectionFromKubeConfig({ env: {}, clock, kubeconfig: await scratch.write('entries', content), overrides });

  it('are picked in place of the context’s, whose namespace stays', async () => {
    const connection = await connect({ cluster: 'office', user: 'joe' });
    assert.deepEqual([connection.server, connection.namespace], ['https://office', 'garden']);
    assert.deepEqual((await connection.credentials()).headers, { Authorization: 'Bearer of joe' });
  });

  it('are enough where there is no current context', async () => {
    const { 'current-context': _, ...content } = config;
    const connection = await connect({ cluster: 'office', user: 'joe' }, content);
    assert.deepEqual([connection.server, connection.namespace, connection.context], ['https://office', 'default', '']);
  });

  it('that are not there are told with those that are', async () => {
    assert.match(await refusal(connect({ cluster: 'hotel' })), /^there is no cluster "hotel": .* has house, office$/);
    assert.match(await refusal(connect({ user: 'nobody' })), /^there is no user "nobody": .* has jane, joe$/);
  });
});

describe('a server that is given', () => {
  const server = 'https://given';
  const overrides = { server, token: 'x' };

  it('needs no kubeconfig', async () => {
    for (const env of [{}, { HOME: scratch.path('empty') }, { KUBECONFIG: scratch.path('gone') }]) {
      const connection = await connectionFromKubeConfig({ env, clock, overrides });
      assert.deepEqual([connection.server, connection.context, connection.namespace], [server, '', 'default']);
      assert.deepEqual(await connection.credentials(), { headers: { Authorization: 'Bearer x' } });
      connection.renew();
      assert.deepEqual(await connection.credentials(), { headers: { Authorization: 'Bearer x' } });
    }
  });

  it('goes before the ServiceAccount of a pod, whose token is not sent there', async () => {
    await scratch.write('account/token', 's3cret');
    const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    const options = { env, clock, serviceAccountFolder: scratch.path('account') };
    const connection = await connectionFromKubeConfig({ ...options, overrides: { server } });
    assert.deepEqual(await connection.credentials(), { headers: {} });
  });

  it('does not make up for a kubeconfig or a context that is named and not there', async () => {
    const kubeconfig = scratch.path('gone');
    const named = connectionFromKubeConfig({ env: {}, clock, kubeconfig, overrides });
    assert.equal(await refusal(named), `there is no kubeconfig ${kubeconfig}`);
    const context = connectionFromKubeConfig({ env: {}, clock, context: 'home', overrides });
    assert.equal(await refusal(context), 'there is no context "home": the command line has none');
  });
});

describe('flags that cannot be used are refused, with what to do:', () => {
  const wrong: Readonly<Record<string, readonly [Overrides, RegExp]>> = {
    'a server without a scheme': [{ server: 'kubernetes:6443' }, /server must be a URL such as https:/],
    'a token and a name': [{ token: 's3cret', username: 'jane' }, /both a token and a username: remove one/],
    'a certificate without a key': [{ clientCertificate: 'x' }, /a client-certificate, but no client-key/],
    'an authority that is not there': [{ certificateAuthority: '/no/ca.crt' }, /cannot be read: ENOENT.*\/no\/ca.crt/],
    'groups without somebody to be': [{ asGroups: ['a'] }, /need an "as"/],
  };
  for (const [name, [overrides, message]] of Object.entries(wrong)) {
    it(name, async () => {
      const said = await refusal(credentialsWith({}, overrides));
      assert.match(said, message);
      assert.doesNotMatch(said, /s3cret/);
    });
  }
});
