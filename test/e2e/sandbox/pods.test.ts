import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

/** What the process kubelet promises, as a user sees it. `sandbox.test/shell` is an image with the machine's own shell. */
describe('a pod', { skip: sandboxOnly('these test the sandbox’s own kubelet') }, () => {
  const namespace = testNamespace('pods');
  const shell = (name: string, script: string, rest: Partial<V1Container> = {}): V1Container => ({
    name,
    image: 'sandbox.test/shell',
    command: ['sh', '-c', script],
    ...rest,
  });

  async function create(name: string, spec: V1PodSpec): Promise<void> {
    await eventually(() =>
      apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { name } }, spec }),
    );
  }

  const read = (name: string) => kubectlJson<V1Pod>('-n', namespace, 'get', 'pod', name);
  const logs = (name: string, ...args: string[]) => kubectl('-n', namespace, 'logs', name, ...args);
  const condition = (pod: V1Pod, type: string) => pod.status?.conditions?.find((found) => found.type === type)?.status;

  async function untilPhase(name: string, phase: string): Promise<V1Pod> {
    return eventually(async () => {
      const pod = await read(name);
      assert.equal(pod.status?.phase, phase);
      return pod;
    });
  }

  before(async () => {
    await apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace },
        data: { color: 'green', 'a.txt': 'A' },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace }, stringData: { password: 'sesame' } },
    );
  });

  it('runs its init containers in order, then its containers, and shares volumes among them', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    await create('order', {
      restartPolicy: 'Never',
      initContainers: [
        shell('first', 'echo first >> /shared/log', { volumeMounts }),
        shell('second', 'echo second >> /shared/log', { volumeMounts }),
      ],
      containers: [
        shell('one', 'cat /shared/log', { volumeMounts }),
        shell('two', 'sleep 0.2; wc -l < /shared/log', { volumeMounts }),
      ],
      volumes: [{ name: 'shared', emptyDir: {} }],
    });
    const pod = await untilPhase('order', 'Succeeded');
    assert.equal(await logs('order', '-c', 'one'), 'first\nsecond');
    assert.equal((await logs('order', '-c', 'two')).trim(), '2');
    assert.deepEqual(
      pod.status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode),
      [0, 0],
    );
  });

  it('has the environment that it asks for', async () => {
    await create('environment', {
      restartPolicy: 'Never',
      containers: [
        shell('main', 'echo $COLOR $PASSWORD $NAME $ADDRESS $GREETING $PRE_color', {
          env: [
            { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'GREETING', value: 'hello-$(NAME)' },
          ],
          envFrom: [{ prefix: 'PRE_', configMapRef: { name: 'settings' } }],
        }),
      ],
    });
    const pod = await untilPhase('environment', 'Succeeded');
    assert.equal(await logs('environment'), `green sesame environment ${pod.status?.podIP} hello-environment green`);
  });

  it('finds its volumes where it mounts them', async () => {
    const script = [
      'cat /etc/settings/a.txt /etc/renamed/b.txt /etc/login/password /etc/all/labels /etc/one/color',
      'test -s /var/run/secrets/kubernetes.io/serviceaccount/token && cat /etc/all/token | cut -d. -f1 | wc -w',
      'touch /etc/settings/new 2>/dev/null || echo read-only',
    ].join('; ');
    await create('volumes', {
      restartPolicy: 'Never',
      containers: [
        shell('main', script, {
          volumeMounts: [
            { name: 'settings', mountPath: '/etc/settings', readOnly: true },
            { name: 'renamed', mountPath: '/etc/renamed' },
            { name: 'login', mountPath: '/etc/login' },
            { name: 'all', mountPath: '/etc/all' },
            { name: 'settings', mountPath: '/etc/one/color', subPath: 'color' },
          ],
        }),
      ],
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'renamed', configMap: { name: 'settings', items: [{ key: 'a.txt', path: 'b.txt' }] } },
        { name: 'login', secret: { secretName: 'login' } },
        {
          name: 'all',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token', audience: 'test', expirationSeconds: 600 } },
              { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            ],
          },
        },
      ],
    });
    await untilPhase('volumes', 'Succeeded');
    assert.equal(await logs('volumes'), 'AAsesamename="volumes"green1\nread-only');
  });

  it('can talk to the API server with its ServiceAccount’s token', async () => {
    await create('token', {
      restartPolicy: 'Never',
      containers: [
        shell(
          'main',
          'cd /var/run/secrets/kubernetes.io/serviceaccount; curl -sS --cacert ca.crt -H "Authorization: Bearer $(cat token)" ' +
            `https://kubernetes.default.svc/api/v1/namespaces/${namespace}/pods`,
        ),
      ],
    });
    await untilPhase('token', 'Succeeded');
    assert.match(await logs('token'), new RegExp(`system:serviceaccount:${namespace}:default.*cannot list`));
  });

  it('is restarted with a growing back-off when it crashes, and keeps the log of the run before', async () => {
    await create('crash', { containers: [shell('main', 'echo run; exit 3')] });
    const pod = await eventually(async () => {
      const crashed = await read('crash');
      const [status] = crashed.status?.containerStatuses ?? [];
      assert.equal(status?.state?.waiting?.reason, 'CrashLoopBackOff');
      assert.ok((status?.restartCount ?? 0) >= 1);
      return crashed;
    });
    const [status] = pod.status?.containerStatuses ?? [];
    assert.equal(status?.lastState?.terminated?.exitCode, 3);
    assert.equal(condition(pod, 'Ready'), 'False');
    assert.equal(await logs('crash', '--previous'), 'run');
  });

  it('becomes ready when its probe passes, and unready when it fails', async () => {
    await create('probes', {
      containers: [
        shell('main', 'sleep 1000', {
          readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 },
        }),
      ],
    });
    await untilPhase('probes', 'Running');
    assert.equal(condition(await read('probes'), 'Ready'), 'False');
    await kubectl('-n', namespace, 'exec', 'probes', '--', 'touch', '/tmp/ready');
    await eventually(async () => assert.equal(condition(await read('probes'), 'Ready'), 'True'));
    await kubectl('-n', namespace, 'exec', 'probes', '--', 'rm', '/tmp/ready');
    await eventually(async () => assert.equal(condition(await read('probes'), 'Ready'), 'False'));
  });

  it('is asked over gRPC, HTTP and by a start-up probe as it wishes', async () => {
    const container = { image: 'ghcr.io/stefanprodan/podinfo:6.9.1', command: ['./podinfo', '--grpc-port=9999'] };
    const grpc = (service: string) => ({ grpc: { port: 9999, service }, periodSeconds: 1 });
    const startupProbe = { httpGet: { path: '/healthz', port: 9898 }, periodSeconds: 1 };
    // podinfo's health service knows itself by this name, and answers NOT_FOUND to any other.
    await create('grpc', {
      containers: [{ name: 'main', ...container, startupProbe, readinessProbe: grpc('podinfo') }],
    });
    await create('grpc-unknown', { containers: [{ name: 'main', ...container, readinessProbe: grpc('other') }] });
    await eventually(async () => assert.equal(condition(await read('grpc'), 'Ready'), 'True'));
    await eventually(async () => {
      assert.match(
        await kubectl('-n', namespace, 'events', '--for=pod/grpc-unknown'),
        /Unhealthy.*Readiness probe failed/,
      );
    });
    assert.equal(condition(await read('grpc-unknown'), 'Ready'), 'False');
  });

  it('is restarted when its liveness probe fails', async () => {
    await create('liveness', {
      terminationGracePeriodSeconds: 1,
      containers: [
        shell('main', 'echo started; sleep 1000', {
          livenessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 2 },
        }),
      ],
    });
    await eventually(async () => {
      const [status] = (await read('liveness')).status?.containerStatuses ?? [];
      assert.ok((status?.restartCount ?? 0) >= 1);
    });
    const events = await kubectl('-n', namespace, 'events', '--for=pod/liveness');
    assert.match(events, /Unhealthy.*Liveness probe failed/);
    assert.match(events, /Killing/);
  });

  it('gets SIGTERM and its grace, then SIGKILL', async () => {
    const volumeMounts = [{ name: 'out', mountPath: '/out' }];
    await create('grace', {
      terminationGracePeriodSeconds: 3,
      containers: [
        shell('polite', 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done', { volumeMounts }),
        shell('deaf', 'trap "" TERM; echo up; while :; do sleep 0.1; done', { volumeMounts }),
      ],
      volumes: [{ name: 'out', emptyDir: {} }],
    });
    await untilPhase('grace', 'Running');
    await eventually(async () => assert.match(await logs('grace', '-c', 'deaf'), /up/));
    const following = kubectl('-n', namespace, 'logs', '-f', 'grace', '-c', 'polite');
    const started = Date.now();
    await kubectl('-n', namespace, 'delete', 'pod', 'grace');
    assert.ok(Date.now() - started >= 2_900, 'the one that ignores SIGTERM had its three seconds');
    assert.equal(await following, 'up\nbye');
  });

  it('waits in ErrImagePull for an image that does not exist, as on any node', async () => {
    await create('no-image', { containers: [{ name: 'main', image: 'ghcr.io/stefanprodan/podinfo:0.0.0-none' }] });
    await eventually(async () => {
      const [status] = (await read('no-image')).status?.containerStatuses ?? [];
      assert.match(status?.state?.waiting?.reason ?? '', /^(ErrImagePull|ImagePullBackOff)$/);
    });
    await eventually(async () => {
      assert.match(await kubectl('-n', namespace, 'events', '--for=pod/no-image'), /Failed to pull image/);
    });
  });

  it('waits for a ConfigMap that is missing, and starts when it comes', async () => {
    await create('late-config', {
      restartPolicy: 'Never',
      containers: [
        shell('main', 'echo $VALUE', {
          env: [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: 'late', key: 'v' } } }],
        }),
      ],
    });
    await eventually(async () => {
      const [status] = (await read('late-config')).status?.containerStatuses ?? [];
      assert.equal(status?.state?.waiting?.reason, 'CreateContainerConfigError');
    });
    await kubectl('-n', namespace, 'create', 'configmap', 'late', '--from-literal=v=here');
    await untilPhase('late-config', 'Succeeded');
    assert.equal(await logs('late-config'), 'here');
  });

  it('has a network of its own: two may listen on one port, and see only their own loopback', async () => {
    const server = 'python3 -m http.server 8000 --bind 0.0.0.0';
    await create('left', { containers: [shell('main', server)] });
    await create('right', { containers: [shell('main', server)] });
    const addresses = await Promise.all(
      ['left', 'right'].map(async (name) => (await untilPhase(name, 'Running')).status?.podIP),
    );
    assert.notEqual(addresses[0], addresses[1]);
    const curl = ['-n', namespace, 'exec', 'left', '--', 'curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}'];
    await eventually(async () => assert.equal(await kubectl(...curl, `http://${addresses[1]}:8000/`), '200'));
  });

  it('of a Job ends as Succeeded', async () => {
    await apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', namespace },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [shell('main', 'true')] } } },
    });
    await kubectl('-n', namespace, 'wait', '--for=condition=Complete', 'job/job', '--timeout=60s');
  });
});
