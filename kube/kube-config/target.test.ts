import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import type { Credentials } from '../transport/connection.ts';
import { type KubeConfigParts, kubeConfigOf, refusal, scratchFolder } from './fixture.ts';
import { connectionFromKubeConfig, type KubeConfigConnection } from './kube-config.ts';

const CA = '-----BEGIN CERTIFICATE-----\nca\n';
const CERT = '-----BEGIN CERTIFICATE-----\njane\n';
const KEY = '-----BEGIN PRIVATE KEY-----\njane\n';

const scratch = scratchFolder();

async function connectionWith(parts: KubeConfigParts): Promise<KubeConfigConnection> {
  const kubeconfig = await scratch.write('folder/config', kubeConfigOf(parts));
  return connectionFromKubeConfig({ env: {}, clock: new PretendClock(), kubeconfig });
}

async function credentialsWith(parts: KubeConfigParts): Promise<Credentials> {
  return (await connectionWith(parts)).credentials();
}

describe('a cluster', () => {
  it('keeps the path of its server, without a slash at the end', async () => {
    const cluster = { server: 'HTTPS://gateway:443/k8s/clusters/c-1/' };
    assert.equal((await connectionWith({ cluster })).server, 'https://gateway/k8s/clusters/c-1');
  });

  it('has its authority as data or in a file beside the kubeconfig, the data being right', async () => {
    await scratch.write('folder/pki/ca.crt', CA);
    const [data, file] = [{ 'certificate-authority-data': btoa(CERT) }, { 'certificate-authority': 'pki/ca.crt' }];
    assert.equal((await credentialsWith({ cluster: data })).ca, CERT);
    assert.equal((await credentialsWith({ cluster: file })).ca, CA);
    assert.equal((await credentialsWith({ cluster: { ...file, ...data } })).ca, CERT);
  });

  it('may have a server of another name, or of any', async () => {
    const named = { 'tls-server-name': 'kubernetes' };
    assert.deepEqual(await credentialsWith({ cluster: named }), { serverName: 'kubernetes', headers: {} });
    const any = { 'insecure-skip-tls-verify': true, 'certificate-authority': 'not/read' };
    assert.deepEqual(await credentialsWith({ cluster: any }), { insecureSkipTlsVerify: true, headers: {} });
  });

  it('on plain HTTP is told nothing secret, but whom to act as', async () => {
    await scratch.write('folder/token', 's3cret');
    const cluster = { server: 'http://127.0.0.1:8001' };
    for (const secret of [{ token: 's3cret' }, { tokenFile: 'token' }, { username: 'jane', password: 's3cret' }]) {
      const { headers } = await credentialsWith({ cluster, user: { ...secret, as: 'bob' } });
      assert.deepEqual(headers, { 'Impersonate-User': 'bob' });
    }
  });
});

describe('a user', () => {
  it('with a token is a bearer', async () => {
    assert.deepEqual(await credentialsWith({ user: { token: 'x\n' } }), { headers: { Authorization: 'Bearer x' } });
  });

  it('with a tokenFile and a token is who the file says, or the token while it cannot be read', async () => {
    const user = { token: 'inline', tokenFile: 'some/token' };
    assert.deepEqual((await credentialsWith({ user })).headers, { Authorization: 'Bearer inline' });
    await scratch.write('folder/some/token', 'of the file\n');
    assert.deepEqual((await credentialsWith({ user })).headers, { Authorization: 'Bearer of the file' });
  });

  it('with a name sends it and the password', async () => {
    for (const [user, sent] of [
      [{ username: 'jane', password: 'pässword' }, 'jane:pässword'],
      [{ username: 1234, password: 5678 }, '1234:5678'],
      [{ username: 'jane' }, 'jane:'],
    ] as const) {
      const Authorization = `Basic ${Buffer.from(sent).toString('base64')}`;
      assert.deepEqual((await credentialsWith({ user })).headers, { Authorization });
    }
  });

  it('has a certificate and its key as data or in files beside the kubeconfig', async () => {
    await scratch.write('folder/jane.crt', CERT);
    await scratch.write('folder/jane.key', KEY);
    const expected = { cert: CERT, key: KEY, headers: {} };
    const data = { 'client-certificate-data': btoa(CERT), 'client-key-data': btoa(KEY) };
    assert.deepEqual(await credentialsWith({ user: data }), expected);
    const files = { 'client-certificate': 'jane.crt', 'client-key': scratch.path('folder/jane.key') };
    assert.deepEqual(await credentialsWith({ user: files }), expected);
    const mixed = { 'client-certificate': 'not/read', ...data };
    assert.deepEqual(await credentialsWith({ user: mixed }), expected);
  });

  it('may act as somebody else, with groups, uid and extra', async () => {
    const user = {
      token: 'x',
      as: 'Jürgen',
      'as-uid': '42',
      'as-groups': ['a', 'b, c'],
      'as-user-extra': { 'example.org/team ✓': ['one', 'two'] },
    };
    assert.deepEqual((await credentialsWith({ user })).headers, {
      Authorization: 'Bearer x',
      // The bytes of UTF-8, one character each.
      'Impersonate-User': 'J\u00C3\u00BCrgen',
      'Impersonate-Uid': '42',
      'Impersonate-Group': ['a', 'b, c'],
      'Impersonate-Extra-example.org%2fteam%20%e2%9c%93': ['one', 'two'],
    });
  });

  it('of an auth-provider has the token that client-node makes of it', async () => {
    const config = { 'id-token': jwtThatExpires(4_000_000_000) };
    const { headers } = await credentialsWith({ user: { 'auth-provider': { name: 'oidc', config } } });
    assert.deepEqual(headers, { Authorization: `Bearer ${config['id-token']}` });
  });
});

describe('what cannot be done right is refused, with what to do', () => {
  const file = { 'client-certificate': 'gone.crt', 'client-key': 'gone.key' };
  const wrong: Readonly<Record<string, readonly [KubeConfigParts, RegExp]>> = {
    'a server without a scheme': [{ cluster: { server: 'kubernetes:6443' } }, /server must be a URL such as https:/],
    'a server that is no URL': [{ cluster: { server: 'https://s3cret@:x' } }, /server must be a URL such as https:/],
    'a server with a password': [
      { cluster: { server: 'https://jane:s3cret@kubernetes' } },
      /server has a name or a password in it: they belong to the user/,
    ],
    'a proxy that is none': [{ cluster: { 'proxy-url': 'ftp://s3cret@proxy' } }, /proxy-url must be a URL that begins/],
    'a flag that is none': [{ cluster: { 'insecure-skip-tls-verify': 'yes' } }, /must be true or false/],
    'an authority that is no PEM': [
      { cluster: { 'certificate-authority-data': btoa('s3cret') } },
      /^cluster "house": certificate-authority is not PEM/,
    ],
    'an authority that is not there': [
      { cluster: { 'certificate-authority': 'no/ca.crt' } },
      /^cluster "house": certificate-authority cannot be read: ENOENT.*folder\/no\/ca.crt/,
    ],
    'a certificate that is not there': [
      { user: file },
      /^user "jane" .*: client-certificate cannot be read: ENOENT.*gone.crt/,
    ],
    'a key that is no PEM': [
      { user: { 'client-certificate-data': btoa(CERT), 'client-key-data': btoa('s3cret') } },
      /client-key is not PEM \(in a -data field: not PEM in base64\)/,
    ],
    'a certificate without a key': [{ user: { 'client-certificate': 'x' } }, /a client-certificate, but no client-key/],
    'a token and a username': [{ user: { token: 's3cret', username: 'jane' } }, /both a token and a username: remove/],
    'a token that is a list': [{ user: { token: ['s3cret'] } }, /: token must be a text, put it in quotes/],
    'a password that is a fraction': [{ user: { username: 'jane', password: 0.1 } }, /password must be a text/],
    'groups without a user to be': [{ user: { 'as-groups': ['a'] } }, /need an "as"/],
    'groups that are no list': [{ user: { as: 'x', 'as-groups': 'a' } }, /as-groups must be a list/],
    'two ways to get a token': [
      { user: { exec: {}, 'auth-provider': { name: 'oidc' } } },
      /both exec and auth-provider: remove one/,
    ],
    'an auth-provider whose token has expired': [
      { user: { 'auth-provider': { name: 'oidc', config: { 'id-token': jwtThatExpires(1) } } } },
      /the auth-provider oidc has no valid token: log in again/,
    ],
    'an auth-provider whose token is none': [
      { user: { 'auth-provider': { name: 'oidc', config: { 'id-token': `${btoa('s3cret')}.x.x` } } } },
      /the credentials cannot be had: what it gave is not JSON/,
    ],
    'an auth-provider that nobody knows': [
      { user: { 'auth-provider': { name: 'keystone' } } },
      /the auth-provider keystone has no valid token: log in again, or use an exec plugin/,
    ],
  };
  for (const [name, [parts, message]] of Object.entries(wrong)) {
    it(name, async () => {
      const said = await refusal(credentialsWith(parts));
      assert.match(said, message);
      assert.doesNotMatch(said, /s3cret/);
    });
  }
});

function jwtThatExpires(exp: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp })}.x`;
}
