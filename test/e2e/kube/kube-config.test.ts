// Connections from kubeconfigs, to a real API server: what it takes us for, and what it and we refuse.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../../kube/clock.ts';
import { KubeError } from '../../../kube/errors.ts';
import { connectionFromKubeConfig, type KubeConfigOptions } from '../../../kube/kube-config/kube-config.ts';
import { silentLog } from '../../../kube/log.ts';
import { fixedConnection } from '../../../kube/transport/connection.ts';
import { createTransport, type Transport } from '../../../kube/transport/transport.ts';
import { openHttpProxy, openSocksProxy } from '../../../kube/transport/tunnel-proxy.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

type Entry = Readonly<Record<string, unknown>>;

const REVIEW = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
const clock = systemClock;

const namespace = testNamespace('kube-config');
let folder = '';
/** What the current kubeconfig has. */
let cluster: Entry = {};
let admin: Entry = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-kube-config-'));
  const current = await kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json');
  const config = JSON.parse(current) as { readonly clusters: { cluster: Entry }[]; readonly users: { user: Entry }[] };
  cluster = config.clusters[0]!.cluster;
  admin = config.users[0]!.user;
  await kubectl('create', 'serviceaccount', 'robot', '-n', namespace);
});

after(() => rm(folder, { recursive: true, force: true }));

/** The options for a kubeconfig with this cluster and user. */
async function optionsWith(itsCluster: Entry, user: Entry): Promise<KubeConfigOptions> {
  const kubeconfig = join(folder, 'config');
  const config = {
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: itsCluster }],
    users: [{ name: 'x', user }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return { env: process.env, clock, kubeconfig };
}

async function withTransport<T>(options: KubeConfigOptions, use: (transport: Transport) => Promise<T>): Promise<T> {
  const connection = await connectionFromKubeConfig(options);
  const transport = createTransport({ connection, clock, log: silentLog });
  try {
    return await use(transport);
  } finally {
    transport.close();
  }
}

async function whoIs(transport: Transport): Promise<UserInfo> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const review = await transport.request<{ status: { userInfo: UserInfo } }>({ method: 'POST', path, body: REVIEW });
  return review.status.userInfo;
}

async function whoAmI(itsCluster: Entry, user: Entry): Promise<UserInfo> {
  return withTransport(await optionsWith(itsCluster, user), whoIs);
}

function robot(): string {
  return `system:serviceaccount:${namespace}:robot`;
}

describe('a kubeconfig', () => {
  it('makes us who it makes kubectl', async () => {
    const kubectlIs = JSON.parse(await kubectl('auth', 'whoami', '-o', 'json')) as { status: { userInfo: UserInfo } };
    assert.deepEqual(await withTransport({ env: process.env, clock }, whoIs), kubectlIs.status.userInfo);
  });

  it('with a tokenFile makes us a ServiceAccount', async () => {
    await writeFile(join(folder, 'token'), `${await kubectl('create', 'token', 'robot', '-n', namespace)}\n`);
    assert.equal((await whoAmI(cluster, { tokenFile: 'token' })).username, robot());
  });

  it('of a pod makes us its ServiceAccount', { skip: sandboxOnly('no Service is reachable') }, async () => {
    await writeFile(join(folder, 'token'), `${await kubectl('create', 'token', 'robot', '-n', namespace)}\n`);
    await writeFile(join(folder, 'ca.crt'), Buffer.from(String(cluster['certificate-authority-data']), 'base64'));
    const env = {
      KUBERNETES_SERVICE_HOST: await kubectl('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}'),
      KUBERNETES_SERVICE_PORT: '443',
    };
    const user = await withTransport({ env, clock, serviceAccountFolder: folder }, whoIs);
    assert.equal(user.username, robot());
  });

  it('makes us somebody else with groups, uid and extra, as kubectl --as does', async () => {
    const groups = ['a team', 'b, c'];
    const user = await whoAmI(cluster, {
      ...admin,
      as: 'Jürgen ✓',
      'as-uid': '42',
      'as-groups': groups,
      'as-user-extra': { 'example.org/team ✓': ['one', 'zwei ✓'] },
    });
    assert.deepEqual(user, {
      username: 'Jürgen ✓',
      uid: '42',
      groups: [...groups, 'system:authenticated'],
      extra: { 'example.org/team ✓': ['one', 'zwei ✓'] },
    });
  });

  it('that the server does not know fails with what the server says', async () => {
    await assert.rejects(whoAmI(cluster, { token: 'nobody' }), isRefusal(401, 'Unauthorized'));
  });
});

describe('the server', () => {
  it('must be who the kubeconfig says, unless it says that anybody will do', async () => {
    const { 'certificate-authority-data': _ca, ...unknown } = cluster;
    const certificate = isRefusal(0, 'ConnectionFailed');
    assert.ok(await whoAmI({ ...cluster, 'tls-server-name': 'kubernetes.default.svc' }, admin));
    await assert.rejects(whoAmI({ ...cluster, 'tls-server-name': 'elsewhere.example' }, admin), certificate);
    await assert.rejects(whoAmI(unknown, admin), certificate);
    assert.ok(await whoAmI({ ...unknown, 'insecure-skip-tls-verify': true }, admin));
  });

  it('may be a kubectl proxy on plain HTTP, with a path in front', async () => {
    const { username } = await withTransport({ env: process.env, clock }, whoIs);
    const proxy = spawn('kubectl', ['proxy', '--port=0', '--api-prefix=/some/gateway/'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface(proxy.stdout), 'line')) as [string];
      const server = `http://${/127\.0\.0\.1:\d+/.exec(line)?.[0]}/some/gateway`;
      assert.equal((await whoAmI({ server }, { token: 'not sent' })).username, username);
    } finally {
      proxy.kill();
      await once(proxy, 'exit');
    }
  });

  for (const [name, open] of [
    ['HTTP', openHttpProxy],
    ['SOCKS5', openSocksProxy],
  ] as const) {
    it(`may be behind a proxy of ${name}, over a tunnel that is kept`, async () => {
      const proxy = await open();
      try {
        const options = await optionsWith({ ...cluster, 'proxy-url': proxy.url }, admin);
        await withTransport(options, async (transport) => {
          const { username } = await whoIs(transport);
          assert.equal((await whoIs(transport)).username, username);
          const watch = {
            path: '/api/v1/namespaces',
            query: { timeoutSeconds: 1 },
            signal: new AbortController().signal,
          };
          for await (const event of transport.watch(watch)) assert.ok(event);
        });
        const { host } = new URL(String(cluster['server']));
        assert.deepEqual(proxy.tunnels, [host]);
      } finally {
        await proxy.close();
      }
    });

    it(`must be who the kubeconfig says behind a proxy of ${name} too, and we prove who we are to it`, async () => {
      const proxy = await open();
      try {
        const proxied = { ...cluster, 'proxy-url': proxy.url };
        const wrong = { ...proxied, 'tls-server-name': 'elsewhere.example' };
        await assert.rejects(whoAmI(wrong, admin), isRefusal(0, 'ConnectionFailed'));
        const direct = await withTransport({ env: process.env, clock }, whoIs);
        assert.deepEqual(await whoAmI(proxied, admin), direct);
      } finally {
        await proxy.close();
      }
    });
  }
});

describe('a token that a plugin gives', () => {
  /**
   * Each run makes a Secret and a token that ends with it: `plugin-1`, `plugin-2` and so on. Deleting the Secret is what
   * makes the server refuse the token; it may take ten seconds, for which it remembers tokens.
   */
  const PLUGIN = `#!/bin/sh
set -eu
cd "$(dirname "$0")"
echo "$KUBERNETES_EXEC_INFO" >> runs
name="plugin-$(wc -l < runs | tr -d ' ')"
kubectl create secret generic "$name" -n "$NAMESPACE" >&2
token=$(kubectl create token robot -n "$NAMESPACE" --bound-object-kind Secret --bound-object-name "$name")
echo "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$token\\"}}"
`;

  it('is asked for anew once it is refused, once for all requests, and each of them succeeds', async () => {
    await writeFile(join(folder, 'plugin.sh'), PLUGIN);
    await chmod(join(folder, 'plugin.sh'), 0o755);
    const options = await optionsWith(cluster, {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: './plugin.sh',
        env: [{ name: 'NAMESPACE', value: namespace }],
        interactiveMode: 'IfAvailable',
        provideClusterInfo: true,
      },
    });
    const connection = await connectionFromKubeConfig(options);
    let renewals = 0;
    const counted = { ...connection, renew: () => (renewals++, connection.renew()) };
    const transport = createTransport({ connection: counted, clock, log: silentLog });
    try {
      assert.deepEqual(await names(transport, 10), new Set([robot()]));
      assert.equal(await runs(), 1);

      const old = fixedConnection(connection.server, await connection.credentials());
      await kubectl('delete', 'secret', 'plugin-1', '-n', namespace);
      await eventually(() => assert.rejects(probe(old), isRefusal(401, 'Unauthorized')));
      assert.deepEqual(await names(transport, 1), new Set([robot()]));
      assert.deepEqual([await runs(), renewals], [2, 1]);

      const second = fixedConnection(connection.server, await connection.credentials());
      await kubectl('delete', 'secret', 'plugin-2', '-n', namespace);
      await eventually(() => assert.rejects(probe(second), isRefusal(401, 'Unauthorized')));
      assert.deepEqual(await names(transport, 30), new Set([robot()]));
      assert.equal(await runs(), 3);
      assert.ok(renewals > 2, `only ${renewals - 1} of 30 requests were refused`);
    } finally {
      transport.close();
    }
  });

  async function runs(): Promise<number> {
    const infos = (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n');
    const { spec } = JSON.parse(infos[0]!) as { spec: { cluster: Entry } };
    assert.equal(spec.cluster['certificate-authority-data'], cluster['certificate-authority-data']);
    return infos.length;
  }

  async function names(transport: Transport, requests: number): Promise<ReadonlySet<string>> {
    const users = await Promise.all(Array.from({ length: requests }, () => whoIs(transport)));
    return new Set(users.map(({ username }) => username));
  }
});

async function probe(connection: ReturnType<typeof fixedConnection>): Promise<void> {
  const transport = createTransport({ connection, clock, log: silentLog });
  try {
    await whoIs(transport);
  } finally {
    transport.close();
  }
}

function isRefusal(status: number, reason: string) {
  return (error: unknown) => {
    assert.ok(error instanceof KubeError, String(error));
    assert.deepEqual([error.status, error.reason], [status, reason], error.message);
    return true;
  };
}
