import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import { CANARIES } from '../../api/resources.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { forEach } from '../e2e/for-each.ts';
import { getOk } from '../e2e/http.ts';
import { mostOf, total, untilQuiet } from './api-requests.ts';
import { rolloutsByHand } from './by-hand.ts';
import { type ControllerProcesses, freshController } from './controller-processes.ts';
import { followed } from './followed.ts';
import { AT_A_TIME, inFreshNamespace } from './fresh-namespace.ts';
import { startMeter } from './meter.ts';
import { quantile } from './quantile.ts';
import type { ReleaseFigures } from './release-figures.ts';
import {
  AMONG_HUNDRED,
  createCanaries,
  createTargets,
  namesOf,
  type ReleasedCanary,
  setImage,
} from './released-targets.ts';
import { startTimeline } from './timeline.ts';

const BY_HAND = 100;
/** V8 goes on collecting for twenty seconds after so much work, which is none of what a minute at rest takes, or a scrape. */
const SETTLE_MS = 30_000;
const IDLE_MS = 60_000;
const GETS = 21;
const SCRAPES = 20;

/**
 * Has so many canaries made at once, at rest for a minute, and released at once, where everything is installed.
 *
 * @param say told of each stage and its requests, as the whole takes minutes
 * @param start gives the controller's processes
 */
export async function measureReleases(
  server: Transport,
  count: number,
  say: (line: string) => void,
  start: () => Promise<ControllerProcesses> = freshController,
): Promise<ReleaseFigures> {
  const byHand = await rolloutsByHand(server, Math.min(BY_HAND, count), say);
  return inFreshNamespace(server, `bench-${count}`, async (namespace) => {
    const names = namesOf(count);
    await createTargets(server, namespace, names);
    const controller = await start();
    await untilQuiet(server);
    const canaries = followed<ReleasedCanary>(server, collectionPath(CANARIES, namespace));
    const timed = (started: number) => {
      const timeline = startTimeline(started);
      const stop = canaries.onChange((name, { status = {} }) => timeline.saw(name, status));
      return () => {
        stop();
        for (const line of timeline.lines()) say(`  ${line}`);
      };
    };
    const untilAll = (what: string, isWanted: (status: CanaryStatus) => boolean) =>
      canaries.untilAll(names, what, ({ status = {} }) => isWanted(status));

    const bootstrapping = await startMeter(server, controller);
    const sayBootstraps = timed(bootstrapping.started);
    await createCanaries(server, namespace, names);
    const initialized = await untilAll('Initialized', ({ phase }) => phase === 'Initialized');
    await untilQuiet(server);
    const bootstrap = await bootstrapping.used();
    const bootstrapSeconds = (initialized - bootstrapping.started) / 1000;
    say(`bootstrap: ${bootstrapSeconds.toFixed(1)} s; ${mostOf(bootstrap.requests)}`);
    sayBootstraps();
    say(`  CPU ${bootstrap.cpuByProgram}`);

    await sleep(SETTLE_MS);
    const resting = await startMeter(server, controller);
    await sleep(IDLE_MS);
    const idle = await resting.used();
    say(`idle minute: ${mostOf(idle.requests)}`);
    say(`  CPU ${idle.cpuByProgram}`);
    const kubectlGetMs = await medianOfGets(namespace);

    const releasing = await startMeter(server, controller);
    const sayReleases = timed(releasing.started);
    const [started, promoted] = await Promise.all([
      untilAll('started', ({ phase = 'Initialized' }) => !['Initialized', 'Waiting'].includes(phase)),
      untilAll('Succeeded', ({ phase }) => phase === 'Succeeded'),
      untilAll('through', ({ phase, ending }) => phase === 'Succeeded' && ending === undefined),
      forEach(names, AT_A_TIME, (name) => setImage(server, namespace, name, 'scale.test/second')),
    ]);
    await untilQuiet(server);
    const released = await releasing.used();
    const promotedSeconds = (promoted - releasing.started) / 1000;
    say(`released: ${promotedSeconds.toFixed(1)} s; ${mostOf(released.requests)}`);
    sayReleases();
    say(`  CPU ${released.cpuByProgram}`);
    await canaries.close();
    const { peakMegabytes, residentMegabytes } = controller.leader();
    return {
      canaries: count,
      bootstrapSeconds,
      bootstrapRequests: total(bootstrap.requests),
      bootstrapCpuSeconds: bootstrap.cpuSeconds,
      idleRequests: total(idle.requests),
      idleCpuSeconds: idle.cpuSeconds,
      idleStandbyCpuSeconds: idle.standbyCpuSeconds,
      startedSeconds: (started - releasing.started) / 1000,
      promotedSeconds,
      requests: total(released.requests),
      cpuSeconds: released.cpuSeconds,
      standbyCpuSeconds: released.standbyCpuSeconds,
      peakMegabytes,
      afterMegabytes: residentMegabytes,
      standbyMegabytes: controller.standby().residentMegabytes,
      ...(await scraped(controller)),
      kubectlGetMs,
      byHand,
      cpu: { bootstrap: bootstrap.cpuByProgram, idle: idle.cpuByProgram, releases: released.cpuByProgram },
    };
  });
}

async function scraped({ leader, metricsUrl }: ControllerProcesses) {
  await sleep(SETTLE_MS);
  const before = leader().cpuSeconds;
  let text = '';
  for (let scrape = 0; scrape < SCRAPES; scrape++) text = await getOk(metricsUrl);
  return {
    scrapeCpuMs: ((leader().cpuSeconds - before) * 1000) / SCRAPES,
    scrapeKilobytes: Buffer.byteLength(text) / 1000,
  };
}

async function medianOfGets(namespace: string): Promise<number> {
  const times: number[] = [];
  for (let get = 0; get < GETS; get++) {
    const started = performance.now();
    await execa('kubectl', ['-n', namespace, 'get', 'canaries', '-l', AMONG_HUNDRED], { stdout: 'ignore' });
    times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}
