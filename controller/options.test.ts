import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommanderError } from 'commander';
import { readOptions } from './options.ts';

const silent = () => undefined;

describe('the controller’s command line', () => {
  it('has Flagger’s defaults', () => {
    const { port, meshProvider, metricsServer, selectorLabels, includeLabelPrefix, namespace } = readOptions(
      [],
      {},
      silent,
    );
    assert.deepEqual(
      { port, meshProvider, metricsServer, selectorLabels, includeLabelPrefix, namespace },
      {
        ...{ port: 8080, meshProvider: 'istio', metricsServer: 'http://prometheus:9090', namespace: undefined },
        ...{ selectorLabels: ['app', 'name', 'app.kubernetes.io/name'], includeLabelPrefix: [] },
      },
    );
  });

  it('follows configuration unless it is told not to', () => {
    const { enableConfigTracking } = readOptions([], {}, silent);
    assert.equal(enableConfigTracking, true);
    assert.equal(readOptions(['--enable-config-tracking=false'], {}, silent).enableConfigTracking, false);
  });

  it('forbids references to other namespaces with Flagger’s own flag, with a value or without', () => {
    const may = (...argv: string[]) => readOptions(argv, {}, silent).crossNamespaceRefs;
    assert.deepEqual(
      [['--no-cross-namespace-refs'], ['--no-cross-namespace-refs=true'], ['--no-cross-namespace-refs=false'], []].map(
        (argv) => may(...argv),
      ),
      [false, false, true, true],
    );
  });

  it('reads lists with commas', () => {
    const { selectorLabels, includeLabelPrefix } = readOptions(
      ['--selector-labels=tier, app', '--include-label-prefix=team.example.com/,*'],
      {},
      silent,
    );
    assert.deepEqual(
      [selectorLabels, includeLabelPrefix],
      [
        ['tier', 'app'],
        ['team.example.com/', '*'],
      ],
    );
  });

  it('refuses what cannot be used, and says what to write', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['--port=many', /whole number from 0 to 65535/],
      ['--threadiness=0', /whole number from 1 to 256/],
      ['--metrics-server=prometheus:9090', /Write a URL such as/],
      ['--selector-labels=,', /Write one or more/],
      ['--mesh-provider=envoy', /Allowed choices are/],
      ['--enable-config-tracking=no', /Write true or false/],
      ['--unknown', /unknown option/],
      ['--canary-selector=shard>1', /key in \(one,other\)/],
      ['--canary-selector=shard=blue', /needs a --lease-name of its own/],
    ];
    for (const [flag, message] of cases) {
      let said = '';
      assert.throws(() => readOptions([flag], {}, (text) => (said += text)), CommanderError, flag);
      assert.match(said, message);
    }
  });

  it('reads which canaries are its own', () => {
    const { canarySelector } = readOptions(['--canary-selector=shard=blue', '--lease-name=blue'], {}, silent);
    assert.deepEqual([canarySelector?.({ shard: 'blue' }), canarySelector?.({})], [true, false]);
    assert.equal(readOptions([], {}, silent).canarySelector, undefined);
  });

  it('has no notifiers, where none are given', () => {
    const { notifiers, eventWebhook, clusterName } = readOptions([], {}, silent);
    assert.deepEqual(
      { notifiers, eventWebhook, clusterName },
      { notifiers: {}, eventWebhook: undefined, clusterName: undefined },
    );
  });

  it('reads the notifiers, what is secret from the environment first', () => {
    const argv = [
      '--slack-url=http://flag.test',
      '--slack-user=bot',
      '--slack-channel=releases',
      '--cluster-name=blue',
    ];
    const env = {
      ...{
        SLACK_URL: 'http://env.test',
        SLACK_TOKEN: 'xoxb-1',
        SLACK_PROXY_URL: 'socks5://proxy.test',
        MSTEAMS_URL: '',
      },
      ...{ EVENT_WEBHOOK_URL: 'https://events.test/a' },
    };
    const { notifiers, eventWebhook, clusterName } = readOptions(argv, env, silent);
    const slack = { type: 'slack', address: 'http://env.test', username: 'bot', token: 'xoxb-1', channel: 'releases' };
    assert.deepEqual(notifiers, { slack: { ...slack, proxy: 'socks5://proxy.test' } });
    assert.deepEqual([eventWebhook, clusterName], ['https://events.test/a', 'blue']);
    const teams = [
      '--msteams-url=http://teams.test',
      '--msteams-proxy-url=http://proxy.test',
      '--event-webhook=http://e.test',
    ];
    const flags = readOptions(teams, {}, silent);
    assert.deepEqual(flags.notifiers, {
      msteams: { type: 'msteams', address: 'http://teams.test', proxy: 'http://proxy.test' },
    });
    assert.equal(flags.eventWebhook, 'http://e.test');
  });

  it('refuses a notifier’s URL that is none, and says nothing of it', () => {
    const cases = [
      [['--slack-url=s3cret'], {}, /SLACK_URL or --slack-url is no URL/],
      [[], { SLACK_PROXY_URL: 's3cret' }, /SLACK_PROXY_URL or --slack-proxy-url/],
      [[], { MSTEAMS_URL: 'ftp://s3cret' }, /MSTEAMS_URL or --msteams-url/],
      [['--event-webhook=s3cret'], {}, /EVENT_WEBHOOK_URL or --event-webhook is/],
    ] as const;
    for (const [argv, env, message] of cases) {
      let said = '';
      assert.throws(() => readOptions(argv, env, (text) => (said += text)), CommanderError);
      assert.match(said, message);
      assert.doesNotMatch(said, /s3cret/);
    }
  });
});
