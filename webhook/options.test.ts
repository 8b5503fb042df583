import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommanderError } from 'commander';
import { readOptions } from './options.ts';

/** What is said to people, as commander would print it. */
function refusal(...argv: string[]): string {
  const said: string[] = [];
  assert.throws(() => readOptions(argv, (text) => said.push(text)), CommanderError);
  return said.join('');
}

describe('readOptions()', () => {
  it('has a default for each', () => {
    assert.deepEqual(readOptions([], assert.fail), {
      ...{ port: 9443, statusPort: 8080, service: 'canary-webhook', secret: 'canary-webhook-certificates' },
      ...{ authorityLife: 365 * 86_400_000, servingLife: 90 * 86_400_000, spread: 300_000, shutdownDelay: 5000 },
      ...{ meshProvider: 'istio', scrapeInterval: 15_000, logLevel: 'info' },
      crossNamespaceRefs: true,
    });
  });

  it('takes what it is given, durations as they stand in manifests', () => {
    const argv = [
      '--mesh-provider=kubernetes',
      '--scrape-interval',
      '1m30s',
      '--namespace=a',
      '--certificate-folder',
      '/c',
    ];
    const { meshProvider, scrapeInterval, namespace, certificateFolder } = readOptions(argv, assert.fail);
    assert.deepEqual([meshProvider, scrapeInterval, namespace, certificateFolder], ['kubernetes', 90_000, 'a', '/c']);
  });

  it('forbids references to other namespaces with Flagger’s own flag, with a value or without', () => {
    const may = (...argv: string[]) => readOptions(argv, assert.fail).crossNamespaceRefs;
    assert.deepEqual(
      [['--no-cross-namespace-refs'], ['--no-cross-namespace-refs=true'], ['--no-cross-namespace-refs=false'], []].map(
        (argv) => may(...argv),
      ),
      [false, false, true, true],
    );
    assert.match(refusal('--no-cross-namespace-refs=no'), /Write true or false/);
  });

  it('says what is wrong, and what there is instead', () => {
    assert.match(refusal('--port=x'), /'--port <port>' argument 'x' is invalid\. Write a port\./);
    assert.match(refusal('--spread=5'), /Write a duration such as 30s, 5m or 24h\./);
    assert.match(refusal('--spread=-5s'), /Write a duration/);
    assert.match(refusal('--mesh-provider=istoi'), /Allowed choices are .*istio/);
    assert.match(refusal('--log-levle=info'), /unknown option '--log-levle=info'/);
    assert.match(refusal('extra'), /too many arguments/);
  });

  it('refuses lives that would leave a time without trust', () => {
    assert.match(refusal('--serving-life=9000h'), /--serving-life must be shorter than --authority-life/);
    assert.match(refusal('--spread=800h'), /--spread than a third of --serving-life/);
  });
});
