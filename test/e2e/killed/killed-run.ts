import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Transport } from '../../../kube/transport/transport.ts';
import { type LoadReport, startLoad } from '../controller/load.ts';
import { CONTOUR_GATEWAY, readCanary } from '../controller/release.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { kubectl } from '../kubectl.ts';
import { NAME, type Scenario } from './kill-scenarios.ts';
import { type Moment, type SeenWrite, startTrial } from './kill-trial.ts';
import { outcomeOf } from './outcome.ts';

export interface RunOptions {
  readonly server: Transport;
  readonly program: string;
  readonly moment?: Moment;
  readonly points?: ReadonlySet<string>;
}

export interface RunReport {
  /** All of them; those of the preparation are not armed. */
  readonly writes: readonly SeenWrite[];
  readonly outcome: Readonly<Record<string, unknown>>;
  readonly results: Scenario['results'];
  readonly load: LoadReport;
  readonly lives: number;
  readonly seconds: number;
}

/** A scenario in a namespace of its own, under load all the time, with a controller that is killed at each write or at none. */
export async function runKilled(
  t: TestContext,
  scenario: Scenario,
  { server, program, moment, points = new Set() }: RunOptions,
): Promise<RunReport> {
  const namespace = `killed-${randomBytes(3).toString('hex')}`;
  const host = `${NAME}.${namespace}.test`;
  const place = { server, namespace, host };
  await kubectl('create', 'namespace', namespace);
  const trial = await startTrial({ server, program, namespace, name: NAME, moment, points });
  t.after(async () => {
    await trial.end();
    await kubectl('delete', 'namespace', namespace, '--wait=false');
  });

  const work = async (): Promise<RunReport> => {
    await scenario.prepare(place);
    const url = `${CONTOUR_GATEWAY}/version`;
    await eventually(() => getOk(url, { host }));
    const load = startLoad(url, { host });
    t.after(() => load.stop());
    const start = performance.now();
    trial.arm();
    await scenario.run(place);
    await trial.untilQuiet();
    return {
      writes: trial.writes,
      load: await load.stop(),
      outcome: await outcomeOf(server, namespace),
      results: (await readCanary(server, namespace)).status?.history?.map(({ result }) => result) ?? [],
      lives: trial.lives,
      seconds: (performance.now() - start) / 1000,
    };
  };
  try {
    return await Promise.race([work(), trial.failed]);
  } catch (error) {
    t.diagnostic(trial.log().slice(-30).join('\n'));
    throw error;
  }
}
