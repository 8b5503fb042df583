import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { describe, it } from 'node:test';
import { PretendClock } from '../pretend-clock.ts';
import { kubeConfigOf, refusal, scratchFolder } from './fixture.ts';
import { connectionFromKubeConfig } from './kube-config.ts';

const clock = new PretendClock();

function contextOf(name: string, cluster = 'house', user = 'jane'): object {
  return { name, context: { cluster, user, namespace: `${name}-namespace` } };
}

function clusterOf(name: string, server: string): object {
  return { name, cluster: { server } };
}

describe('where a kubeconfig comes from', () => {
  const scratch = scratchFolder();

  it('is the file that is named, whatever the environment says', async () => {
    const kubeconfig = await scratch.write('named', kubeConfigOf({ cluster: { server: 'https://named' } }));
    const other = await scratch.write('other', kubeConfigOf({}));
    const connection = await connectionFromKubeConfig({ env: { KUBECONFIG: other }, clock, kubeconfig });
    assert.equal(connection.server, 'https://named');
  });

  it('is an error if the file that is named is not there', async () => {
    const kubeconfig = scratch.path('nowhere');
    const other = await scratch.write('other', kubeConfigOf({}));
    assert.equal(
      await refusal(connectionFromKubeConfig({ env: { KUBECONFIG: other }, clock, kubeconfig })),
      `there is no kubeconfig ${kubeconfig}`,
    );
  });

  it('is all files of KUBECONFIG: of each name, and of the current context, the first is right', async () => {
    const one = await scratch.write('one', {
      clusters: [clusterOf('house', 'https://one')],
      contexts: [contextOf('home')],
      users: null,
    });
    const two = await scratch.write('two', {
      'current-context': 'home',
      clusters: [clusterOf('house', 'https://two'), clusterOf('office', 'https://office')],
      contexts: [contextOf('home', 'office'), contextOf('work', 'office')],
      users: [{ name: 'jane', user: { token: 'jane-of-two' } }],
    });
    const three = await scratch.write('three', {
      'current-context': 'work',
      users: [{ name: 'jane', user: { token: 'jane-of-three' } }],
    });
    const env = { KUBECONFIG: [one, scratch.path('missing'), '', two, three].join(delimiter) };
    const home = await connectionFromKubeConfig({ env, clock });
    assert.deepEqual([home.context, home.namespace, home.server], ['home', 'home-namespace', 'https://one']);
    assert.deepEqual((await home.credentials()).headers, { Authorization: 'Bearer jane-of-two' });
    const work = await connectionFromKubeConfig({ env, clock, context: 'work' });
    assert.deepEqual([work.context, work.server], ['work', 'https://office']);
  });

  it('is an error if no file of KUBECONFIG is there, and not ~/.kube/config', async () => {
    const names = [scratch.path('gone'), scratch.path('lost')];
    await scratch.write('home/.kube/config', kubeConfigOf({}));
    assert.equal(
      await refusal(
        connectionFromKubeConfig({ env: { KUBECONFIG: names.join(delimiter), HOME: scratch.path('home') }, clock }),
      ),
      `KUBECONFIG names no file that is there: ${names.join(', ')}`,
    );
  });

  for (const variable of ['HOME', 'USERPROFILE']) {
    it(`is .kube/config in ${variable} where KUBECONFIG is empty`, async () => {
      await scratch.write('home/.kube/config', kubeConfigOf({ cluster: { server: 'https://at-home' } }));
      const env = { KUBECONFIG: '', [variable]: scratch.path('home') };
      assert.equal((await connectionFromKubeConfig({ env, clock })).server, 'https://at-home');
    });
  }

  it('is otherwise an error that says what to set, and never localhost', async () => {
    const serviceAccountFolder = scratch.path('no-service-account');
    const options = { clock, serviceAccountFolder };
    const host = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    for (const env of [{}, { HOME: scratch.path('empty-home') }, host]) {
      assert.match(
        await refusal(connectionFromKubeConfig({ env, ...options })),
        /set KUBECONFIG or write ~\/.kube\/conf/,
      );
    }
  });

  it('is not YAML: says where, and quotes nothing of it', async () => {
    const kubeconfig = await scratch.write('broken', 'users:\n- name: jane\n  user: {token: s3cret\n');
    const message = await refusal(connectionFromKubeConfig({ env: {}, clock, kubeconfig }));
    assert.match(message, /\/broken:\d+:\d+: this is not YAML$/);
    assert.doesNotMatch(message, /s3cret/);
    const alias = await scratch.write('alias', 'users: *s3cret\n');
    assert.match(
      await refusal(connectionFromKubeConfig({ env: {}, clock, kubeconfig: alias })),
      /\/alias:1:\d+: this is not YAML$/,
    );
  });

  it('is something else than a kubeconfig: says what is wrong', async () => {
    const wrong: readonly (readonly [string | object, RegExp])[] = [
      ['just text', /must be a mapping/],
      [{ clusters: {} }, /clusters must be a list/],
      [{ clusters: ['house'] }, /clusters\[0\] must be a mapping/],
      [{ users: [{ user: {} }] }, /users\[0\]: name is missing/],
      ['', /has no current-context: choose one of none/],
    ];
    for (const [content, message] of wrong) {
      const kubeconfig = await scratch.write('wrong', content);
      assert.match(await refusal(connectionFromKubeConfig({ env: {}, clock, kubeconfig })), message);
    }
  });

  it('is a folder: says that it cannot be read', async () => {
    await scratch.write('folder/x', '');
    const message = await refusal(connectionFromKubeConfig({ env: { KUBECONFIG: scratch.path('folder') }, clock }));
    assert.match(message, /the kubeconfig cannot be read: EISDIR/);
  });
});

describe('the context', () => {
  const scratch = scratchFolder();
  const config = {
    contexts: [contextOf('home'), contextOf('away', 'hotel'), contextOf('alone', 'house', 'nobody')],
    clusters: [clusterOf('house', 'https://house'), { name: 'broken', cluster: { server: 1.5 } }],
    users: [{ name: 'jane' }],
  };
  const wrong: Readonly<Record<string, readonly [object, string | undefined, string]>> = {
    'is not chosen': [config, undefined, 'FILE has no current-context: choose one of home, away, alone'],
    'is not there': [config, 'work', 'there is no context "work": FILE has home, away, alone'],
    'has a cluster that is not there': [
      config,
      'away',
      'context "away" of FILE names the cluster "hotel", which is not there: FILE has house, broken',
    ],
    'has a user that is not there': [
      config,
      'alone',
      'context "alone" of FILE names the user "nobody", which is not there: FILE has jane',
    ],
    'has no cluster': [{ contexts: [{ name: 'x', context: {} }] }, 'x', 'context "x" of FILE: cluster is missing'],
    'has a cluster without a server': [
      { contexts: [contextOf('x')], clusters: [{ name: 'house', cluster: {} }], users: [{ name: 'jane' }] },
      'x',
      'cluster "house" of FILE: server is missing',
    ],
  };
  for (const [name, [content, context, message]] of Object.entries(wrong)) {
    it(`${name}: the error says what there is`, async () => {
      const kubeconfig = await scratch.write('config', content);
      const options = { env: {}, clock, kubeconfig, ...(context === undefined ? {} : { context }) };
      const said = await refusal(connectionFromKubeConfig(options));
      assert.equal(said, message.replaceAll('FILE', kubeconfig));
    });
  }

  it('needs no user, and the certificate authority is not forgotten then', async () => {
    const ca = '-----BEGIN CERTIFICATE-----\n';
    const parts = { cluster: { 'certificate-authority-data': btoa(ca) }, context: { user: undefined } };
    const kubeconfig = await scratch.write('nobody', kubeConfigOf(parts));
    const connection = await connectionFromKubeConfig({ env: {}, clock, kubeconfig });
    assert.deepEqual(await connection.credentials(), { ca, headers: {} });
    assert.equal(connection.namespace, 'default');
  });
});

describe('in a pod', () => {
  const scratch = scratchFolder();
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const ca = '-----BEGIN CERTIFICATE-----\nca\n';

  async function mounted(): Promise<string> {
    await scratch.write('account/ca.crt', ca);
    await scratch.write('account/namespace', 'shop\n');
    await scratch.write('account/token', 'first\n');
    return scratch.path('account');
  }

  it('the ServiceAccount is used, its token read again after a minute', async () => {
    const serviceAccountFolder = await mounted();
    const pretended = new PretendClock();
    const connection = await connectionFromKubeConfig({ env, clock: pretended, serviceAccountFolder });
    const { server, context, namespace } = connection;
    assert.deepEqual([server, context, namespace], ['https://10.96.0.1', 'in-cluster', 'shop']);
    assert.deepEqual(await connection.credentials(), { ca, headers: { Authorization: 'Bearer first' } });
    await scratch.write('account/token', 'second\n');
    pretended.advance(59_999);
    assert.equal((await connection.credentials()).headers?.['Authorization'], 'Bearer first');
    pretended.advance(1);
    assert.equal((await connection.credentials()).headers?.['Authorization'], 'Bearer second');
  });

  it('an IPv6 address is put in brackets', async () => {
    const serviceAccountFolder = await mounted();
    const ipv6 = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    const connection = await connectionFromKubeConfig({ env: ipv6, clock, serviceAccountFolder });
    assert.equal(connection.server, 'https://[fd00::1]:6443');
  });

  it('a kubeconfig goes before the ServiceAccount', async () => {
    const serviceAccountFolder = await mounted();
    const KUBECONFIG = await scratch.write('config', kubeConfigOf({}));
    const connection = await connectionFromKubeConfig({ env: { ...env, KUBECONFIG }, clock, serviceAccountFolder });
    assert.equal(connection.context, 'home');
  });
});

describe('credentials', () => {
  const scratch = scratchFolder();

  /** A connection whose token stands in a file beside the kubeconfig. */
  async function connectionWithTokenFile() {
    const pretended = new PretendClock();
    await scratch.write('token', 'first\n');
    const kubeconfig = await scratch.write('config', kubeConfigOf({ user: { tokenFile: 'token' } }));
    const connection = await connectionFromKubeConfig({ env: {}, clock: pretended, kubeconfig });
    const token = async () => (await connection.credentials()).headers?.['Authorization'];
    return { pretended, kubeconfig, connection, token };
  }

  it('are looked up once a minute, and once for all who ask together', async () => {
    const { pretended, connection, token } = await connectionWithTokenFile();
    const [one, two] = await Promise.all([connection.credentials(), connection.credentials()]);
    assert.equal(one, two);
    await scratch.write('token', 'second');
    pretended.advance(59_999);
    assert.equal(await connection.credentials(), one);
    pretended.advance(1);
    assert.equal(await token(), 'Bearer second');
  });

  it('are tried again at once after a failure', async () => {
    const { token } = await connectionWithTokenFile();
    await rm(scratch.path('token'));
    assert.match(await refusal(token()), /tokenFile cannot be read: ENOENT/);
    await scratch.write('token', '\n');
    assert.match(await refusal(token()), /tokenFile is empty/);
    await scratch.write('token', 'back');
    assert.equal(await token(), 'Bearer back');
  });

  it('are read anew once they are refused, with the kubeconfig', async () => {
    const { kubeconfig, connection, token } = await connectionWithTokenFile();
    assert.equal(await token(), 'Bearer first');
    await writeFile(kubeconfig, JSON.stringify(kubeConfigOf({ user: { token: 'inline' } })));
    connection.renew();
    assert.equal(await token(), 'Bearer inline');
  });

  it('are read anew once for a storm of refusals, and again for the next', async () => {
    const { pretended, connection, token } = await connectionWithTokenFile();
    const first = await connection.credentials();
    const renewed = await Promise.all(
      Array.from({ length: 50 }, () => {
        connection.renew();
        return connection.credentials();
      }),
    );
    assert.equal(new Set(renewed).size, 1);
    assert.notEqual(renewed[0], first);
    // A late refusal of the first ones.
    connection.renew();
    assert.equal(await connection.credentials(), renewed[0]);
    pretended.advance(1000);
    await scratch.write('token', 'second');
    connection.renew();
    assert.equal(await token(), 'Bearer second');
  });

  it('are refused with the reason while the kubeconfig is broken, and come back with it', async () => {
    const { kubeconfig, connection, token } = await connectionWithTokenFile();
    await token();
    await writeFile(kubeconfig, '{');
    connection.renew();
    assert.match(await refusal(connection.credentials()), /this is not YAML/);
    await rm(kubeconfig);
    assert.match(await refusal(connection.credentials()), /there is no kubeconfig/);
    await scratch.write('token', 'second');
    await writeFile(kubeconfig, JSON.stringify(kubeConfigOf({ user: { tokenFile: 'token' } })));
    assert.equal(await token(), 'Bearer second');
  });

  it('stay with their context when another one becomes the current one', async () => {
    const { kubeconfig, connection, token } = await connectionWithTokenFile();
    const config = kubeConfigOf({ user: { token: 'still-jane' } });
    await writeFile(kubeconfig, JSON.stringify({ ...config, 'current-context': 'work' }));
    connection.renew();
    assert.equal(await token(), 'Bearer still-jane');
  });

  it('of another server are not sent to this one', async () => {
    const { kubeconfig, connection } = await connectionWithTokenFile();
    const config = kubeConfigOf({ cluster: { server: 'https://elsewhere' }, user: { token: 's3cret' } });
    await writeFile(kubeconfig, JSON.stringify(config));
    connection.renew();
    assert.match(await refusal(connection.credentials()), /context "home" now leads to another server: start again/);
  });
});
