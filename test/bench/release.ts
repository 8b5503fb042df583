import { CANARIES } from '../../api/resources.ts';
import { collectionPath } from '../../kube/resource.ts';
import { apiServer } from '../e2e/api-server.ts';
import { everythingInstalled } from './everything-installed.ts';
import { followed } from './followed.ts';
import { inFreshNamespace } from './fresh-namespace.ts';
import { medianAndP99, quantile } from './quantile.ts';
import { createCanaries, createTargets, namesOf, type ReleasedCanary, setImage } from './released-targets.ts';
import type { TakeRow } from './row.ts';

const BEGINNINGS = 50;
const WHOLE = 5;
const FIRST = 'scale.test/nothing';

/** How soon a release begins and is through where nothing else is released: one after the other. */
export async function benchRelease(row: TakeRow): Promise<void> {
  await everythingInstalled();
  const server = await apiServer();
  try {
    await inFreshNamespace(server, 'bench-release', async (namespace) => {
      const names = namesOf(BEGINNINGS);
      await createTargets(server, namespace, names);
      await createCanaries(server, namespace, names);
      const canaries = followed<ReleasedCanary>(server, collectionPath(CANARIES, namespace));
      await canaries.untilAll(names, 'Initialized', ({ status }) => status?.phase === 'Initialized');

      const begun: number[] = [];
      /** Milliseconds from the change until its canary has begun. */
      const begin = async (name: string, image: string): Promise<void> => {
        const changed = performance.now();
        const { revision } = await setImage(server, namespace, name, image);
        const isBegun = ({ status }: ReleasedCanary) =>
          status?.phase === 'Progressing' && status.lastAppliedSpec === revision;
        begun.push((await canaries.untilAll([name], 'Progressing', isBegun)) - changed);
      };
      const isThrough = ({ status }: ReleasedCanary) => status?.phase === 'Succeeded' && status.ending === undefined;
      for (const name of names) {
        await begin(name, 'scale.test/other');
        // Its end need not be waited for: each canary is begun once.
        await setImage(server, namespace, name, FIRST);
      }
      await canaries.untilAll(names, 'back', isThrough);
      const beginnings = [...begun];
      const whole: number[] = [];
      for (const name of names.slice(0, WHOLE)) {
        const changed = performance.now();
        await begin(name, 'scale.test/second');
        const isPromoted = ({ status }: ReleasedCanary) => status?.phase === 'Succeeded';
        whole.push((await canaries.untilAll([name], 'Succeeded', isPromoted)) - changed);
      }
      await canaries.close();
      const ms = (value: number) => `${value.toFixed(0)} ms`;
      const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;
      row(`set image to Progressing, of ${beginnings.length}`, medianAndP99(beginnings, ms));
      row(
        `set image to Succeeded, of which 20 s are analysis, of ${WHOLE}`,
        `${seconds(quantile(whole, 0.5))}, longest ${seconds(quantile(whole, 1))}`,
      );
    });
  } finally {
    server.close();
  }
}
