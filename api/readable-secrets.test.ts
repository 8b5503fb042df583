import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlertProvider } from './generated/alert-provider.ts';
import type { Canary } from './generated/canary.ts';
import type { MetricTemplate } from './generated/metric-template.ts';
import { alertProviderHidesSecrets, canaryHidesSecrets, templateHidesSecrets } from './readable-secrets.ts';

describe('canaryHidesSecrets()', () => {
  const warned = (spec: object) => [...canaryHidesSecrets({ spec } as unknown as Canary)];

  it('warns of what proves who asks, and stands in the canary', () => {
    const headers = [
      { name: 'Authorization', value: 'Bearer x' },
      { name: 'X-Api-Key', value: 'x' },
      { name: 'X-Team', value: 'web' },
      { name: 'X-Auth-Token', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
      { name: 'Cookie', value: '' },
    ];
    const webhooks = [
      { name: 'gate', url: 'http://gate.test', headers },
      { name: 'load', url: 'http://a:b@load.test' },
    ];
    assert.deepEqual(
      warned({ metricsServer: 'http://a:b@prometheus:9090', analysis: { webhooks } }).map(({ path }) => path),
      [
        'spec.metricsServer',
        'spec.analysis.webhooks[0].headers[0].value',
        'spec.analysis.webhooks[0].headers[1].value',
        'spec.analysis.webhooks[1].url',
      ],
    );
    const [, header] = warned({ metricsServer: 'http://a:b@prometheus:9090', analysis: { webhooks } });
    assert.equal(
      header?.message,
      'can be read by everybody with the role view: put it into a Secret, and write its valueFrom',
    );
  });

  it('has nothing to say of a canary without', () => {
    assert.deepEqual(
      warned({ metricsServer: 'http://prometheus:9090', analysis: { webhooks: [{ name: 'by hand' }] } }),
      [],
    );
  });
});

describe('templateHidesSecrets()', () => {
  it('warns of a password in the address, and of a header that proves who asks', () => {
    const provider = { address: 'https://a:b@prometheus', headers: { 'X-Scope-OrgID': ['1'], Authorization: ['x'] } };
    const found = [...templateHidesSecrets({ spec: { provider } } as unknown as MetricTemplate)];
    assert.deepEqual(
      found.map(({ path }) => path),
      ['spec.provider.address', 'spec.provider.headers.Authorization'],
    );
  });
});

describe('alertProviderHidesSecrets()', () => {
  const paths = (spec: object) => [...alertProviderHidesSecrets({ spec } as AlertProvider)].map(({ path }) => path);

  it('warns of the address of a chat, which is a secret itself, and of passwords', () => {
    assert.deepEqual(paths({ type: 'slack', address: 'https://hooks.slack.com/services/T0/B0/x' }), ['spec.address']);
    assert.deepEqual(paths({ type: 'webhook', address: 'http://a:b@hooks', proxy: 'http://a:b@proxy' }), [
      'spec.address',
      'spec.proxy',
    ]);
  });

  it('has nothing to say of one that names a Secret, or of a plain receiver', () => {
    assert.deepEqual(paths({ type: 'slack', secretRef: { name: 'slack' }, proxy: 'http://proxy:3128' }), []);
    assert.deepEqual(paths({ type: 'webhook', address: 'http://hooks.test' }), []);
  });
});
