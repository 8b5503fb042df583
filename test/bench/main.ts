// What things cost, as one table: node --import tsx test/bench/main.ts [sandbox transport store webhook pods], in a sandbox.
import { benchPods, benchSandbox } from './sandbox.ts';
import { benchStore } from './store.ts';
import { benchTransport } from './transport.ts';
import { benchWebhook } from './webhook.ts';

// The sandbox comes first, as the others leave their traces in its memory, and half a thousand pods last.
const BENCHMARKS = {
  sandbox: benchSandbox,
  transport: benchTransport,
  store: benchStore,
  webhook: benchWebhook,
  pods: benchPods,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  throw new RangeError(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
}
for (const [name, run] of Object.entries(BENCHMARKS)) if (wanted.length === 0 || wanted.includes(name)) await run();
