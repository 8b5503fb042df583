import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { judgeConfiguration, judgeServing } from './certificates.ts';

/** Until 2027-01-01. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBATCBqAIBATAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAeFw0yNjAxMDEw
MDAwMDBaFw0yNzAxMDEwMDAwMDBaMA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAE5FVQN+kbON9ueP6iAHUcIc/jp/gs/58s3XI9dbd2h9L4
wm6K/0TDIG3KepP7Xy+rjZymY1pFezYTPXs13FDnnTAKBggqhkjOPQQDAgNIADBF
AiEAunJ5mOeRjlkM8OGan8+61lL0plpTFy1BevQK5odYOLcCIFjBC4WQQya3PY2I
mzlriVjFn1rAcLofPCQKbAdnDTQ2
-----END CERTIFICATE-----
`;
/** Issued by that one, until 2026-04-01. */
const SERVING = `-----BEGIN CERTIFICATE-----
MIIBBDCBqgIBAjAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAeFw0yNjAxMDEw
MDAwMDBaFw0yNjA0MDEwMDAwMDBaMA8xDTALBgNVBAMMBGxlYWYwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAARcTZhTW9BlNIclWLr603MwndC18liF7T64kSkxdAqv
pHd0kJA4Q8LPXEgEGiCLvlNGT4MR1TsY4mW1JiQYS/GsMAoGCCqGSM49BAMCA0kA
MEYCIQDhyMcZDFQxxiA9mDkDxdnNV8xSg5aZRTvHzXGAyZfKZwIhAP6xoqap4gcd
G9yqsd/iebcLWGs/17xpSEnbHemgo634
-----END CERTIFICATE-----
`;
const encoded = (pem: string) => Buffer.from(pem).toString('base64');
const on = (day: string) => new Date(`${day}T12:00:00Z`);
const configured = (...bundles: readonly string[]) => ({
  kind: 'found' as const,
  value: {
    webhooks: bundles.map((pem) => ({ name: 'a', failurePolicy: 'Ignore', clientConfig: { caBundle: encoded(pem) } })),
  },
});

describe('the certificate that the webhook serves with', () => {
  const authorities = [new X509Certificate(AUTHORITY)];

  it('is right while it is trusted and not near its end', () => {
    const { verdict, text } = judgeServing(encoded(SERVING), authorities, on('2026-03-01'));
    assert.deepEqual([verdict, text], ['ok', 'is valid until 2026-04-01']);
  });

  it('is looked at near its end, and wrong after it', () => {
    assert.equal(judgeServing(encoded(SERVING), authorities, on('2026-03-28')).verdict, 'warn');
    assert.equal(judgeServing(encoded(SERVING), authorities, on('2026-04-02')).verdict, 'fail');
  });

  it('is wrong where it is not there, or from somebody else', () => {
    assert.equal(judgeServing(undefined, authorities, on('2026-03-01')).verdict, 'fail');
    assert.equal(judgeServing(encoded('no certificate'), authorities, on('2026-03-01')).verdict, 'fail');
    const others = [new X509Certificate(SERVING)];
    assert.match(judgeServing(encoded(SERVING), others, on('2026-03-01')).text, /does not trust/);
  });
});

describe('a webhook configuration', () => {
  it('has an authority in each webhook, of which the last to end counts', () => {
    const both = judgeConfiguration('validating', configured(SERVING + AUTHORITY, AUTHORITY), on('2026-05-01'));
    assert.deepEqual(
      [both.verdict, both.text],
      ['ok', 'failurePolicy Ignore, its authority is valid until 2027-01-01'],
    );
    const none = judgeConfiguration('mutating', configured(AUTHORITY, ''), on('2026-05-01'));
    assert.deepEqual([none.verdict, none.text], ['fail', 'it has no caBundle: the API server trusts nobody']);
  });

  it('is wrong where it is not there, and not asked about by who may not', () => {
    assert.equal(judgeConfiguration('mutating', { kind: 'missing' }, on('2026-05-01')).verdict, 'fail');
    assert.equal(judgeConfiguration('mutating', { kind: 'forbidden' }, on('2026-05-01')).verdict, 'skip');
  });
});
