import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ipBytes } from './ip-bytes.ts';
import { parseIpRange, rangesOf } from './ip-range.ts';

const isIn = (address: string, text: string): boolean => {
  const range = parseIpRange(text);
  assert.ok(range !== undefined, text);
  return rangesOf(address, [range]).length > 0;
};

describe('ipBytes()', () => {
  it('reads every notation that Node takes for an address', () => {
    assert.deepEqual(ipBytes('192.0.2.7'), [192, 0, 2, 7]);
    assert.deepEqual(ipBytes('::'), Array<number>(16).fill(0));
    assert.deepEqual(ipBytes('::1')?.at(-1), 1);
    assert.deepEqual(ipBytes('fe80::1%eth0'), ipBytes('fe80:0:0:0:0:0:0:1'));
    assert.deepEqual(ipBytes('64:ff9b::127.0.0.1'), ipBytes('64:ff9b::7f00:1'));
    assert.deepEqual(ipBytes('1:2:3:4:5:6:7:8'), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]);
    assert.deepEqual(ipBytes('1:2:3:4:5:6:7::'), ipBytes('1:2:3:4:5:6:7:0'));
  });

  it('is undefined for what is no address', () => {
    for (const text of ['', 'localhost', '127.1', '0x7f.0.0.1', '1.2.3', ':::', '1::2::3', '12345::']) {
      assert.equal(ipBytes(text), undefined, text);
    }
  });
});

describe('rangesOf()', () => {
  it('finds IPv4 as Node does', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, network, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits);
        assert.equal(isIn(address, `${network}/${bits}`), list.check(address));
      }),
    );
  });

  it('finds IPv6 as Node does', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, network, bits) => {
        if (ipBytes(address) === undefined || ipBytes(network) === undefined) return;
        if (/^(::|0:|64:|2002|2001)/i.test(network)) return;
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv6');
        assert.equal(isIn(address, `${network}/${bits}`), list.check(address, 'ipv6'));
      }),
    );
  });

  const CARRIED = [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:7F00:0001',
    '::ffff:0:127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2002:7f00:0001:ffff::1',
    '2001:0:4136:e378:8000:63bf:80ff:fffe',
  ];
  for (const address of CARRIED) {
    it(`finds the IPv4 address in ${address}`, () => {
      assert.equal(isIn(address, '127.0.0.0/8'), true);
      assert.equal(isIn(address, '10.0.0.0/8'), false);
    });
  }

  it('takes a range in IPv6 form for the IPv4 range that it is', () => {
    assert.equal(isIn('10.1.2.3', '::ffff:10.0.0.0/104'), true);
    assert.equal(isIn('11.1.2.3', '::ffff:10.0.0.0/104'), false);
  });
});

describe('parseIpRange()', () => {
  it('is undefined for what is no range', () => {
    for (const text of [
      '',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0/8',
      'fe80::1%1',
      '::/129',
      '10.0.0.0/-1',
    ]) {
      assert.equal(parseIpRange(text), undefined, text);
    }
  });
});
