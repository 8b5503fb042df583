import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryWebhook } from '../../api/generated/canary.ts';
import { canaryWith, hookWith } from './hook-fixture.ts';
import { hookPayload } from './hook-payload.ts';

const plain = hookWith({});
const checksumOf = (status?: object) => hookPayload(canaryWith([], status), plain.hook, 'Progressing').checksum;
const at = new Date('2026-11-21T10:00:00.123Z');

describe('hookPayload()', () => {
  it('has the fields in Flagger’s order, and the texts by name', () => {
    const { canary, hook } = hookWith({ metadata: { type: 'bash', cmd: 'curl "http://a/?b=1&c=<d>"', Zone: 'grüße' } });
    assert.equal(
      JSON.stringify(hookPayload(canary, hook, 'Progressing')),
      `{"name":"podinfo","namespace":"test","phase":"Progressing","checksum":"${checksumOf()}",` +
        '"metadata":{"Zone":"grüße","cmd":"curl \\"http://a/?b=1&c=<d>\\"","type":"bash"}}',
    );
  });

  it('has no metadata where there is none', () => {
    for (const given of [{}, { metadata: {} }]) {
      const { canary, hook } = hookWith(given);
      assert.deepEqual(Object.keys(hookPayload(canary, hook, 'Waiting')), ['name', 'namespace', 'phase', 'checksum']);
    }
  });

  it('says of an event what nothing overrides', () => {
    const { canary, hook } = hookWith({ type: 'event', metadata: { eventType: 'Lie', timestamp: '0', room: 'ops' } });
    const event = { message: 'New revision detected', type: 'Warning', at } as const;
    assert.equal(
      JSON.stringify(hookPayload(canary, hook, 'Progressing', event).metadata),
      `{"eventMessage":"New revision detected","eventType":"Warning","room":"ops","timestamp":"${at.getTime()}"}`,
    );
    assert.equal(String(at.getTime()), '1795255200123');
  });

  it('sends a text of any name', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    const hook: CanaryWebhook = { ...plain.hook, metadata };
    const { metadata: sent } = hookPayload(plain.canary, hook, 'Progressing');
    assert.equal(JSON.stringify(sent), '{"__proto__":"a","constructor":"b"}');
  });

  it('has a checksum that fits into a label, the same for ever', () => {
    assert.equal(checksumOf(), 'd1e5b6603640a74ecc57a89e1bd8d7c7');
    assert.equal(checksumOf({}), checksumOf());
    assert.match(checksumOf(), /^[0-9a-f]{32}$/);
  });

  it('has another checksum for another revision and for other configs, in whatever order they stand', () => {
    const statuses = [
      {},
      { lastAppliedSpec: 'a' },
      { lastAppliedSpec: 'b' },
      { lastAppliedSpec: 'a', trackedConfigs: { 'configmap/x': '1' } },
      { lastAppliedSpec: 'a', trackedConfigs: { 'configmap/x': '2' } },
      { lastAppliedSpec: 'a', trackedConfigs: { 'configmap/x': '1', 'secret/y': '1' } },
    ];
    assert.equal(new Set(statuses.map(checksumOf)).size, statuses.length);
    assert.equal(
      checksumOf({ trackedConfigs: { 'secret/y': '1', 'configmap/x': '1' }, lastAppliedSpec: 'a', phase: 'Waiting' }),
      checksumOf(statuses[5]),
    );
  });
});
