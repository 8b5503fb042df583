import { setTimeout as sleep } from 'node:timers/promises';

/** One request after another, each over a connection of its own. */
export function newConnections(send: () => Promise<unknown>) {
  const report = { requests: 0, failures: [] as string[] };
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      report.requests++;
      await send().catch((error: unknown) => report.failures.push(String(error)));
      await sleep(50);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return report;
    },
  };
}
