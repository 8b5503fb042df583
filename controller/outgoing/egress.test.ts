import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEgress, type EgressOptions } from './egress.ts';
import { parseIpRange } from './ip-range.ts';

const ranges = (...texts: readonly string[]) => texts.flatMap((text) => parseIpRange(text) ?? []);
const OWN = [
  { address: '10.96.0.1', what: 'an address of the API server' },
  { address: 'fd00::7%eth0', port: 8080, what: 'the controller itself' },
];
const egress = (given: Partial<EgressOptions> = {}) => createEgress({ allow: [], deny: [], own: () => OWN, ...given });

describe('createEgress()', () => {
  const DENIED: Readonly<Record<string, RegExp>> = {
    '127.0.0.1': /^127\.0\.0\.1 is loopback$/,
    '127.255.255.254': /loopback/,
    '::1': /^::1 is loopback$/,
    '::ffff:127.0.0.1': /loopback/,
    '64:ff9b::a9fe:a9fe': /link-local/,
    '169.254.169.254': /link-local, where cloud providers hand out credentials/,
    'fe80::1%eth0': /link-local/,
    'fd00:ec2::254': /metadata server/,
    '0.0.0.0': /unspecified/,
    '::': /unspecified/,
    '224.0.0.1': /multicast/,
    'ff02::1': /multicast/,
    '255.255.255.255': /reserved/,
    '10.96.0.1': /^10\.96\.0\.1 is an address of the API server$/,
    '::ffff:10.96.0.1': /API server/,
    'fd00::7': /the controller itself/,
  };
  for (const [address, why] of Object.entries(DENIED)) {
    it(`denies ${address} always`, () => assert.match(egress().refusal(address, 8080) ?? '', why));
  }

  it('lets all others through', () => {
    for (const address of ['10.0.0.1', '10.96.0.2', '192.168.1.1', '93.184.216.34', '2606:2800::1', '::2:0:0:1']) {
      assert.equal(egress().refusal(address, 8080), undefined, address);
    }
  });

  it('denies of an address that others have too only the port that is ours', () => {
    assert.equal(egress().refusal('fd00::7', 80), undefined);
    assert.match(egress().refusal('10.96.0.1', 80) ?? '', /API server/);
  });

  it('denies what it is told to, and allows parts of that', () => {
    const denying = egress({ deny: ranges('0.0.0.0/0'), allow: ranges('10.0.0.0/8') });
    const refusal = (address: string) => denying.refusal(address, 80);
    assert.equal(refusal('192.0.2.1'), '192.0.2.1 is in 0.0.0.0/0, which --egress-deny names');
    assert.equal(refusal('10.1.2.3'), undefined);
    assert.equal(refusal('::ffff:10.1.2.3'), undefined);
  });

  it('opens what is always denied only to a range that means it', () => {
    assert.match(egress({ allow: ranges('0.0.0.0/0', '::/0') }).refusal('127.0.0.1', 80) ?? '', /loopback/);
    assert.match(egress({ allow: ranges('10.0.0.0/8') }).refusal('10.96.0.1', 80) ?? '', /API server/);
    assert.equal(egress({ allow: ranges('10.96.0.1') }).refusal('10.96.0.1', 80), undefined);
    assert.equal(egress({ allow: ranges('127.0.0.0/8') }).refusal('::ffff:127.0.0.1', 80), undefined);
    assert.match(egress({ allow: ranges('127.0.0.1') }).refusal('127.0.0.2', 80) ?? '', /loopback/);
  });
});
