import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { execa } from 'execa';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { get, getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';

describe('podinfo', () => {
  const namespace = testNamespace('workload');

  before(async () => {
    await apply(...podinfo({ name: 'podinfo', namespace, replicas: 2 }));
    await rolledOut(namespace, 'podinfo');
  });

  const pods = async () => {
    const { items } = await kubectlJson<{ items: V1Pod[] }>('-n', namespace, 'get', 'pods', '-l', 'app=podinfo');
    return items.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
  };

  const insideOnly = { skip: sandboxOnly('Service names resolve inside a cluster only') };

  it('answers at its Service’s name, through DNS and kube-proxy', insideOnly, async () => {
    // Ready is not yet in the rules: kube-proxy takes a moment, and a connection begun before that hangs.
    const answer = await eventually(() => getOk(`http://podinfo.${namespace}:9898/version`));
    const { version } = JSON.parse(answer) as { version: string };
    assert.equal(version, '6.9.1');
    const { stdout } = await execa('curl', ['-fsS', `http://podinfo.${namespace}.svc.cluster.local:9898/version`]);
    assert.match(stdout, /6\.9\.1/);
  });

  it('shares the requests to a Service among its pods', insideOnly, async () => {
    const hosts = new Set<string>();
    await eventually(async () => {
      hosts.add(
        (JSON.parse(await getOk(`http://podinfo.${namespace}:9898/api/info`)) as { hostname: string }).hostname,
      );
      assert.equal(hosts.size, 2);
    });
  });

  it('logs to kubectl logs', async () => {
    const logs = await kubectl('-n', namespace, 'logs', 'deployment/podinfo', '--tail=-1');
    assert.match(logs, /Starting HTTP Server/i);
    const [tail, since] = await Promise.all([
      kubectl('-n', namespace, 'logs', 'deployment/podinfo', '--tail=1', '--timestamps'),
      kubectl('-n', namespace, 'logs', 'deployment/podinfo', '--since=1h'),
    ]);
    assert.match(tail, /^\d{4}-\d\d-\d\dT\S+Z \S[^\n]*$/);
    assert.ok(since.length > 0);
  });

  it('runs commands for kubectl exec, with their input, output and exit code', async () => {
    const exec = ['-n', namespace, 'exec', '-i', 'deployment/podinfo', '--', 'sh', '-c'];
    const { stdout, stderr, exitCode } = await execa('kubectl', [...exec, 'cat; hostname; echo oops >&2; exit 7'], {
      input: 'hello\n',
      reject: false,
    });
    assert.match(stdout, /^hello\npodinfo-/);
    assert.match(stderr, /oops/);
    assert.equal(exitCode, 7);
  });

  it('is reached by kubectl port-forward', async () => {
    const forward = execa('kubectl', ['-n', namespace, 'port-forward', 'service/podinfo', ':9898'], { reject: false });
    try {
      const port = await new Promise<string>((resolve, reject) => {
        forward.stdout.on('data', (text: Buffer) => {
          const found = /127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
          if (found !== undefined) resolve(found);
        });
        void forward.then((result) => reject(new Error(`port-forward ended: ${result.stderr}`)));
      });
      assert.match(await getOk(`http://127.0.0.1:${port}/version`), /6\.9\.1/);
    } finally {
      forward.kill();
      await forward;
    }
  });

  it('is replaced pod by pod on kubectl rollout restart', async () => {
    const old = new Set((await pods()).map((pod) => pod.metadata?.uid));
    await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/podinfo');
    await rolledOut(namespace, 'podinfo');
    const now = await pods();
    assert.equal(now.length, 2);
    assert.ok(now.every((pod) => !old.has(pod.metadata?.uid)));
  });

  it('loses no request while it is replaced', insideOnly, async () => {
    // A pod that ends must be out of the Service's rules first: podinfo goes on serving for a moment after SIGTERM.
    const pod = { spec: { containers: [{ name: 'podinfo', lifecycle: { preStop: { sleep: { seconds: 3 } } } }] } };
    const patch = JSON.stringify({ spec: { template: pod } });
    await kubectl('-n', namespace, 'patch', 'deployment', 'podinfo', '--patch', patch);
    await rolledOut(namespace, 'podinfo');
    let stop = false;
    const statuses: number[] = [];
    const load = (async () => {
      while (!stop) statuses.push((await get(`http://podinfo.${namespace}:9898/version`)).status);
    })();
    await kubectl('-n', namespace, 'set', 'image', 'deployment/podinfo', 'podinfo=ghcr.io/stefanprodan/podinfo:6.9.2');
    await rolledOut(namespace, 'podinfo');
    stop = true;
    await load;
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.ok(statuses.length > 50, `${statuses.length} requests are too few to tell`);
    // kube-proxy takes a second at most to forget the last of the old pods.
    await eventually(async () => assert.match(await getOk(`http://podinfo.${namespace}:9898/version`), /6\.9\.2/));
  });
});
