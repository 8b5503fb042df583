import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import type { AlertProvider } from '../../api/generated/alert-provider.ts';
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import { type Log, silentLog } from '../../kube/log.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import type { HttpCall } from '../http-call.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { type AlertsOptions, createAlerts } from './alerts.ts';

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

function setUp(given: Partial<AlertsOptions> = {}) {
  const sent: string[] = [];
  const said: string[] = [];
  const logged: string[] = [];
  const providers = new Map<string, AlertProvider>();
  const registry = new Registry();
  const call: HttpCall = ({ url, body = '', proxy }) => {
    const { severity, message, attachments, summary } = JSON.parse(body) as {
      severity?: string;
      message?: string;
      attachments?: { text: string }[];
      summary?: string;
    };
    const text = message === undefined ? (attachments?.[0]?.text ?? summary ?? '') : `${severity} ${message}`;
    sent.push(`${new URL(url).host}${proxy === undefined ? '' : ` by ${proxy}`} ${text}`);
    return Promise.resolve({ status: 200, headers: {}, body: '' });
  };
  const log: Log = {
    ...silentLog,
    warn: (_fields, text) => void logged.push(text),
    error: (_fields, text) => void logged.push(text),
  };
  const alerts = createAlerts({
    ...{ call, log, clock: new PretendClock(), signal: new AbortController().signal, globals: {} },
    secret: () => Promise.resolve(undefined),
    providers: { has: (key) => providers.has(key), read: (key) => Promise.resolve(providers.get(key)) },
    knownOf: () => ({ target: undefined, primary: undefined, answers: {}, now: new Date(0) }),
    metrics: createAlertMetrics(registry),
    onMissing: (_canary, text) => void said.push(text),
    ...given,
  });
  const add = (key: string, host: string) =>
    providers.set(key, { spec: { type: 'webhook', address: `http://${host}.test` } } as AlertProvider);
  const counts = async () =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { alerts, sent, said, logged, providers, add, counts };
}

const ref = (name: string, severity: string, namespace?: string) => ({
  ...{ name: `${name}-${severity}`, severity, providerRef: { name, ...(namespace !== undefined && { namespace }) } },
});
const WEBHOOKS = [{ name: 'gate', type: 'confirm-promotion', url: 'http://gate.test' }];
const canary = (status: CanaryStatus, alerts: readonly object[] = []) =>
  ({
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      progressDeadlineSeconds: 60,
      analysis: { interval: '1m', threshold: 1, stepWeights: [50], alerts, webhooks: WEBHOOKS },
    },
    status,
  }) as unknown as Canary;
const RUN = { phase: 'Progressing', startedAt: '2026-01-01T00:00:00Z', step: 1 } as const;
const FAILED = { ...RUN, ending: { result: 'Failed', reason: 'RouteNotAccepted', message: 'm' } } as const;
const AT_GATE = { ...RUN, waitingFor: { reason: 'GateClosed', message: 'the confirm-promotion gate is closed' } };

describe('alerts', () => {
  it('go to those who want their severity, an empty one being all', async () => {
    const { alerts, sent, add } = setUp();
    for (const name of ['all', 'some', 'few', 'empty']) add(`test/${name}`, name);
    const refs = [ref('all', 'info'), ref('some', 'warn'), ref('few', 'error'), ref('empty', '')];
    alerts.moved({ phase: 'Succeeded' }, canary(RUN, refs));
    await settled();
    const begun = 'info New revision of podinfo.test detected. The analysis begins';
    assert.deepEqual(sent.splice(0), [`all.test ${begun}`, `empty.test ${begun}`]);
    alerts.moved(RUN, canary(AT_GATE, refs));
    await settled();
    assert.deepEqual(
      sent.splice(0).map((each) => each.split(' ', 2).join(' ')),
      ['all.test warn', 'some.test warn', 'empty.test warn'],
    );
    alerts.moved(RUN, canary(FAILED, refs));
    await settled();
    const back = 'error Rolling back podinfo.test: m';
    assert.deepEqual(
      sent,
      ['all', 'some', 'few', 'empty'].map((host) => `${host}.test ${back}`),
    );
  });

  it('go to a provider of another namespace', async () => {
    const { alerts, sent, add } = setUp();
    add('shared/chat', 'shared');
    add('test/chat', 'own');
    alerts.moved(RUN, canary(FAILED, [ref('chat', 'info', 'shared')]));
    await settled();
    assert.deepEqual(sent, ['shared.test error Rolling back podinfo.test: m']);
  });

  it('go to the controller’s own receivers where the canary names none, and not beside others', async () => {
    const globals = {
      slack: { type: 'slack', address: 'http://slack.test', proxy: 'http://proxy.test' },
      msteams: { type: 'msteams', address: 'http://teams.test' },
    } as const;
    const { alerts, sent, add, counts } = setUp({ globals });
    add('test/chat', 'own');
    alerts.moved(RUN, canary(FAILED, [ref('chat', 'info')]));
    await settled();
    assert.deepEqual(sent.splice(0), ['own.test error Rolling back podinfo.test: m']);
    alerts.moved(RUN, canary({ ...FAILED, ending: { ...FAILED.ending, reason: 'TargetMissing' } }));
    await settled();
    assert.deepEqual(sent, [
      'slack.test by http://proxy.test Rolling back podinfo.test: m',
      'teams.test podinfo.test: Rolling back podinfo.test: m',
    ]);
    const sentTo = (await counts()).filter((line) => line.includes('result="sent"'));
    assert.deepEqual(
      sentTo.map((line) => /provider="([^"]*)".* (\d+)/.exec(line)?.slice(1)),
      [
        ['test/chat', '1'],
        ['slack', '1'],
        ['msteams', '1'],
      ],
    );
  });

  it('without their provider are said to go nowhere, once until it has been there', async () => {
    const { alerts, said, add, providers, sent } = setUp();
    const refs = [ref('chat', 'info'), ref('chat', 'error')];
    const another: CanaryStatus = { ...RUN, startedAt: '2026-01-01T01:00:00Z' };
    alerts.moved({}, canary(RUN, refs));
    alerts.moved(RUN, canary(FAILED, refs));
    const text = 'Alerts of podinfo.test go nowhere: there is no AlertProvider test/chat';
    assert.deepEqual(said, [text]);
    add('test/chat', 'own');
    alerts.moved(FAILED, canary(another, refs));
    providers.clear();
    alerts.moved(another, canary({ ...another, ending: FAILED.ending }, refs));
    assert.deepEqual(said, [text, text]);
    await settled();
    assert.deepEqual(sent, []);
  });

  it('of a gate are told once for a step, though checks fail while it is closed', async () => {
    const { alerts, sent, add } = setUp();
    add('test/chat', 'own');
    const at = (status: CanaryStatus) => canary(status, [ref('chat', 'info')]);
    for (let round = 0; round < 3; round++) {
      alerts.moved(RUN, at(AT_GATE));
      alerts.moved(AT_GATE, at(RUN));
    }
    await settled();
    assert.equal(sent.length, 1);
    alerts.moved(RUN, at({ ...AT_GATE, step: 2 }));
    await settled();
    assert.equal(sent.length, 2);
  });

  it('are told of a status whose write was not answered, and that is there at the next look', async () => {
    const { alerts, sent, add } = setUp();
    add('test/chat', 'own');
    alerts.moved(RUN, canary(RUN, [ref('chat', 'info')]));
    for (let look = 0; look < 2; look++) alerts.moved(FAILED, canary(FAILED, [ref('chat', 'info')]));
    await settled();
    assert.deepEqual(sent, ['own.test error Rolling back podinfo.test: m']);
  });

  it('that cannot be made are nobody’s trouble but the log’s', () => {
    const { alerts, logged } = setUp({
      knownOf: () => {
        throw new TypeError('no');
      },
      globals: { msteams: { type: 'msteams', address: 'http://teams.test' } },
    });
    alerts.moved({}, canary(RUN));
    assert.deepEqual(logged, ['alerts could not be made, a defect of the controller']);
  });

  it('are counted from 0, and no more when the canary is gone', async () => {
    const { alerts, counts, add } = setUp();
    add('test/chat', 'own');
    const series = (result: string) =>
      `flagger_canary_alerts_total{name="podinfo",namespace="test",provider="test/chat",result="${result}"}`;
    alerts.moved(RUN, canary(RUN, [ref('chat', 'info')]));
    assert.deepEqual(await counts(), [`${series('sent')} 0`, `${series('dropped')} 0`]);
    alerts.moved(RUN, canary(FAILED, [ref('chat', 'info')]));
    await settled();
    assert.deepEqual(await counts(), [`${series('sent')} 1`, `${series('dropped')} 0`]);
    alerts.gone('test/podinfo');
    assert.deepEqual(await counts(), []);
    await alerts.close(0);
  });
});
