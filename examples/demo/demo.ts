// A good release and a bad one, on a real gateway and under real load: node --import tsx examples/demo/demo.ts [current]
// In a sandbox, or with `current` in the cluster of the current kubeconfig, where kubectl-canary is installed already.
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { apiServer } from '../../test/e2e/api-server.ts';
import { startLoad } from '../../test/e2e/controller/load.ts';
import { canaryOf, followStatus, rootProxy, untilPhase, untilStatus } from '../../test/e2e/controller/release.ts';
import { type Served, watchSteps } from '../../test/e2e/controller/served-steps.ts';
import { eventually } from '../../test/e2e/eventually.ts';
import { getOk } from '../../test/e2e/http.ts';
import { apply, kubectl } from '../../test/e2e/kubectl.ts';
import { podinfo, rolledOut } from '../../test/e2e/podinfo.ts';
import { createPainter, statusLine, statusLines } from './live-view.ts';
import { inSandbox, NotReady, onCurrentCluster } from './surroundings.ts';

const NAMESPACE = 'demo';
const HOST = 'podinfo.demo.test';
const [OLD, GOOD, BAD] = ['6.9.0', '6.9.1', '6.9.2'] as const;
const PER_SECOND = 40;
/** Each request is one of these in turn. */
const USERS = 500;

const say = (line = '') => console.log(line);

/** What a release did to those who asked meanwhile. */
interface Outcome {
  readonly result: string;
  readonly seconds: number;
  readonly served: Served;
  /** Users that the new version answered, or failed. */
  readonly met: number;
}

async function demo(isCurrent: boolean): Promise<void> {
  if (!isCurrent) {
    say('Installing kubectl-canary, as `make deploy` does');
    await execa('make', ['--no-print-directory', 'deploy']);
  }
  const surroundings = isCurrent ? await onCurrentCluster(process.env) : inSandbox;
  const { provider, gateway } = surroundings;
  const transport = await apiServer();
  try {
    say(`podinfo ${OLD} behind ${provider}, and a Canary that releases what changes`);
    await kubectl('create', 'namespace', NAMESPACE);
    await apply(...podinfo({ name: 'podinfo', namespace: NAMESPACE, version: OLD, replicas: 2 }));
    if (provider === 'contour') await apply(rootProxy(NAMESPACE, HOST));
    await rolledOut(NAMESPACE, 'podinfo');
    await apply(template(surroundings.prometheus), canary(provider, surroundings.service));
    await untilPhase(transport, NAMESPACE, 'podinfo', 'Initialized');
    await eventually(() => getOk(`${gateway}/version`, { host: HOST }));
    say(await kubectl('-n', NAMESPACE, 'get', 'canary,deployments,services'));

    const good = await released('A good version', GOOD, []);
    const bad = await released('A version that fails a third of its requests', BAD, ['--random-error']);
    facts(good, bad, isCurrent);
  } finally {
    transport.close();
    surroundings.close();
  }

  async function released(what: string, version: string, flags: readonly string[]): Promise<Outcome> {
    say();
    say(`== ${what}: ${version}, under ${PER_SECOND} requests a second`);
    say(
      `   $ kubectl -n ${NAMESPACE} set image deployment/podinfo podinfo=ghcr.io/stefanprodan/podinfo:${version}${flags.length > 0 ? `   # with ${flags.join(' ')}` : ''}`,
    );
    const met = new Set<number>();
    const now = { requests: 0, canary: 0 };
    const load = startLoad(`${gateway}/version`, {
      host: HOST,
      perSecond: PER_SECOND,
      onAnswer({ number, status, version: answered }) {
        // An answer without a version is one that the bad version failed.
        const isNew = answered === version || status !== 200;
        now.requests++;
        if (!isNew) return;
        now.canary++;
        met.add(number % USERS);
      },
    });
    const steps = watchSteps(transport, NAMESPACE, load);
    const painter = createPainter((text) => void process.stdout.write(text), process.stdout.isTTY);
    const ended = new AbortController();
    const following = followStatus(transport, NAMESPACE, ended.signal, (status) => {
      painter.paint(statusLines(status, { ...now }), statusLine(status));
      [now.requests, now.canary] = [0, 0];
    });
    const start = performance.now();
    await change(version, flags);
    await untilStatus(transport, NAMESPACE, 'podinfo', ({ phase }) => phase === 'Progressing', 'started');
    const { history = [] } = await untilStatus(
      ...([transport, NAMESPACE, 'podinfo'] as const),
      ({ phase }) => phase === 'Succeeded' || phase === 'Failed',
      'at its end',
    );
    const seconds = (performance.now() - start) / 1000;
    // What is still on its way is part of it.
    await sleep(1000);
    ended.abort();
    await following;
    const served = await steps.stop();
    painter.done();
    const [run] = history;
    const why = run?.result === 'Succeeded' ? '' : `: ${run?.message}`;
    say(`   ${run?.result} after ${seconds.toFixed(0)} s${why}`);
    return { result: run?.result ?? '', seconds, served, met: met.size };
  }
}

async function change(version: string, flags: readonly string[]): Promise<void> {
  const command = ['./podinfo', '--port=9898', '--port-metrics=9797', '--level=info', ...flags];
  const container = { name: 'podinfo', image: `ghcr.io/stefanprodan/podinfo:${version}`, command };
  const patch = { spec: { template: { spec: { containers: [container] } } } };
  await kubectl('-n', NAMESPACE, 'patch', 'deployment', 'podinfo', '-p', JSON.stringify(patch));
}

function canary(provider: string, service: object): object {
  const metric = { templateRef: { name: 'right-answers' }, thresholdRange: { min: 95 }, interval: '8s' };
  return canaryOf(NAMESPACE, {
    provider,
    service: { port: 9898, hosts: [HOST], ...service },
    analysis: {
      ...{ interval: '6s', threshold: 2, stepWeights: [10, 30, 60], drainSeconds: 2 },
      metrics: [{ name: 'right-answers', ...metric, onNoData: 'hold' }],
    },
  });
}

/** Envoy counts under its own names for the clusters: by Service for an HTTPProxy, and likewise for an HTTPRoute. */
function template(address: string): object {
  const requests = (more = '') =>
    `sum(rate(envoy_cluster_upstream_rq{envoy_cluster_name=~"{{ namespace }}_{{ target }}-canary_.+"${more}}[{{ interval }}]))`;
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'right-answers', namespace: NAMESPACE },
    spec: {
      provider: { type: 'prometheus', address },
      query: `100 * (${requests(',envoy_response_code=~"2.."')} or vector(0)) / ${requests()}`,
    },
  };
}

const HERE = [
  `kubectl -n ${NAMESPACE} get canary podinfo -o wide`,
  `kubectl -n ${NAMESPACE} describe canary podinfo`,
  `kubectl -n ${NAMESPACE} rollout undo deployment/podinfo      # back to the promoted version`,
  `kubectl delete namespace ${NAMESPACE}`,
];
/** The sandbox of the demo is gone when it ends. */
const ELSEWHERE = [
  'test/sandbox/sandbox up                                   # a cluster of your own, which stays',
  'test/sandbox/sandbox exec -- make deploy',
  'test/sandbox/sandbox exec -- make demo CLUSTER=current    # the same once more in there',
  'test/sandbox/sandbox shell                                # then: kubectl -n demo describe canary podinfo',
];

function facts(good: Outcome, bad: Outcome, isCurrent: boolean): void {
  say();
  say('== What happened');
  say();
  say(`  ${'weight of the canary'.padEnd(24)}${'answered by it'.padEnd(18)}requests`);
  for (const [title, { served }, version] of [
    [`promoted, ${GOOD}`, good, GOOD],
    [`rolled back, ${BAD}`, bad, BAD],
  ] as const) {
    say(`  ${title}`);
    for (const { weight, report } of served.steps) {
      const old = [...report.versions].reduce((sum, [of, count]) => sum + (of === version ? 0 : count), 0);
      const share = (100 * (report.requests - old)) / Math.max(1, report.requests);
      say(`  ${`${weight} %`.padStart(12).padEnd(24)}${`${share.toFixed(1)} %`.padEnd(18)}${report.requests}`);
    }
  }
  const errors = (of: Outcome) => of.served.failures.filter(({ what }) => what !== '500 ').length;
  const own = [...bad.served.statuses].reduce((sum, [status, count]) => sum + (status === 200 ? 0 : count), 0);
  say();
  say(
    `  Requests that failed because of the rollout: ${errors(good) + errors(bad)} of ${good.served.requests + bad.served.requests}`,
  );
  say(`  Requests that the bad version itself failed: ${own}`);
  say(`  Users who met the bad version: ${bad.met} of ${USERS}`);
  say();
  say('What to type next:');
  for (const line of isCurrent ? HERE : ELSEWHERE) say(`  ${line}`);
}

try {
  await demo(process.argv[2] === 'current');
} catch (error) {
  if (!(error instanceof NotReady)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}
