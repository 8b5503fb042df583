import { type LoadReport, startLoad } from '../../e2e/controller/load.ts';
import { CONTOUR_GATEWAY } from '../../e2e/controller/release.ts';
import type { Member } from './member.ts';

const PER_SECOND = 20;

/** All that was answered, of all canaries under load. */
export interface ServedReport {
  readonly requests: number;
  /** What bad revisions themselves answered with: podinfo's random errors are a bare 500. */
  readonly own: number;
  /** What failed and should not have. */
  readonly problems: readonly string[];
}

/**
 * A steady load on each canary that serves, until `stop`.
 *
 * @param around where a canary stood about a moment
 */
export function startServedLoad(
  fleet: readonly Member[],
  around: (key: string, atMs: number) => string,
): { stop(): Promise<ServedReport> } {
  const loads = fleet.flatMap(({ key, host }) =>
    host === undefined ? [] : [{ key, load: startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: PER_SECOND }) }],
  );
  return {
    async stop() {
      const reports = await Promise.all(loads.map(async ({ key, load }) => ({ key, ...(await load.stop()) })));
      const isOwn = ({ what }: LoadReport['failures'][number]) => what === '500 ';
      return {
        requests: reports.reduce((sum, { requests }) => sum + requests, 0),
        own: reports.reduce((sum, { failures }) => sum + failures.filter(isOwn).length, 0),
        problems: reports.flatMap(({ key, failures }) =>
          failures
            .filter((each) => !isOwn(each))
            .map(
              ({ at, what }) => `a request to ${key} failed at ${at}: ${what}; it was ${around(key, Date.parse(at))}`,
            ),
        ),
      };
    },
  };
}
