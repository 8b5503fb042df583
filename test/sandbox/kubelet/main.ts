import { once } from 'node:events';
import { inspect } from 'node:util';
import { readConfig } from './config.ts';
import { startKubelet } from './kubelet.ts';

function log(message: string, error?: unknown): void {
  const why = error === undefined ? '' : `: ${error instanceof Error ? error.message : inspect(error)}`;
  process.stderr.write(`${new Date().toISOString()} ${message}${why}\n`);
}

async function main(): Promise<void> {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new TypeError('usage: main.ts CONFIG.json');
  const asked = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => asked.abort());
  const kubelet = await startKubelet(readConfig(file), log, asked.signal).catch((error: unknown) => {
    if (asked.signal.aborted) return undefined;
    throw error;
  });
  if (kubelet === undefined) return;
  if (!asked.signal.aborted) await once(asked.signal, 'abort');
  log('stopping');
  await kubelet.stop();
  log('stopped');
}

// One pod's trouble must not be the others'.
process.on('unhandledRejection', (error) => log('unhandled rejection', error));
process.on('uncaughtException', (error) => log('uncaught exception', error));

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log('the kubelet has failed', error);
    process.exit(1);
  },
);
