// What things cost, as one table: node --import tsx test/bench/main.ts [transport store sandbox], in a sandbox.
import { benchSandbox } from './sandbox.ts';
import { benchStore } from './store.ts';
import { benchTransport } from './transport.ts';

// The sandbox's own comes last: half a thousand pods keep it busy for a while.
const BENCHMARKS = { transport: benchTransport, store: benchStore, sandbox: benchSandbox };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  throw new RangeError(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
}
for (const [name, run] of Object.entries(BENCHMARKS)) if (wanted.length === 0 || wanted.includes(name)) await run();
