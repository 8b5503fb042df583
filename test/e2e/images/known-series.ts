import { createServer } from 'node:http';

/**
 * Counters that grow evenly from when it starts, for tests that have to know what Prometheus will say of them. SERIES is a
 * JSON object: keys are series as they are exposed, `requests_total{code="200"}`, values what they grow by in a second.
 *
 * Runs as the image `sandbox.test/node/known-series`, and answers at :8080/metrics.
 */
const series = Object.entries(JSON.parse(process.env['SERIES'] ?? '{}') as Record<string, number>);
const started = performance.now();

const server = createServer((_request, response) => {
  // One moment for all of them, so that their ratios are exact.
  const seconds = (performance.now() - started) / 1000;
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(series.map(([name, perSecond]) => `${name} ${perSecond * seconds}\n`).join(''));
});
server.listen(8080, () => console.log('listening on 8080'));
process.once('SIGTERM', () => server.close());
